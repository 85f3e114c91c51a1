"""Seeds: states computed from history as the start of live states; the value format of `recommndr.seeds.v1`.

A seed contains all events of `events.v1` below `offsets[partition]`. The live job only folds later events, so seed + live = a
replay of everything. Generation 0 does not exist; a newer generation has a larger number.

Per tenant one `SeedControl` (key group `control`, entity empty) is written *before* its seeds: a job that starts reads these
first and knows from which offset each tenant's events count.
"""

import struct
from dataclasses import dataclass

from recommndr.topics import PARTITIONS

GROUP_USER = "user"
GROUP_PURCHASED = "purchased_items"
GROUP_SEEN = "seen_items"
GROUP_GUESTS = "guests"
SHOPPER_GROUPS = (GROUP_USER, GROUP_PURCHASED, GROUP_SEEN, GROUP_GUESTS)
GROUP_ITEM = "item"
GROUP_CONTROL = "control"

_FORMAT_VERSION = 1
_HEADER = struct.Struct(f"<HHq{PARTITIONS}q")  # format, partitions, generation, offsets


@dataclass(frozen=True, slots=True)
class Seed:
    """One entity's state as of `offsets`; `state` is the bytes of its feature group (empty for a control record)."""

    generation: int
    offsets: tuple[int, ...]  # per partition of events.v1: the first offset that is not contained
    state: bytes

    def to_bytes(self) -> bytes:
        """The Kafka value."""
        return _HEADER.pack(_FORMAT_VERSION, PARTITIONS, self.generation, *self.offsets) + self.state

    @classmethod
    def from_bytes(cls, value: bytes) -> "Seed":
        """Inverse of `to_bytes`; raises `ValueError` for another format or number of partitions."""
        if len(value) < _HEADER.size:
            raise ValueError(f"seed of {len(value)} bytes: expected at least {_HEADER.size}")
        version, partitions, generation, *offsets = _HEADER.unpack_from(value)
        if version != _FORMAT_VERSION or partitions != PARTITIONS:
            raise ValueError(
                f"seed format {version} with {partitions} partitions: expected {_FORMAT_VERSION} with {PARTITIONS}"
            )
        return cls(generation, tuple(offsets), value[_HEADER.size :])
