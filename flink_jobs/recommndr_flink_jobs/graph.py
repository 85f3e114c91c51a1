"""The job graph. The caller passes sources and sinks: two views of raw records in, one stream of `RECORD` rows out."""

from pyflink.common import Types
from pyflink.datastream import DataStream
from pyflink.table import StreamTableEnvironment

from recommndr_flink_jobs.announcements import Announcements, nothing
from recommndr_flink_jobs.operators import LIFTED, RECORD, Fold, Lift
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.sizes import Size

# States of another graph version are not read: the job then starts from seeds. Raise it with every change of operators,
# SQL or state formats.
GRAPH_VERSION = 12

_RECORD = "`topic` STRING, `partition` INT, `offset` BIGINT, `key` BYTES, `value` BYTES, event_id STRING, tenant STRING"

# Events of 96 hours are known by a digest of 16 bytes: tenant and event_id as text would take 64, and there may be a billion.
# Columns of both views: topic, partition, offset, key, value, event_id, tenant, seen_at (processing time) and packed_at
# (processing time, or event time where the input is bounded: timers of processing time do not fire at its end).
_PACKS = """
WITH known_by AS (
    SELECT *, UNHEX(MD5(CONCAT_WS('|', tenant,
        COALESCE(event_id, CONCAT_WS(':', CAST(`partition` AS STRING), CAST(`offset` AS STRING)))))) AS digest
    FROM {events}
),
once AS (
    SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY digest ORDER BY seen_at ASC) AS copy FROM known_by)
    WHERE copy = 1
),
inbox AS (
    SELECT `topic`, `partition`, `offset`, `key`, `value`, event_id, tenant, packed_at FROM once
    UNION ALL
    SELECT `topic`, `partition`, `offset`, `key`, `value`, event_id, tenant, packed_at FROM {seeds}
),
laned AS (SELECT *, `offset` / {pack_records} AS lane FROM inbox)
SELECT ARRAY_AGG(CAST(ROW(`topic`, `partition`, `offset`, `key`, `value`, event_id, tenant) AS ROW<{record}>)) AS pack
FROM TABLE(TUMBLE(TABLE laned, DESCRIPTOR(packed_at), INTERVAL '{pack_s}' SECOND))
GROUP BY `topic`, `partition`, lane, window_start, window_end
"""


def build(
    tables: StreamTableEnvironment,
    views: tuple[str, str],
    origin: Origin,
    policies: Policies,
    size: Size,
    announcements: Announcements = nothing,
) -> DataStream:
    """Events and seeds (names of their `views`) to the records of features and dead letters.

    `announcements` is called in each worker when it starts.
    """
    events, seeds = views
    query = _PACKS.format(
        events=events, seeds=seeds, record=_RECORD, pack_records=size.pack_records, pack_s=size.pack_ms / 1_000
    )
    packs = tables.to_data_stream(tables.sql_query(query))
    return (
        packs.flat_map(Lift(origin, policies.own_kinds), output_type=LIFTED)
        .name("lift")
        .uid("lift")
        .key_by(lambda lifted: lifted[0], key_type=Types.INT())
        .process(Fold(policies, origin, size.recent_entities, announcements), output_type=RECORD)
        .name("fold")
        .uid("fold")
    )
