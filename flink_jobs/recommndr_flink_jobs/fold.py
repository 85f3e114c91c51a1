"""The fold of one bucket's message: each state involved is read once, merged, and written once."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from recommndr.identity import split_key
from recommndr.seed import Seed
from recommndr.topics import EVENTS, SEEDS
from recommndr_flink_jobs import metrics
from recommndr_flink_jobs.entity import Entity, SeedOutcome, load
from recommndr_flink_jobs.entity_updates import EntityUpdates, EventAt, Message, Record, SeedRecord
from recommndr_flink_jobs.groups import Groups
from recommndr_flink_jobs.route import Raw, dead_letter

_COUNTED_AS = {
    SeedOutcome.MERGED: metrics.SEEDS_MERGED,
    SeedOutcome.IGNORED: metrics.SEEDS_IGNORED,
    SeedOutcome.WAITING: metrics.SEEDS_WAITING,
}


class Store(Protocol):
    """The states of a bucket."""

    def get(self, group: str, key: str) -> bytes | None:
        """The stored value, or None."""

    def put(self, group: str, key: str, value: bytes) -> None:
        """Store `value` for the entity."""


@dataclass(slots=True)
class Folded:
    """The result of a message: records to write, counts by `metrics` name, tenants whose newer seeds wait for a rebuild."""

    records: list[Record] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    waiting: set[tuple[str, int]] = field(default_factory=set)  # tenant, generation


@dataclass(frozen=True, slots=True)
class Folder:
    """Folds messages into a store."""

    groups: Groups
    now: Callable[[], datetime]

    def fold(self, message: Message, store: Store) -> Folded:
        """Fold one message; a record that raises becomes a dead letter, the others are folded."""
        folded = Folded(list(message.records))
        for updates in message.updates:
            self._fold_entity(updates, store, folded)
        return folded

    def _fold_entity(self, updates: EntityUpdates, store: Store, folded: Folded) -> None:
        group = self.groups[updates.group]
        try:
            entity = load(group, store.get(updates.group, updates.key))
        except ValueError as cause:
            self._refuse_all(updates, f"stored {updates.group} {updates.key!r}: {cause}", folded)
            return
        changed = [self._take(updates, seed, entity, folded) for seed in updates.seeds]
        changed += [self._fold_event(updates, one, entity, folded) for one in updates.events]
        if any(changed):
            state = group.to_bytes(entity.state)
            store.put(updates.group, updates.key, entity.to_bytes(state))
            folded.records.append(Record(group.topic.name, updates.key.encode(), state))
            folded.counts[metrics.WRITTEN] += 1

    def _take(self, updates: EntityUpdates, record: SeedRecord, entity: Entity[Any], folded: Folded) -> bool:
        try:
            seed = Seed.from_bytes(record.value)
            outcome = entity.take(seed)
        except Exception as cause:  # one seed must not stop the job, whatever it raises
            self._refuse(_raw_seed(updates, record), f"seed of {updates.group} {updates.key!r}: {cause!r}", folded)
            return False
        folded.counts[_COUNTED_AS[outcome]] += 1
        if outcome is SeedOutcome.WAITING:
            folded.waiting.add((split_key(updates.key.encode())[0], seed.generation))
        return outcome is SeedOutcome.MERGED

    def _fold_event(self, updates: EntityUpdates, one: EventAt, entity: Entity[Any], folded: Folded) -> bool:
        try:
            took = entity.fold(split_key(updates.key.encode())[0], one)
        except Exception as cause:  # one event must not stop the job, whatever it raises
            self._refuse(_raw_action(updates, one), f"fold into {updates.group} {updates.key!r}: {cause!r}", folded)
            return False
        folded.counts[metrics.FOLDED if took else metrics.CONTAINED] += 1
        return took

    def _refuse_all(self, updates: EntityUpdates, reason: str, folded: Folded) -> None:
        for record in updates.seeds:
            self._refuse(_raw_seed(updates, record), reason, folded)
        for one in updates.events:
            self._refuse(_raw_action(updates, one), reason, folded)

    def _refuse(self, raw: Raw, reason: str, folded: Folded) -> None:
        folded.records.append(dead_letter(raw, reason, self.now()))
        folded.counts[metrics.DEAD_LETTERS] += 1


def _raw_seed(updates: EntityUpdates, record: SeedRecord) -> Raw:
    return Raw(SEEDS.name, record.partition, record.offset, updates.key.encode(), record.value, None, None)


def _raw_action(updates: EntityUpdates, one: EventAt) -> Raw:
    """The action as JSON; the event's own bytes are in `events.v1`, at the position in the letter's key."""
    value = json.dumps(asdict(one.action)).encode()
    return Raw(EVENTS.name, one.partition, one.offset, updates.key.encode(), value, one.action.event_id, None)
