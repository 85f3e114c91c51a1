"""The fold of one bucket's message: each state involved is read at most once, merged, and written once."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recommndr.seed import Seed
from recommndr.topics import EVENTS, SEEDS
from recommndr_flink_jobs import metrics
from recommndr_flink_jobs.entity import Entity, SeedOutcome, load
from recommndr_flink_jobs.entity_updates import EntityUpdates, EventAt, Message, Record, SeedRecord
from recommndr_flink_jobs.groups import Group, Groups
from recommndr_flink_jobs.outcome_fold import OutcomeFolder, Store
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.route import Raw, dead_letter

_COUNTED_AS = {
    SeedOutcome.MERGED: metrics.SEEDS_MERGED,
    SeedOutcome.IGNORED: metrics.SEEDS_IGNORED,
    SeedOutcome.WAITING: metrics.SEEDS_WAITING,
}


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
    outcomes: OutcomeFolder
    now: Callable[[], datetime]
    recent: RecentEntities

    def fold(self, message: Message, store: Store) -> Folded:
        """Fold one message; a record that raises becomes a dead letter, the others are folded."""
        folded = Folded(list(message.records))
        for updates in message.updates:
            for group in self.groups[updates.kind]:
                mine = _part_of(updates, group)
                if mine is not None:
                    self._fold_entity(mine, group, store, folded)
        counted = self.outcomes.fold(message.acts, store)
        folded.records += counted.records
        folded.counts += counted.counts
        return folded

    def _fold_entity(self, updates: EntityUpdates, group: Group[Any], store: Store, folded: Folded) -> None:
        try:
            entity = self.recent.get((group.name, updates.key), lambda: load(group, store.get(group.name, updates.key)))
        except ValueError as cause:
            self._refuse_all(updates, f"stored {group.name} {updates.key!r}: {cause}", folded)
            return
        for seed in updates.seeds:
            self._take(updates, seed, entity, folded)
        for erased in updates.erasures:
            entity.erase(*erased)
        for one in updates.events:
            self._fold_event(updates, one, entity, folded)
        if entity.changed:
            entity.changed = False
            state = group.to_bytes(entity.state)
            store.put(group.name, updates.key, entity.to_bytes(state))
            received_at_s = max([one.received_at_s for one in updates.events], default=0.0)
            value = None if entity.state is group.empty else state  # erased, and nothing has happened since
            folded.records.append(Record(group.topic.name, updates.key.encode(), value, received_at_s))
            folded.counts[metrics.WRITTEN] += 1

    def _take(self, updates: EntityUpdates, record: SeedRecord, entity: Entity[Any], folded: Folded) -> None:
        try:
            seed = Seed.from_bytes(record.value)
            outcome = entity.take(seed)
        except Exception as cause:  # one seed must not stop the job, whatever it raises
            self._refuse(_raw_seed(updates, record), f"seed of {record.group} {updates.key!r}: {cause!r}", folded)
            return
        folded.counts[_COUNTED_AS[outcome]] += 1
        if outcome is SeedOutcome.WAITING:
            folded.waiting.add((updates.tenant, seed.generation))

    def _fold_event(self, updates: EntityUpdates, one: EventAt, entity: Entity[Any], folded: Folded) -> None:
        try:
            took = entity.fold(updates.tenant, one)
        except Exception as cause:  # one event must not stop the job, whatever it raises
            self._refuse(_raw_action(updates, one), f"fold into {entity.group.name} {updates.key!r}: {cause!r}", folded)
            return
        folded.counts[metrics.FOLDED if took else metrics.CONTAINED] += 1

    def _refuse_all(self, updates: EntityUpdates, reason: str, folded: Folded) -> None:
        for record in updates.seeds:
            self._refuse(_raw_seed(updates, record), reason, folded)
        for one in updates.events:
            self._refuse(_raw_action(updates, one), reason, folded)

    def _refuse(self, raw: Raw, reason: str, folded: Folded) -> None:
        folded.records.append(dead_letter(raw, reason, self.now()))
        folded.counts[metrics.DEAD_LETTERS] += 1


def _part_of(updates: EntityUpdates, group: Group[Any]) -> EntityUpdates | None:
    """The part that can change the group's state of the entity; None: nothing can."""
    events, takes = updates.events, group.takes
    if takes is not None:
        tenant = updates.tenant
        events = [one for one in events if takes(tenant, one.action)]
    seeds = [seed for seed in updates.seeds if seed.group == group.name] if updates.seeds else updates.seeds
    if not (events or seeds or updates.erasures):
        return None
    return EntityUpdates(updates.kind, updates.key, events, seeds, updates.erasures)


def _raw_seed(updates: EntityUpdates, record: SeedRecord) -> Raw:
    return Raw(SEEDS.name, record.partition, record.offset, updates.key.encode(), record.value, None, None)


def _raw_action(updates: EntityUpdates, one: EventAt) -> Raw:
    """The action as JSON; the event's own bytes are in `events.v1`, at the position in the letter's key."""
    value = json.dumps(one.action._asdict()).encode()
    return Raw(EVENTS.name, one.partition, one.offset, updates.key.encode(), value, one.action.event_id, None)
