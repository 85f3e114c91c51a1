"""Sources and sink on a real Kafka, by plain SQL connectors: raw bytes in, raw bytes out."""

from collections.abc import Sequence
from pathlib import Path

from pyflink.table import StreamTableEnvironment

from recommndr.kafka_access import KafkaAccess
from recommndr.private_file import write_private
from recommndr.topics import (
    DEAD_LETTER,
    EVENTS,
    GENERATIONS,
    HEADER_EVENT_ID,
    HEADER_TENANT,
    ITEM_FEATURES,
    NOTES,
    OUTCOMES,
    SEEDS,
    SEGMENT_FEATURES,
    SHOPPER_ROWS,
    Topic,
)

EVENTS_VIEW = "events"
SEEDS_VIEW = "seeds"
SINK = "outbox"
_SHADED = "org.apache.flink.kafka.shaded."  # where the connector's jar has Kafka's classes
_FROM_FILE = f"{_SHADED}org.apache.kafka.common.config.provider.FileConfigProvider"
_LOGIN = "login"
READ = (EVENTS, SEEDS, GENERATIONS, NOTES)
WRITTEN = (*SHOPPER_ROWS, ITEM_FEATURES, SEGMENT_FEATURES, OUTCOMES, NOTES, DEAD_LETTER)

# From the earliest kept record, not from the seeds' offsets: events that the seeds contain are dropped unread, but must pass
# the dedupe, or a repeat sent after the seeds' offsets would be folded a second time.
_SOURCE = """
CREATE TEMPORARY TABLE {name}_log (
    `key` BYTES,
    `value` BYTES,
    `partition` INT METADATA VIRTUAL,
    `offset` BIGINT METADATA VIRTUAL,
    `topic` STRING METADATA VIRTUAL,
    headers MAP<STRING, BYTES> METADATA VIRTUAL
) WITH (
    'connector' = 'kafka',
    'topic' = '{topics}',
    {access},
    'properties.group.id' = 'recommndr-flink',
    'properties.commit.offsets.on.checkpoint' = 'false',
    'properties.fetch.max.wait.ms' = '50',
    'properties.max.partition.fetch.bytes' = '4194304',
    'scan.startup.mode' = 'earliest-offset',
    'key.format' = 'raw', 'key.fields' = 'key',
    'value.format' = 'raw', 'value.fields-include' = 'EXCEPT_KEY'
)"""

_VIEW = """
CREATE TEMPORARY VIEW {name} AS SELECT
    `topic`, `partition`, `offset`, `key`, `value`,
    CAST(headers['{event_id}'] AS STRING) AS event_id,
    CAST(headers['{tenant}'] AS STRING) AS tenant,
    PROCTIME() AS seen_at, PROCTIME() AS packed_at
FROM {name}_log"""

_SINK = """
CREATE TEMPORARY TABLE {name} (
    `topic` STRING NOT NULL METADATA,
    `key` BYTES,
    `value` BYTES,
    headers MAP<STRING, BYTES> METADATA
) WITH (
    'connector' = 'kafka',
    'topic' = '{topics}',
    {access},
    'sink.delivery-guarantee' = 'at-least-once',
    'key.format' = 'raw', 'key.fields' = 'key',
    'value.format' = 'raw', 'value.fields-include' = 'EXCEPT_KEY'
)"""


def table_options(kafka: KafkaAccess, login_file: Path) -> str:
    """Options of the tables by which Flink reaches Kafka.

    They become part of the job, which Flink stores and shows. So they name the file that holds the login, and Kafka's client
    reads it there when it connects.
    """
    properties = kafka.java_properties(f"${{file:{login_file.resolve()}:{_LOGIN}}}")
    if kafka.logs_in:
        escaped = kafka.jaas_line(_SHADED).replace("\\", "\\\\")
        write_private(login_file, f"{_LOGIN}={escaped}")
        properties |= {"config.providers": "file", "config.providers.file.class": _FROM_FILE}
    return ",\n    ".join(f"'properties.{key}' = '{value}'" for key, value in properties.items())


def create_sources(tables: StreamTableEnvironment, access: str) -> None:
    """Create `EVENTS_VIEW` and `SEEDS_VIEW`, which has all that is read without removing repeats."""
    for name, topics in ((EVENTS_VIEW, (EVENTS,)), (SEEDS_VIEW, READ[1:])):
        _create_source(tables, name, topics, access)


def _create_source(tables: StreamTableEnvironment, name: str, topics: Sequence[Topic], access: str) -> None:
    joined = ";".join(topic.name for topic in topics)
    tables.execute_sql(_SOURCE.format(name=name, topics=joined, access=access))
    tables.execute_sql(_VIEW.format(name=name, event_id=HEADER_EVENT_ID, tenant=HEADER_TENANT))


def create_sink(tables: StreamTableEnvironment, access: str) -> None:
    """Create `SINK`, which writes each record to the topic it names."""
    topics = ";".join(topic.name for topic in WRITTEN)
    tables.execute_sql(_SINK.format(name=SINK, topics=topics, access=access))
