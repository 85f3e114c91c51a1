"""How many states of a group a tenant has in a bucket, where clients could make them without end."""

from typing import Any

from recommndr_flink_jobs.groups import Group
from recommndr_flink_jobs.store import N_STATES, Store


def is_for_another(group: Group[Any], place: str, store: Store) -> bool:
    """Whether events may begin a state at this place (`Life.place`)."""
    return group.most is None or _count(group, place, store) < group.most


def count(group: Group[Any], place: str, change: int, store: Store) -> None:
    """Note that a state has come to this place, or gone from it."""
    if group.most is not None:
        store.put(N_STATES, _name(group, place), str(_count(group, place, store) + change).encode())


def _count(group: Group[Any], place: str, store: Store) -> int:
    return int(store.get(N_STATES, _name(group, place)) or b"0")


def _name(group: Group[Any], place: str) -> str:
    generation, tenant, _ = place.split("|", 2)
    return f"{generation}|{tenant}|{group.name}"
