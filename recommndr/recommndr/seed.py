"""Seeds: states computed from history as the start of live states; the value format of `recommndr.seeds.v2`.

All seeds of one publication are a generation of the tenant (`recommndr.generation`), which says what they contain.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from recommndr import added_groups

GROUP_USER = "user"
GROUP_PURCHASED = "purchased_items"
GROUP_SEEN = "seen_items"
GROUP_GUESTS = "guests"
SHOPPER_GROUPS = (GROUP_USER, GROUP_PURCHASED, GROUP_SEEN, GROUP_GUESTS, *added_groups.NAMES)
GROUP_ITEM = "item"
GROUP_SEGMENT = "segment"

EntityKind = Literal["user", "item", "segment"]  # a segment's entity is an item in it
SEEDED: Mapping[str, EntityKind] = {
    **dict.fromkeys(SHOPPER_GROUPS, "user"),
    GROUP_ITEM: "item",
    GROUP_SEGMENT: "segment",
}

# Seeds are counted by share, because each share of the live states is kept by itself; fixed when an installation is created.
N_SHARES = 16

_FORMAT_VERSION = 2
_HEADER = struct.Struct("<Hq")  # format, generation


@dataclass(frozen=True, slots=True)
class Seed:
    """One entity's state as bytes of its feature group."""

    generation: int
    state: bytes

    def to_bytes(self) -> bytes:
        """The Kafka value."""
        return _HEADER.pack(_FORMAT_VERSION, self.generation) + self.state

    @classmethod
    def from_bytes(cls, value: bytes) -> "Seed":
        """Inverse of `to_bytes`; raises `ValueError` for another format."""
        if len(value) < _HEADER.size:
            raise ValueError(f"seed of {len(value)} bytes: expected at least {_HEADER.size}")
        version, generation = _HEADER.unpack_from(value)
        if version != _FORMAT_VERSION:
            raise ValueError(
                f"seed format {version}: expected {_FORMAT_VERSION}; publish seeds again (recommndr seed --publish)"
            )
        return cls(generation, value[_HEADER.size :])


def share_of(kind: str, key: str) -> int:
    """The share (0 to `N_SHARES` - 1) of an entity with all its groups; `key` is `tenant|entity`."""
    return crc32(f"{kind}:{key}".encode()) % N_SHARES
