"""The records by which a life is shown: all its states, and tombstones of entities that only an earlier life has.

Also tombstones of entities that somebody (`roll_call`) has asked about and that the shown life does not know.
"""

from collections.abc import Iterator

from recommndr.seed import SEEDED
from recommndr_flink_jobs.entity import state_in
from recommndr_flink_jobs.entity_updates import EntityUpdates, Record
from recommndr_flink_jobs.groups import GROUPS
from recommndr_flink_jobs.life import Life, Lives, place_of
from recommndr_flink_jobs.store import N_STATES, Store

TOPICS = {group.name: group.topic for of_kind in GROUPS.values() for group in of_kind if group.name in SEEDED}


def absent(updates: EntityUpdates, life: Life, store: Store) -> Iterator[Record]:
    """Tombstones of those called groups of which the life has nothing, if it is shown."""
    for name in updates.called:
        if life.is_shown and store.get(name, life.place(updates.key)) is None:
            yield Record(TOPICS[name].name, updates.key.encode(), None)


def records(tenant: str, lives: Lives, store: Store) -> Iterator[Record]:
    """All of the current life's; states of lives that are no more are removed from the store at the end."""
    living = {life.generation for life in lives.all()}
    here: set[tuple[str, str]] = set()
    dead: list[tuple[str, str]] = []
    for group, place, stored in store.items():
        if group not in TOPICS and group != N_STATES:
            continue
        generation, key = place_of(place)
        if key.partition("|")[0] != tenant:
            continue
        if generation == lives.current.generation and group in TOPICS:
            here.add((group, key))
            yield Record(TOPICS[group].name, key.encode(), state_in(stored) or None)
        elif generation not in living:
            dead.append((group, place))
    for group, place in dead:
        key = place_of(place)[1]
        if group in TOPICS and (group, key) not in here:
            here.add((group, key))
            yield Record(TOPICS[group].name, key.encode(), None)
        store.remove(group, place)
