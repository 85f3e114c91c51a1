"""The graph on a mini-cluster, with collections for sources and sinks."""

import random
from pathlib import Path

import pytest
from making import OWN_KINDS, TENANT, anew, event, is_the_replay, newest, raw
from pyflink.common import Types
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import Schema, StreamTableEnvironment

from recommndr.dead_letter import DeadLetter
from recommndr.topics import DEAD_LETTER, EVENTS, PARTITIONS, USER_FEATURES
from recommndr_flink_jobs import environment, graph
from recommndr_flink_jobs.buckets import LABELS, MAX_PARALLELISM
from recommndr_flink_jobs.entity_updates import Record
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.rest import Rest
from recommndr_flink_jobs.route import Raw
from recommndr_flink_jobs.sizes import SIZES

pytestmark = pytest.mark.integration

_BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
_RAW = Types.ROW_NAMED(
    list(Raw._fields), [Types.STRING(), Types.INT(), Types.LONG(), _BYTES, _BYTES, Types.STRING(), Types.STRING()]
)


def view(flink: StreamExecutionEnvironment, tables: StreamTableEnvironment, name: str, records: list[Raw]) -> str:
    """A source view for `graph.build`, packed by event time: processing-time timers do not fire when bounded input ends."""
    types = {"topic": "STRING", "partition": "INT", "offset": "BIGINT", "key": "BYTES", "value": "BYTES"}
    schema = Schema.new_builder()
    for column in Raw._fields:
        schema = schema.column(column, types.get(column, "STRING"))
    schema = (
        schema.column_by_expression("seen_at", "PROCTIME()")
        .column_by_expression("packed_at", "TO_TIMESTAMP_LTZ(0, 3)")
        .watermark("packed_at", "packed_at")
    )
    tables.create_temporary_view(name, flink.from_collection(records, _RAW), schema.build())
    return name


def python_bytes(of_java: list[int]) -> bytes:
    """Collected bytes are signed."""
    return bytes(one & 0xFF for one in of_java)


def test_repeats_disorder_garbage_and_seeds_come_to_the_replay(flink_folders: Folders, jars: Path, free_port: int) -> None:
    history = [
        event(number, f"u{number % 5}", (f"i{number % 7}", "i1"), ("view", "purchase", "apply")[number % 3], number)
        for number in range(1, 61)
    ]
    origin, seeds = anew(history[:20], 1, (20,) * PARTITIONS)
    records = [raw(one, offset, offset % 2) for offset, one in enumerate(history)]
    garbage = records[0]._replace(offset=900, value=b"\xff garbage", event_id="x")
    headless = records[0]._replace(offset=901, event_id=None, tenant=None)
    same_id = raw(history[30].model_copy(update={"tenant": "other", "user_id": "stranger"}), 902)  # no repeat: another shop's
    delivered = records * 2 + [garbage, headless, same_id]
    random.Random(7).shuffle(delivered)
    rest = Rest("127.0.0.1", free_port, flink_folders.root / "identity.pem")
    made = environment.configuration(flink_folders, flink_folders.checkpoints / "graph", rest, SIZES["small"], None)
    flink, tables = environment.open_tables(made, jars)
    stream = graph.build(
        tables,
        (view(flink, tables, "events", delivered), view(flink, tables, "seeds", seeds)),
        origin,
        Policies(own_kinds={TENANT: OWN_KINDS}),
        SIZES["small"],
    )
    with stream.execute_and_collect() as rows:
        written = [Record(row[0], python_bytes(row[1]), python_bytes(row[2])) for row in rows]
    states = newest(written)
    is_the_replay({key: value for key, value in states.items() if key[1].startswith(f"{TENANT}|")}, history)
    assert (USER_FEATURES.name, "other|stranger") in states
    letters = [DeadLetter.from_bytes(record.value) for record in written if record.topic == DEAD_LETTER.name]
    assert sorted((letter.topic, letter.offset) for letter in letters) == [(EVENTS.name, 900), (EVENTS.name, 901)]


def test_buckets_spread_evenly_over_subtasks(flink_folders: Folders) -> None:
    """With Flink's own hash of a Python key."""
    java = get_gateway().jvm.org.apache.flink
    groups = []
    for label in LABELS:
        row = java.types.Row(1)
        row.setField(0, label)
        groups.append(java.runtime.state.KeyGroupRangeAssignment.assignToKeyGroup(row, MAX_PARALLELISM))
    assert [group * len(LABELS) // MAX_PARALLELISM for group in groups] == list(range(len(LABELS)))
