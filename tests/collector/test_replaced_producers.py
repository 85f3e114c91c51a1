"""One failed record replaces the producer, and nobody else notices: producers here answer when a test says so."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from recommndr.kafka_access import KafkaAccess
from recommndr_collector.event_log import NotAcknowledged, Record
from recommndr_collector.in_flight import Bounds
from recommndr_collector.kafka_log import KafkaEventLog
from recommndr_collector.kafka_producer import Answered, ProducerError
from tests.patience import PATIENCE_S


@dataclass
class Sent:
    record: bytes
    answered: Answered

    def acknowledge(self) -> None:
        self.answered(None)

    def fail(self) -> None:
        self.answered(RuntimeError("lost"))


@dataclass
class Producer:
    sent: list[Sent] = field(default_factory=list)
    takes_records: bool = True
    closed: threading.Event = field(default_factory=threading.Event)

    def send(
        self, topic: str, value: bytes | None, *, key: bytes, headers: Sequence[tuple[str, bytes]], answered: Answered
    ) -> None:
        assert not self.closed.is_set()
        if not self.takes_records:
            raise ProducerError("fenced")
        self.sent.append(Sent(value or b"", answered))

    def close(self, timeout: float) -> None:
        self.closed.set()


@dataclass
class Broker:
    """Hands out producers, and none while it is away."""

    producers: list[Producer] = field(default_factory=list)
    there: threading.Event = field(default_factory=threading.Event)

    def connect(self, kafka: KafkaAccess, topics: Sequence[str]) -> Producer:
        self.there.wait(10)
        self.producers.append(Producer())
        return self.producers[-1]


def record(value: bytes, tenant: str = "grocer") -> Record:
    return Record("t", f"{tenant}|u".encode(), value)


async def opened(broker: Broker, bounds: Bounds | None = None, answer_within_s: float = 60.0) -> KafkaEventLog:
    log = KafkaEventLog(KafkaAccess("nowhere"), ["t"], bounds, broker.connect, answer_within_s)
    broker.there.set()
    await log.connect()
    return log


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not met():  # noqa: ASYNC110 - what is waited for happens on threads
            await asyncio.sleep(0)


async def test_what_the_old_producer_still_holds_is_answered_by_it() -> None:
    broker = Broker()
    log = await opened(broker)
    lost, kept = log.append(record(b"lost")), log.append(record(b"kept", "books"))
    old = broker.producers[0]
    old.sent[0].fail()
    with pytest.raises(NotAcknowledged):
        await lost
    await until(lambda: len(broker.producers) == 2)
    await until(lambda: goes_to_the_new_one(log, broker))
    await asyncio.to_thread(lambda: None)  # where a producer is closed, too
    assert not old.closed.is_set()
    old.sent[1].acknowledge()
    await kept
    await until(old.closed.is_set)
    await until(lambda: log.in_flight.n_records == 0)
    await log.close()


def goes_to_the_new_one(log: KafkaEventLog, broker: Broker) -> bool:
    log.append(record(b"probe")).cancel()
    old, new = broker.producers
    for sent in (*old.sent[2:], *new.sent):
        sent.acknowledge()
    return bool(new.sent)


async def test_until_there_is_a_new_one_records_go_to_the_old_one() -> None:
    broker = Broker()
    log = await opened(broker)
    broker.there.clear()
    failed = log.append(record(b"lost"))
    broker.producers[0].sent[0].fail()
    with pytest.raises(NotAcknowledged):
        await failed
    between = log.append(record(b"between", "books"))
    assert [sent.record for sent in broker.producers[0].sent] == [b"lost", b"between"]
    broker.there.set()
    await until(lambda: len(broker.producers) == 2)
    broker.producers[0].sent[1].acknowledge()
    await between
    await until(broker.producers[0].closed.is_set)
    after = log.append(record(b"after"))
    assert [sent.record for sent in broker.producers[1].sent] == [b"after"]
    broker.producers[1].sent[0].acknowledge()
    await after
    await log.close()


async def test_records_that_fail_together_replace_the_producer_once() -> None:
    broker = Broker()
    log = await opened(broker)
    lost = [log.append(record(b"x")) for _ in range(20)]
    for sent in broker.producers[0].sent:
        sent.fail()
    assert all(isinstance(one, NotAcknowledged) for one in await asyncio.gather(*lost, return_exceptions=True))
    await until(broker.producers[0].closed.is_set)
    assert len(broker.producers) == 2
    await log.close()


async def test_a_producer_that_does_not_answer_gets_no_more_records() -> None:
    broker = Broker()
    log = await opened(broker, answer_within_s=0.0)
    broker.there.clear()
    with pytest.raises(NotAcknowledged) as raised:
        await log.append(record(b"unanswered"))
    assert raised.value.reason == "not_acknowledged"
    await refused_until_there_is_another(log, broker)


async def test_a_producer_that_takes_no_more_records_is_replaced() -> None:
    broker = Broker()
    log = await opened(broker)
    broker.producers[0].takes_records = False
    with pytest.raises(NotAcknowledged) as raised:
        await log.append(record(b"fenced"))
    assert raised.value.reason == "not_acknowledged"
    await until(broker.producers[0].closed.is_set)
    after = log.append(record(b"after"))
    broker.producers[1].sent[0].acknowledge()
    await after
    assert log.in_flight.n_records == 0
    await log.close()


async def refused_until_there_is_another(log: KafkaEventLog, broker: Broker) -> None:
    for outcome in await asyncio.gather(*(log.append(record(b"more")) for _ in range(20)), return_exceptions=True):
        assert isinstance(outcome, NotAcknowledged)
        assert outcome.reason == "disconnected"
    assert len(broker.producers[0].sent) == 1
    assert not log.ready
    broker.there.set()
    await until(lambda: log.ready)
    await until(broker.producers[0].closed.is_set)
    after = log.append(record(b"after"))
    broker.producers[1].sent[0].acknowledge()
    await after
    await log.close()


async def test_a_new_producer_that_fails_is_replaced_while_the_one_before_it_still_has_records() -> None:
    broker = Broker()
    log = await opened(broker)
    lost, kept = log.append(record(b"lost")), log.append(record(b"kept"))
    broker.producers[0].sent[0].fail()
    await until(lambda: len(broker.producers) == 2)
    await until(lambda: goes_to_the_new_one(log, broker))
    lost_too = log.append(record(b"lost too"))
    broker.producers[1].sent[-1].fail()
    await until(lambda: len(broker.producers) == 3)
    broker.producers[0].sent[1].acknowledge()
    await kept
    for failed in (lost, lost_too):
        with pytest.raises(NotAcknowledged):
            await failed
    await until(lambda: broker.producers[0].closed.is_set() and broker.producers[1].closed.is_set())
    await log.close()


async def test_closing_while_a_producer_is_given_up_closes_it() -> None:
    broker = Broker()
    log = await opened(broker, answer_within_s=0.0)
    broker.there.clear()
    with pytest.raises(NotAcknowledged):
        await log.append(record(b"unanswered"))
    await log.close()
    assert broker.producers[0].closed.is_set()
    broker.there.set()


async def test_whoever_leaves_takes_its_room_with_it_when_the_answer_comes() -> None:
    broker = Broker()
    log = await opened(broker)
    log.append(record(b"x")).cancel()
    await asyncio.sleep(0)
    assert log.in_flight.n_records == 1
    broker.producers[0].sent[0].acknowledge()
    await until(lambda: log.in_flight.n_records == 0)
    assert log.in_flight.n_bytes == 0
    await log.close()


async def test_a_tenant_that_has_all_it_may_have_in_flight_leaves_room_for_others() -> None:
    broker = Broker()
    log = await opened(broker, Bounds(n_records=8, n_bytes=1_000))
    greedy = [log.append(record(b"x")) for _ in range(5)]
    with pytest.raises(NotAcknowledged, match="of tenant grocer") as raised:
        await greedy[-1]
    assert raised.value.reason == "share_used"
    large = log.append(record(b"x" * 600, "books"))
    with pytest.raises(NotAcknowledged, match="0 bytes of tenant books") as raised:
        await large
    assert raised.value.reason == "overloaded"
    others = [log.append(record(b"x", "books")) for _ in range(3)]
    with pytest.raises(NotAcknowledged, match="of tenant books"):
        await others[-1]
    third = log.append(record(b"x", "toys"))
    for sent in broker.producers[0].sent:
        sent.acknowledge()
    await asyncio.gather(*greedy[:4], *others[:2], third)
    assert (log.in_flight.n_records, log.in_flight.n_bytes) == (0, 0)
    await log.close()
