"""Searches the lake and Kafka's topics for a shopper, and says until when what is found stays."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from deltalake import DeltaTable

from recommndr.dead_letter import DeadLetter
from recommndr.features import guests
from recommndr.identity import entity_key
from recommndr.kafka_access import KafkaAccess
from recommndr.seed import SHOPPER_GROUPS
from recommndr.topics import DEAD_LETTER, GUESTS, OF_SHOPPERS, SEED_SIDES, Topic, seed_key
from recommndr_lake_writer.erasures import Erasures
from recommndr_lake_writer.lake import events_dir
from recommndr_lake_writer.served_table import served_dir
from recommndr_training.live.topic_reader import open_reader, records


@dataclass(frozen=True, slots=True)
class Trace:
    """What one place has of a shopper; `until` is when it goes by itself, None when it does not or when nothing is there."""

    place: str
    n_found: int
    until: datetime | None = None
    note: str = ""


def in_lake(lake_dir: Path, tenant: str, user_id: str, retention: timedelta, served_kept: timedelta) -> Iterator[Trace]:
    """Rows of the tables now, and erasures of the shopper: replaced files stay for the retention."""
    yield Trace("lake", len(_days(events_dir(lake_dir), tenant, user_id, "received_on")))
    answered_on = _days(served_dir(lake_dir), tenant, user_id, "served_on")
    until = datetime.combine(max(answered_on), time(), UTC) + timedelta(days=1) + served_kept if answered_on else None
    yield Trace("answers in the lake", len(answered_on), until)
    for one in Erasures(lake_dir).all():
        if (one.tenant, one.user_id) == (tenant, user_id):
            if one.done_at is None:
                yield Trace("erasure", 1, None, f"{one.event_id}: the lake writer has not carried it out yet")
            else:
                note = f"{one.event_id}: {one.n_rows} rows deleted at {one.done_at.isoformat()}; files replaced then stay"
                yield Trace("replaced files of the lake", one.n_rows, one.done_at + retention, note)


def _days(path: Path, tenant: str, user_id: str, day_column: str) -> list[date]:
    """The day of each of a shopper's rows."""
    if not DeltaTable.is_deltatable(str(path)):
        return []
    dataset = DeltaTable(path).to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
    theirs = (pc.field("tenant") == tenant) & (pc.field("user_id") == user_id)
    days: list[date] = dataset.to_table(columns=[day_column], filter=theirs)[day_column].to_pylist()
    return days


def guests_in_lake(lake_dir: Path, tenant: str, user_id: str) -> set[str]:
    """The ids under which the shopper acted before logging in, by the events of the table."""
    path = events_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(path)):
        return set()
    dataset = DeltaTable(path).to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
    theirs = (pc.field("tenant") == tenant) & (pc.field("user_id") == user_id) & (pc.field("kind") == "identify")
    return set(dataset.to_table(columns=["guest_id"], filter=theirs)["guest_id"].to_pylist())


def guests_in_kafka(kafka: KafkaAccess, tenant: str, user_ids: Sequence[str]) -> dict[str, set[str]]:
    """By shopper, the same by the states that the topic of guests still has."""
    owners = {entity_key(tenant, user_id): user_id for user_id in user_ids}
    found: dict[str, set[str]] = {user_id: set() for user_id in user_ids}
    with closing(open_reader(kafka)) as consumer:
        for record in records(consumer, GUESTS):
            if record.key in owners and record.value is not None:
                found[owners[record.key]] |= {guest.guest_id for guest in guests.from_bytes(record.value)}
    return found


def in_kafka(kafka: KafkaAccess, tenant: str, user_ids: Sequence[str]) -> dict[str, list[Trace]]:
    """By shopper, records of each topic; every topic is read once for all of them.

    In a compacted one, those before a tombstone go at the next compaction, within minutes.
    """
    owners = {key: user_id for user_id in user_ids for key in _keys(tenant, user_id)}
    found: dict[str, list[Trace]] = {user_id: [] for user_id in user_ids}
    with closing(open_reader(kafka)) as consumer:
        for topic in OF_SHOPPERS:
            kept = defaultdict[str, _Kept](_Kept)
            for record in records(consumer, topic):
                key = record.key if topic is not DEAD_LETTER else _letter_key(record.value)
                if key in owners:
                    kept[owners[key]].add(record)
            for user_id, traces in found.items():
                traces.append(_trace(topic, kept[user_id]))
    return found


def _keys(tenant: str, user_id: str) -> set[bytes]:
    of_seeds = (seed_key(tenant, group, side, user_id) for group in SHOPPER_GROUPS for side in SEED_SIDES)
    return {entity_key(tenant, user_id), *of_seeds}


@dataclass(slots=True)
class _Kept:
    """What a topic has of a shopper."""

    n_found: int = 0
    newest_ms: int = 0
    newest: dict[bytes, bytes | None] = field(default_factory=dict)  # value by key

    def add(self, record: Any) -> None:
        self.newest[record.key] = record.value
        self.n_found += record.value is not None
        self.newest_ms = max(self.newest_ms, record.timestamp)

    @property
    def is_deleted(self) -> bool:
        return all(value is None for value in self.newest.values())


def _letter_key(value: bytes | None) -> bytes | None:
    """The key of the record that a dead letter is about."""
    return None if value is None else DeadLetter.from_bytes(value).key


def _trace(topic: Topic, kept: _Kept) -> Trace:
    if not kept.n_found:
        return Trace(topic.name, 0)
    lasts_ms = topic.config.get("retention.ms")
    if lasts_ms is None and not kept.is_deleted:
        return Trace(topic.name, kept.n_found, None, "the newest value of a key is no tombstone")
    lasts_ms = lasts_ms or topic.config["max.compaction.lag.ms"]
    until = datetime.fromtimestamp(kept.newest_ms / 1_000, UTC) + timedelta(milliseconds=int(lasts_ms))
    return Trace(topic.name, kept.n_found, until, f"kept: {topic.kept}")
