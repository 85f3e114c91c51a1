"""One entity's state and the events it contains, so that seed and live events give the same result in either order.

A state in Flink is a header and the feature group's bytes. The header has the generation of the seed in it, the offsets up to
which the seed contains events, and the lowest and highest offset of the live events folded since, per partition of `events.v1`.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic

from recommndr.seed import Seed
from recommndr.topics import PARTITIONS
from recommndr_flink_jobs.entity_updates import EventAt
from recommndr_flink_jobs.groups import Group, StateT

_FORMAT_VERSION = 1
_HEADER = struct.Struct(f"<Hq{3 * PARTITIONS}q")  # format, generation, contained, lowest, highest
_NONE_LOWEST = (2**63 - 1,) * PARTITIONS
_NONE_HIGHEST = (-1,) * PARTITIONS


class SeedOutcome(Enum):
    """The outcome of a seed."""

    MERGED = "merged"
    IGNORED = "ignored"  # its generation is in the state already, or it is older
    WAITING = "waiting"  # some folded events are in the seed and some are not, so only a rebuild can use it


@dataclass(slots=True)
class Entity(Generic[StateT]):
    """One entity while a pack is folded."""

    group: Group[StateT]
    state: StateT
    generation: int = 0
    contained: tuple[int, ...] = (0,) * PARTITIONS
    lowest: list[int] = field(default_factory=lambda: list(_NONE_LOWEST))
    highest: list[int] = field(default_factory=lambda: list(_NONE_HIGHEST))
    changed: bool = False  # since it was loaded

    def fold(self, tenant: str, event: EventAt) -> bool:
        """Merge one event; False if the seed already contains it."""
        if event.offset < self.contained[event.partition]:
            return False
        before, self.state = self.state, self.group.fold(tenant, self.state, event.action)
        if self.group.idempotent:
            self.changed = self.changed or self.state is not before
            return True
        self.changed = True
        self.lowest[event.partition] = min(self.lowest[event.partition], event.offset)
        self.highest[event.partition] = max(self.highest[event.partition], event.offset)
        return True

    def take(self, seed: Seed) -> SeedOutcome:
        """Start from a seed if the result is exact: no event counted twice and none lost."""
        if seed.generation <= self.generation:
            return SeedOutcome.IGNORED
        if self.group.idempotent or (self.generation == 0 and _all_at_least(self.lowest, seed.offsets)):
            self.state = self.group.merge(self.state, self.group.from_bytes(seed.state))
        elif _all_below(self.highest, seed.offsets):
            self.state = self.group.from_bytes(seed.state)
            self.lowest, self.highest = list(_NONE_LOWEST), list(_NONE_HIGHEST)
        else:
            return SeedOutcome.WAITING
        self.generation, self.contained, self.changed = seed.generation, seed.offsets, True
        return SeedOutcome.MERGED

    def to_bytes(self, state_bytes: bytes) -> bytes:
        """The bytes in Flink; `state_bytes` are the group's, computed once for these and for the features topic."""
        header = _HEADER.pack(_FORMAT_VERSION, self.generation, *self.contained, *self.lowest, *self.highest)
        return header + state_bytes


def load(group: Group[StateT], stored: bytes | None) -> Entity[StateT]:
    """The entity from Flink's bytes, an empty one for None; raises `ValueError` for another format."""
    if stored is None:
        return Entity(group, group.empty)
    if len(stored) < _HEADER.size:
        raise ValueError(f"entity of {len(stored)} bytes: expected at least {_HEADER.size}")
    version, generation, *offsets = _HEADER.unpack_from(stored)
    if version != _FORMAT_VERSION:
        raise ValueError(f"entity format {version}: expected {_FORMAT_VERSION}")
    return Entity(
        group,
        group.from_bytes(stored[_HEADER.size :]),
        generation,
        tuple(offsets[:PARTITIONS]),
        offsets[PARTITIONS : 2 * PARTITIONS],
        offsets[2 * PARTITIONS :],
    )


def _all_at_least(lowest: Sequence[int], boundary: Sequence[int]) -> bool:
    return all(mine >= theirs for mine, theirs in zip(lowest, boundary, strict=True))


def _all_below(highest: Sequence[int], boundary: Sequence[int]) -> bool:
    return all(mine < theirs for mine, theirs in zip(highest, boundary, strict=True))
