"""A shop's log and states in a file: events made and written as the collector does, and what a plain fold says of them."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from recommndr import topics
from recommndr.events import CLIENT_EVENT, Event, encode, stamp
from recommndr.features import item, segment, shopper
from recommndr.features.action import Action
from recommndr.features.schema import Value
from recommndr.identity import entity_key
from recommndr.topics import ITEM_FEATURES, SEGMENT_FEATURES
from recommndr_collector.event_log import Record
from recommndr_feature_writer.feature_topics import FEATURE_TOPICS
from recommndr_flink_jobs.policies import Policies
from recommndr_one_process import newest_values
from recommndr_one_process.database import Database
from recommndr_one_process.event_log import SqliteEventLog
from recommndr_one_process.stream import Stream
from tests.e2e.observed import differing, folded, folded_items, same_items

TENANT = "grocer"
NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def event(number: int, user: str = "anna", items: Sequence[str] = ("milk",), kind: str = "view") -> Event:
    """An event that the collector received at noon."""
    told = {"kind": kind, "event_id": str(UUID(int=number)), "user_id": user, "lines": [{"item_id": one} for one in items]}
    told["context"] = {"country": "DE", "device": f"device{number % 2}"}
    return stamp(CLIENT_EVENT.validate_python(told | {"occurred_at": NOW - timedelta(minutes=number % 90)}), TENANT, NOW)


def record(event: Event) -> Record:
    """The event as the collector writes it."""
    headers = (
        (topics.HEADER_EVENT_ID, str(event.event_id).encode()),
        (topics.HEADER_TENANT, event.tenant.encode()),
        (topics.HEADER_KIND, event.kind.encode()),
    )
    return Record(topics.EVENTS.name, entity_key(event.tenant, event.user_id), encode(event), headers)


def append(database: Database, records: Iterable[Record]) -> None:
    """Write records and wait for their acknowledgement."""

    async def write() -> None:
        log = SqliteEventLog(database)
        await asyncio.gather(*(log.append(one) for one in records))
        await asyncio.to_thread(log.close)

    asyncio.run(write())


def stream(database: Database) -> Stream:
    """A stream of the one tenant, whose clock stands still."""
    return Stream(database, Policies(), lambda: NOW)


def follow(following: Stream) -> None:
    """Let it take everything that the log has now."""
    while not following.caught_up:
        following.step()
    following.work.close()


def columns(database: Database, user: str) -> dict[str, Value]:
    """A shopper's row as a slot reads it."""
    with closing(database.connect()) as connection:
        found = newest_values.of_key(connection, tuple(FEATURE_TOPICS), entity_key(TENANT, user))
    row: dict[str, Value] = {}
    for topic, value in found:
        row |= FEATURE_TOPICS[topic].read_columns(value)
    return row


def item_states(database: Database) -> dict[str, item.ItemState]:
    """All states of items."""
    return {item_id: item.from_bytes(value) for item_id, value in _values(database, ITEM_FEATURES.name).items()}


def _values(database: Database, topic: str) -> dict[str, bytes]:
    with closing(database.connect()) as connection:
        chunks = list(newest_values.of_topic(connection, topic))
    return {(one.key or b"").decode().partition("|")[2]: one.value or b"" for some in chunks for one in some}


def is_the_fold_of(database: Database, events: Iterable[Event]) -> None:
    """Assert that rows, and states of items and segments, are those of a plain fold of each event once."""
    actions = [action for one in {one.event_id: one for one in events}.values() if (action := Action.from_event(one))]
    for user in {action.user_id for action in actions}:
        expected = shopper.columns(folded(one for one in actions if one.user_id == user))
        assert differing(shopper.default_columns() | columns(database, user), expected) == []
    assert same_items(item_states(database), folded_items(actions))
    segments: dict[str, segment.SegmentState] = {}
    for action in actions:
        for entity, state in segment.lift(action).items():
            segments[entity] = segment.merge(segments.get(entity, segment.EMPTY), state)
    found = {entity: segment.from_bytes(value) for entity, value in _values(database, SEGMENT_FEATURES.name).items()}
    assert found.keys() == segments.keys()
    for entity, state in segments.items():
        assert found[entity].at_s == state.at_s
        assert found[entity].sums == pytest.approx(state.sums, rel=1e-9)


def database_in(folder: Path) -> Database:
    """A new file."""
    return Database(folder / "shop.sqlite")
