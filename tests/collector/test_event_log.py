"""The contract of an event log, over every implementation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from recommndr import topics
from recommndr.kafka_access import KafkaAccess
from recommndr_collector.event_log import EventLog, InMemoryEventLog, NotAcknowledged, Record, RecordTooLarge
from recommndr_collector.in_flight import Bounds
from recommndr_collector.kafka_log import KafkaEventLog
from tests.topic_records import topic_records

ReadBack = Callable[[bytes], list[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]]


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.integration)])
async def log_and_reader(request: pytest.FixtureRequest) -> AsyncIterator[tuple[EventLog, ReadBack]]:
    if request.param == "memory":
        log = InMemoryEventLog()
        yield log, lambda key: [(record.value, record.headers) for record in log.records if record.key == key]
        return
    kafka = KafkaAccess(request.getfixturevalue("kafka_bootstrap"))
    on_kafka = KafkaEventLog(kafka, [topics.EVENTS.name])
    await on_kafka.connect()
    yield on_kafka, lambda key: read_back(kafka, key)
    await on_kafka.close()


def read_back(kafka: KafkaAccess, key: bytes) -> list[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]:
    return [(one.value, tuple(one.headers)) for one in topic_records(kafka, topics.EVENTS) if one.key == key]


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
