"""The collector knows which items there are, in little memory, and up to the moment it is asked."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.kafka_access import KafkaAccess
from recommndr_background.loops import Loops
from recommndr_collector import known_items
from recommndr_collector.catalogue_tail import CatalogueTail
from recommndr_collector.catalogue_view import CatalogueUnread
from recommndr_collector.event_log import Record
from recommndr_collector.kafka_log import KafkaEventLog
from recommndr_collector.known_items import KnownItems

changes = st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=120)


@settings(deadline=None)
@given(changes=changes, every=st.integers(1, 10))
def test_it_holds_what_was_put_last(changes: list[tuple[int, bool]], every: int) -> None:
    known, expected = KnownItems(), set()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(known_items, "_MAX_CHANGES", every)
        for number, present in changes:
            known.put(b"%d" % number, present)
            (expected.add if present else expected.discard)(number)
    assert {number for number in range(31) if b"%d" % number in known} == expected
    assert len(known) == len(expected)


def test_a_hundred_thousand_items_take_under_a_megabyte_and_a_half() -> None:
    tracemalloc.start()
    try:
        known = KnownItems()
        for number in range(100_000):
            known.put(b"grocer|%d" % number, present=True)
        assert len(known) == 100_000
        assert tracemalloc.get_traced_memory()[0] < 1_500_000
    finally:
        tracemalloc.stop()


@pytest.fixture
async def tail(kafka_bootstrap: str) -> AsyncIterator[CatalogueTail]:
    tail, loops = CatalogueTail(KafkaAccess(kafka_bootstrap), max_wait_s=30), Loops(CollectorRegistry())
    loops.add(tail.work)
    loops.start()
    yield tail
    await asyncio.to_thread(loops.stop)


@pytest.mark.integration
async def test_what_was_acknowledged_before_the_question_is_in_the_answer(kafka_bootstrap: str, tail: CatalogueTail) -> None:
    log = KafkaEventLog(KafkaAccess(kafka_bootstrap), [topics.CATALOG.name])
    await log.connect()
    for _ in range(5):
        key = f"grocer|{uuid4()}".encode()
        assert not await tail.holds(key)
        await log.append(Record(topics.CATALOG.name, key, b"{}"))
        assert await tail.holds(key)
    await log.append(Record(topics.CATALOG.name, key, None))
    await log.append(Record(topics.CATALOG.name, b"grocer|last", b"{}"))
    assert not await tail.holds(f"grocer|{uuid4()}".encode())  # waits for what was written before
    assert not await tail.holds(key)
    await log.close()


@pytest.mark.integration
async def test_a_tail_that_lost_its_connection_goes_on_where_it_was(kafka_bootstrap: str) -> None:
    kafka = KafkaAccess(kafka_bootstrap)
    log, tail = KafkaEventLog(kafka, [topics.CATALOG.name]), CatalogueTail(kafka, max_wait_s=30)
    await log.connect()
    first, second = (f"grocer|{uuid4()}".encode() for _ in range(2))
    await log.append(Record(topics.CATALOG.name, first, b"{}"))
    assert await answered(tail, first)
    tail.work.close()
    await log.append(Record(topics.CATALOG.name, second, b"{}"))
    assert await answered(tail, second)
    assert await answered(tail, first)
    tail.work.close()
    await log.close()


async def answered(tail: CatalogueTail, key: bytes) -> bool:
    """The answer, the tail stepping meanwhile as its loop would."""
    asked = asyncio.create_task(tail.holds(key))
    while not asked.done():
        await asyncio.to_thread(tail.work.step)
    return asked.result()


async def test_without_a_broker_nothing_is_said_to_be_unknown() -> None:
    tail = CatalogueTail(KafkaAccess("127.0.0.1:9"), max_wait_s=0.05)
    with pytest.raises(OSError, match="refused"):
        tail.work.step()
    with pytest.raises(CatalogueUnread):
        await tail.holds(b"grocer|milk")
