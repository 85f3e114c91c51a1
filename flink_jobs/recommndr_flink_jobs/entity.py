"""One entity's state in one life of its tenant, as the bytes in Flink: a short header and the feature group's bytes.

Which events a state contains is known for the whole life (`life.py`). The header only says whether the entity's seed is in it,
and where the entity was erased.
"""

import struct
from dataclasses import dataclass
from typing import Generic

from recommndr.counting import Counting
from recommndr_flink_jobs.entity_updates import Erasure, EventAt
from recommndr_flink_jobs.groups import Group, StateT

_FORMAT_VERSION = 3
_HEADER = struct.Struct("<BB")  # format, flags
_ERASURE = struct.Struct("<Bq")  # partition and offset; follows where the entity was erased
_SEEDED, _ERASED = 1, 2  # flags


@dataclass(slots=True)
class Entity(Generic[StateT]):
    """One entity while a pack is folded."""

    group: Group[StateT]
    state: StateT
    is_seeded: bool = False
    erased: Erasure | None = None
    changed: bool = False  # since it was loaded
    is_stored: bool = True

    def fold(self, counting: Counting, event: EventAt) -> bool:
        """Merge one event; False if it lies before the erasure."""
        if self.erased is not None and event.partition == self.erased.partition and event.offset < self.erased.offset:
            return False
        before, self.state = self.state, self.group.fold(counting, self.state, event.action)
        self.changed = self.changed or not self.group.idempotent or self.state is not before
        return True

    def erase(self, at: Erasure) -> None:
        """Forget everything before this event: Kafka's order puts all of it there. The seed is not taken any more.

        Events behind it that an earlier pack has folded already are forgotten too, until the next seeds.
        """
        if self.erased is not None and at.partition == self.erased.partition and at.offset <= self.erased.offset:
            return
        self.state, self.erased, self.changed = self.group.empty, at, True

    def take(self, state: bytes) -> bool:
        """Merge the seed's state; False if it is here already, or was erased. Raises `ValueError` for other bytes."""
        if self.is_seeded:
            return False
        if self.erased is None:
            self.state = self.group.merge(self.state, self.group.from_bytes(state))
        self.is_seeded = self.changed = True
        return self.erased is None

    def to_bytes(self, state_bytes: bytes) -> bytes:
        """The bytes in Flink; `state_bytes` are the group's (none: empty), which go to the features topic too."""
        flags = _SEEDED * self.is_seeded | _ERASED * (self.erased is not None)
        header = _HEADER.pack(_FORMAT_VERSION, flags)
        return header + (b"" if self.erased is None else _ERASURE.pack(*self.erased)) + state_bytes


def load(group: Group[StateT], stored: bytes | None) -> Entity[StateT]:
    """The entity from Flink's bytes, an empty one for None; raises `ValueError` for another format."""
    if stored is None:
        return Entity(group, group.empty, is_stored=False)
    is_seeded, erased, place = _read_header(stored)
    state = group.from_bytes(stored[place:]) if len(stored) > place else group.empty
    return Entity(group, state, is_seeded, erased)


def state_in(stored: bytes) -> bytes:
    """The group's bytes; raises `ValueError` as `load` does."""
    return stored[_read_header(stored)[2] :]


def _read_header(stored: bytes) -> tuple[bool, Erasure | None, int]:
    try:
        version, flags = _HEADER.unpack_from(stored)
        if version != _FORMAT_VERSION:
            raise ValueError(f"entity format {version}: expected {_FORMAT_VERSION}")
        if not flags & _ERASED:
            return bool(flags & _SEEDED), None, _HEADER.size
        erased = Erasure(*_ERASURE.unpack_from(stored, _HEADER.size))
    except struct.error as cause:
        raise ValueError(f"entity of {len(stored)} bytes cannot be read: {cause}") from cause
    return bool(flags & _SEEDED), erased, _HEADER.size + _ERASURE.size
