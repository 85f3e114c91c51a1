"""The contract of an event log, over every implementation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from uuid import uuid4

import msgpack
import pytest
from kafka.partitioner.default import murmur2

from recommndr import topics
from recommndr.kafka_access import KafkaAccess
from recommndr_collector.event_log import EventLog, InMemoryEventLog, NotAcknowledged, Record, RecordTooLarge
from recommndr_collector.in_flight import Bounds
from recommndr_collector.kafka_log import KafkaEventLog
from recommndr_collector.kafka_producer import ProducerError, connected
from recommndr_one_process.database import Database
from recommndr_one_process.event_log import SqliteEventLog
from tests.topic_records import topic_records

ReadBack = Callable[[bytes], list[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]]


@pytest.fixture(params=["memory", "sqlite", pytest.param("kafka", marks=pytest.mark.integration)])
async def log_and_reader(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[EventLog, ReadBack]]:
    if request.param == "memory":
        log = InMemoryEventLog()
        yield log, lambda key: [(record.value, record.headers) for record in log.records if record.key == key]
        return
    if request.param == "sqlite":
        database = Database(tmp_path / "shop.sqlite")
        on_sqlite = SqliteEventLog(database)
        yield on_sqlite, partial(read_table, database)
        on_sqlite.close()
        return
    kafka = KafkaAccess(request.getfixturevalue("kafka_bootstrap"))
    on_kafka = KafkaEventLog(kafka, [topics.EVENTS.name])
    await on_kafka.connect()
    yield on_kafka, lambda key: read_back(kafka, key)
    await on_kafka.close()


def read_back(kafka: KafkaAccess, key: bytes) -> list[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]:
    return [(one.value, tuple(one.headers)) for one in topic_records(kafka, topics.EVENTS) if one.key == key]


def read_table(database: Database, key: bytes) -> list[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]:
    with closing(database.connect()) as connection:
        found = connection.execute("SELECT value, headers FROM log WHERE key = ? ORDER BY offset", (key,)).fetchall()
    return [(value, tuple(map(tuple, msgpack.unpackb(headers)))) for value, headers in found]


async def test_what_is_acknowledged_can_be_read_in_order_per_key(log_and_reader: tuple[EventLog, ReadBack]) -> None:
    log, read = log_and_reader
    key = f"grocer|{uuid4()}".encode()
    sent = [Record(topics.EVENTS.name, key, str(n).encode(), (("kind", b"click"),)) for n in range(300)]
    assert log.ready
    await asyncio.gather(*(log.append(record) for record in sent))
    assert await asyncio.to_thread(read, key) == [(record.value, record.headers) for record in sent]


async def test_a_record_without_value_is_written_as_such(log_and_reader: tuple[EventLog, ReadBack]) -> None:
    log, read = log_and_reader
    key = f"grocer|{uuid4()}".encode()
    await log.append(Record(topics.EVENTS.name, key, None))
    assert await asyncio.to_thread(read, key) == [(None, ())]


async def test_a_record_that_is_too_large_is_refused(log_and_reader: tuple[EventLog, ReadBack]) -> None:
    log, _ = log_and_reader
    with pytest.raises(RecordTooLarge, match="expected at most"):
        await log.append(Record(topics.EVENTS.name, b"t|k", b"x" * 1_000_001))


async def test_a_log_that_never_connected_says_that_it_does_not_know() -> None:
    log = KafkaEventLog(KafkaAccess("127.0.0.1:9"), [topics.EVENTS.name])
    assert not log.ready
    with pytest.raises(NotAcknowledged) as raised:
        await log.append(Record(topics.EVENTS.name, b"t|k", b"v"))
    assert raised.value.reason == "disconnected"
    await log.close()


async def test_what_waits_for_the_disk_is_bounded(tmp_path: Path) -> None:
    log = SqliteEventLog(Database(tmp_path / "shop.sqlite"), bounds=Bounds(n_records=20))  # of which one tenant may have half
    appended = [log.append(Record(topics.EVENTS.name, b"bounded|u", b"v")) for _ in range(11)]  # the loop does not run between
    outcomes = await asyncio.gather(*appended, return_exceptions=True)
    assert outcomes[:10] == [None] * 10
    assert isinstance(outcomes[10], NotAcknowledged)
    assert outcomes[10].reason == "share_used"
    log.close()


async def test_what_is_on_disk_is_acknowledged_though_nobody_can_take_note_of_it(tmp_path: Path) -> None:
    def fails(_: object) -> None:
        raise RuntimeError("no memory")

    log = SqliteEventLog(Database(tmp_path / "shop.sqlite"), fails)
    for _ in range(2):
        await log.append(Record(topics.EVENTS.name, b"t|k", b"v"))
    assert log.ready
    log.close()


async def test_a_closed_log_says_that_it_does_not_write(tmp_path: Path) -> None:
    log = SqliteEventLog(Database(tmp_path / "shop.sqlite"))
    log.close()
    assert not log.ready
    with pytest.raises(NotAcknowledged) as raised:
        await log.append(Record(topics.EVENTS.name, b"t|k", b"v"))
    assert raised.value.reason == "disconnected"


@pytest.mark.integration
async def test_what_waits_for_the_broker_is_bounded(kafka_bootstrap: str) -> None:
    log = KafkaEventLog(
        KafkaAccess(kafka_bootstrap), [topics.EVENTS.name], Bounds(n_records=20)
    )  # of which one tenant may have half
    await log.connect()
    appended = [log.append(Record(topics.EVENTS.name, b"bounded|u", b"v")) for _ in range(11)]  # the loop does not run between
    outcomes = await asyncio.gather(*appended, return_exceptions=True)
    assert outcomes[:10] == [None] * 10
    assert isinstance(outcomes[10], NotAcknowledged)
    assert outcomes[10].reason == "share_used"
    await log.close()


@pytest.mark.integration
async def test_keys_go_where_every_other_client_puts_them(kafka_bootstrap: str) -> None:
    """Otherwise a shopper's events would change their partition, and with it their order, when the client changes."""
    log = KafkaEventLog(KafkaAccess(kafka_bootstrap), [topics.EVENTS.name])
    await log.connect()
    keys = [f"grocer|ü{uuid4()}".encode() for _ in range(64)]
    await asyncio.gather(*(log.append(Record(topics.EVENTS.name, key, b"v")) for key in keys))
    await log.close()
    found = await asyncio.to_thread(topic_records, KafkaAccess(kafka_bootstrap), topics.EVENTS)
    by_key = {one.key: one.partition for one in found}
    assert {key: by_key[key] for key in keys} == {key: murmur2(key) % 2**31 % topics.EVENTS.partitions for key in keys}


@pytest.mark.integration
def test_a_producer_without_a_broker_or_a_topic_is_no_producer(kafka_bootstrap: str) -> None:
    with pytest.raises(ProducerError, match="topics \\['no-such-topic'\\] are missing"):
        connected(KafkaAccess(kafka_bootstrap), [topics.EVENTS.name, "no-such-topic"])
    with pytest.raises(ProducerError):
        connected(KafkaAccess("127.0.0.1:9"), [topics.EVENTS.name])


@pytest.mark.integration
def test_a_closed_producer_has_answered_every_record(kafka_bootstrap: str) -> None:
    producer = connected(KafkaAccess(kafka_bootstrap), [topics.EVENTS.name])
    answers: list[Exception | None] = []
    for _ in range(200):
        producer.send(topics.EVENTS.name, b"v", key=b"grocer|u", headers=(), answered=answers.append)
    producer.close(0)  # no time to send any
    assert len(answers) == 200
