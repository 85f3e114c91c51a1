"""One entity's state and the events it contains, so that seed and live events give the same result in either order.

A state in Flink is a header and the feature group's bytes. The header has the generation of the seed in it, the offsets up to
which the seed contains events, and of each partition of `events.v1` that live events came from since, their lowest and highest
offset. A shopper's events all come from one partition, so most headers have 28 bytes, or 92 with a seed.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import lt
from typing import Generic

from recommndr.seed import Seed
from recommndr.topics import PARTITIONS
from recommndr_flink_jobs.entity_updates import EventAt
from recommndr_flink_jobs.groups import Group, StateT

_FORMAT_VERSION = 2
_HEADER = struct.Struct("<HqB")  # format, generation, number of spans
_CONTAINED = struct.Struct(f"<{PARTITIONS}q")  # follows where there is a generation, or an erasure
_SPAN = struct.Struct("<Bqq")  # partition, lowest and highest offset
_LIVE = struct.Struct("<HqBBqq")  # all of these where there is one span and nothing else, as in most states
_NOTHING = (0,) * PARTITIONS
_ERASED = 0x80  # beside the number of spans: offsets follow although there is no seed


class SeedOutcome(Enum):
    """The outcome of a seed."""

    MERGED = "merged"
    IGNORED = "ignored"  # its generation is in the state already, or it is older than the state or an erasure
    WAITING = "waiting"  # some folded events are in the seed and some are not, so only a rebuild can use it


@dataclass(slots=True)
class Entity(Generic[StateT]):
    """One entity while a pack is folded."""

    group: Group[StateT]
    state: StateT
    generation: int = 0
    contained: tuple[int, ...] = _NOTHING
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)  # by partition: lowest and highest offset folded
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
        lowest, highest = self.spans.get(event.partition, (event.offset, event.offset))
        self.spans[event.partition] = min(lowest, event.offset), max(highest, event.offset)
        return True

    def erase(self, partition: int, offset: int) -> None:
        """Forget everything, as if a seed without anything contained the events up to this one.

        Kafka's order puts all of them before it. An older seed, which may hold what was erased, is not taken any more. Events
        behind it that an earlier pack has folded already are forgotten too, until the next seed.
        """
        if offset < self.contained[partition]:
            return
        contained = list(self.contained)
        contained[partition] = offset + 1
        self.state, self.contained, self.changed = self.group.empty, tuple(contained), True
        self.spans = {}

    def take(self, seed: Seed) -> SeedOutcome:
        """Start from a seed if the result is exact: no event counted twice and none lost."""
        if seed.generation <= self.generation or any(map(lt, seed.offsets, self.contained)):
            return SeedOutcome.IGNORED
        if self.group.idempotent or (self.generation == 0 and self._all_from(seed.offsets)):
            self.state = self.group.merge(self.state, self.group.from_bytes(seed.state))
        elif self._all_below(seed.offsets):
            self.state = self.group.from_bytes(seed.state)
            self.spans = {}
        else:
            return SeedOutcome.WAITING
        self.generation, self.contained, self.changed = seed.generation, seed.offsets, True
        return SeedOutcome.MERGED

    def _all_from(self, boundary: Sequence[int]) -> bool:
        return all(lowest >= boundary[partition] for partition, (lowest, _) in self.spans.items())

    def _all_below(self, boundary: Sequence[int]) -> bool:
        return all(highest < boundary[partition] for partition, (_, highest) in self.spans.items())

    def to_bytes(self, state_bytes: bytes) -> bytes:
        """The bytes in Flink; `state_bytes` are the group's, computed once for these and for the features topic."""
        if len(self.spans) == 1 and not self.generation and self.contained == _NOTHING:
            [(partition, (lowest, highest))] = self.spans.items()
            return _LIVE.pack(_FORMAT_VERSION, 0, 1, partition, lowest, highest) + state_bytes
        is_erased = not self.generation and self.contained != _NOTHING
        parts = [_HEADER.pack(_FORMAT_VERSION, self.generation, len(self.spans) | (_ERASED if is_erased else 0))]
        if self.generation or is_erased:
            parts.append(_CONTAINED.pack(*self.contained))
        parts += [_SPAN.pack(partition, *span) for partition, span in sorted(self.spans.items())]
        return b"".join([*parts, state_bytes])


def load(group: Group[StateT], stored: bytes | None) -> Entity[StateT]:
    """The entity from Flink's bytes, an empty one for None; raises `ValueError` for another format."""
    if stored is None:
        return Entity(group, group.empty)
    try:
        version, generation, n_spans = _HEADER.unpack_from(stored)
        if version != _FORMAT_VERSION:
            raise ValueError(f"entity format {version}: expected {_FORMAT_VERSION}")
        place = _HEADER.size
        has_contained, n_spans = generation or n_spans & _ERASED, n_spans & ~_ERASED
        contained = _CONTAINED.unpack_from(stored, place) if has_contained else _NOTHING
        place += _CONTAINED.size if has_contained else 0
        state_place = place + n_spans * _SPAN.size
        spans = {partition: (low, high) for partition, low, high in _SPAN.iter_unpack(stored[place:state_place])}
    except struct.error as cause:
        raise ValueError(f"entity of {len(stored)} bytes cannot be read: {cause}") from cause
    return Entity(group, group.from_bytes(stored[state_place:]), generation, contained, spans)
