"""The fold of one entity's updates into one life: each group's state is read once, merged, and written once."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recommndr.seed import SEEDED, Seed
from recommndr.topics import EVENTS, SEEDS
from recommndr_flink_jobs import metrics, room
from recommndr_flink_jobs.entity import Entity, load
from recommndr_flink_jobs.entity_updates import EntityUpdates, EventAt, Record, SeedRecord
from recommndr_flink_jobs.groups import GROUPS, Group
from recommndr_flink_jobs.life import EVERYTHING, FOR_EVER, Life
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.route import Raw, dead_letter
from recommndr_flink_jobs.store import Store

# Groups that seeds have belong to a life; the others go on through all of them.
_OF_LIVES = {kind: [group for group in groups if group.name in SEEDED] for kind, groups in GROUPS.items()}
_FOR_EVER = {kind: [group for group in groups if group.name not in SEEDED] for kind, groups in GROUPS.items()}
_OF_EACH_LIFE = {metrics.FOLDED, metrics.CONTAINED, metrics.NOT_SHOWN}


@dataclass(slots=True)
class EntitiesFolded:
    """The result of entities' updates in one life."""

    records: list[Record] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def rare_counts(self) -> Counter[str]:
        """The counts without those that tell how many events came, which are counted in one life only."""
        return Counter({name: n for name, n in self.counts.items() if name not in _OF_EACH_LIFE})


@dataclass(frozen=True, slots=True)
class EntityFolder:
    """Folds entities into a store."""

    now: Callable[[], datetime]
    recent: RecentEntities

    def fold(self, updates: EntityUpdates, life: Life, store: Store, done: EntitiesFolded) -> None:
        """Fold an entity's updates into each group of the life; adds to `done`.

        A record that raises becomes a dead letter, the others are folded.
        """
        for group in (_FOR_EVER if life is FOR_EVER else _OF_LIVES)[updates.kind]:
            mine = _part_of(updates, group, life, done)
            if mine is not None:
                self._fold_group(mine, group, life, store, done)

    def _fold_group(self, mine: EntityUpdates, group: Group[Any], life: Life, store: Store, done: EntitiesFolded) -> None:
        place = life.place(mine.key)
        try:
            entity = self.recent.get((group.name, place), lambda: load(group, store.get(group.name, place)))
        except ValueError as cause:
            self._refuse_all(mine, f"stored {group.name} {mine.key!r}: {cause}", done)
            return
        for seed in mine.seeds:
            self._take(mine, seed, entity, life, done)
        for erased in mine.erasures:
            entity.erase(erased)
        if not (entity.is_stored or entity.changed or room.is_for_another(group, place, store)):
            done.counts[metrics.NO_ROOM] += len(mine.events)
            return
        for one in mine.events:
            self._fold_event(mine, one, entity, life, done)
        if entity.changed:
            self._write(mine, entity, place, life, store, done)

    def _write(
        self, updates: EntityUpdates, entity: Entity[Any], place: str, life: Life, store: Store, done: EntitiesFolded
    ) -> None:
        group = entity.group
        entity.changed = False
        is_empty = entity.state is group.empty  # erased, and nothing has happened since
        state = b"" if is_empty else group.to_bytes(entity.state)
        if not entity.is_stored:
            room.count(group, place, 1, store)
            entity.is_stored = True
        store.put(group.name, place, entity.to_bytes(state))
        if life.is_shown:
            received_at_s = max([one.received_at_s for one in updates.events], default=0.0)
            done.records.append(Record(group.topic.name, updates.key.encode(), None if is_empty else state, received_at_s))
            done.counts[metrics.WRITTEN] += 1

    def _take(self, updates: EntityUpdates, record: SeedRecord, entity: Entity[Any], life: Life, done: EntitiesFolded) -> None:
        was_seeded = entity.is_seeded
        try:
            merged = entity.take(record.state)
        except Exception as cause:  # one seed must not stop the job, whatever it raises
            self._refuse(_raw_seed(updates, record), f"seed of {record.group} {updates.key!r}: {cause!r}", done)
            entity.is_seeded = entity.changed = True  # it has come, so that the others' life need not wait for it
        else:
            done.counts[metrics.SEEDS_MERGED if merged else metrics.SEEDS_IGNORED] += 1
        life.n_taken += not was_seeded

    def _fold_event(self, updates: EntityUpdates, one: EventAt, entity: Entity[Any], life: Life, done: EntitiesFolded) -> None:
        try:
            took = entity.fold(life.counting, one)
        except Exception as cause:  # one event must not stop the job, whatever it raises
            self._refuse(_raw_action(updates, one), f"fold into {entity.group.name} {updates.key!r}: {cause!r}", done)
            return
        done.counts[metrics.FOLDED if took else metrics.CONTAINED] += 1
        if not life.is_shown:
            done.counts[metrics.NOT_SHOWN] += 1

    def _refuse_all(self, updates: EntityUpdates, reason: str, done: EntitiesFolded) -> None:
        for record in updates.seeds:
            self._refuse(_raw_seed(updates, record), reason, done)
        for one in updates.events:
            self._refuse(_raw_action(updates, one), reason, done)

    def _refuse(self, raw: Raw, reason: str, done: EntitiesFolded) -> None:
        done.records.append(dead_letter(raw, reason, self.now()))
        done.counts[metrics.DEAD_LETTERS] += 1


def _part_of(updates: EntityUpdates, group: Group[Any], life: Life, done: EntitiesFolded) -> EntityUpdates | None:
    """What can change the group's state of the entity in this life; None: nothing can."""
    events, seeds, erasures, takes = updates.events, updates.seeds, updates.erasures, group.takes
    if seeds:
        seeds = [seed for seed in seeds if seed.group == group.name and seed.generation == life.generation]
    if not life.grows:
        return EntityUpdates(updates.kind, updates.key, [], seeds) if seeds else None
    if takes is not None:
        events = [one for one in events if takes(life.counting, one.action)]
    if life.contained != EVERYTHING:
        later = [one for one in events if not life.contains(one.partition, one.offset)]
        done.counts[metrics.CONTAINED] += len(events) - len(later)
        events, erasures = later, [one for one in erasures if not life.contains(one.partition, one.offset)]
    if not (events or seeds or erasures):
        return None
    return EntityUpdates(updates.kind, updates.key, events, seeds, erasures)


def _raw_seed(updates: EntityUpdates, record: SeedRecord) -> Raw:
    value = Seed(record.generation, record.state).to_bytes()
    return Raw(SEEDS.name, record.partition, record.offset, updates.key.encode(), value, None, None)


def _raw_action(updates: EntityUpdates, one: EventAt) -> Raw:
    """The action as JSON; the event's own bytes are in `events.v1`, at the position in the letter's key."""
    value = json.dumps(one.action._asdict()).encode()
    return Raw(EVENTS.name, one.partition, one.offset, updates.key.encode(), value, one.action.event_id, None)
