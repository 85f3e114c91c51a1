"""The records by which a life is shown: all its states, and tombstones of entities that only an earlier life has."""

from collections.abc import Iterator

from recommndr.seed import SEEDED
from recommndr_flink_jobs.entity import state_in
from recommndr_flink_jobs.entity_updates import Record
from recommndr_flink_jobs.groups import GROUPS
from recommndr_flink_jobs.life import Lives, place_of
from recommndr_flink_jobs.store import Store


def records(tenant: str, lives: Lives, store: Store) -> Iterator[Record]:
    """All of the current life's; states of lives that are no more are removed from the store at the end."""
    topics = {group.name: group.topic.name for of_kind in GROUPS.values() for group in of_kind if group.name in SEEDED}
    living = {life.generation for life in lives.all()}
    here: set[tuple[str, str]] = set()
    dead: list[tuple[str, str]] = []
    for group, place, stored in store.items():
        if group not in topics:
            continue
        generation, key = place_of(place)
        if key.partition("|")[0] != tenant:
            continue
        if generation == lives.current.generation:
            here.add((group, key))
            yield Record(topics[group], key.encode(), state_in(stored) or None)
        elif generation not in living:
            dead.append((group, place))
    for group, place in dead:
        key = place_of(place)[1]
        if (group, key) not in here:
            here.add((group, key))
            yield Record(topics[group], key.encode(), None)
        store.remove(group, place)
