"""Limits the items that events name and the catalogue does not have.

Every item that an event names gets states in Flink, a record in the features topic, and a row in each slot. An item may be
missing in the catalogue for a good reason: it was deleted, or comes a moment later. Thousands that are missing are invented.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from recommndr_collector.known_items import hash_of


@dataclass
class UnknownItems:
    """Each tenant's unknown items since this process started, as hashes: about 60 bytes an item."""

    _seen: dict[str, set[int]] = field(default_factory=dict)

    def refused(self, tenant: str, keys: Iterable[bytes], most: int, knows: Callable[[int], bool]) -> int | None:
        """Take note of keys that the catalogue lacks; returns the place of the first for which there is no room.

        `knows` says of a hash whether the catalogue has the item. An item that it got since makes room when it is named again.
        """
        seen = self._seen.setdefault(tenant, set())
        for place, hashed in enumerate(map(hash_of, keys)):
            if knows(hashed):
                seen.discard(hashed)
            elif hashed not in seen:
                if len(seen) >= most:
                    return place
                seen.add(hashed)
        return None

    def n_of(self, tenant: str) -> int:
        """The number of a tenant's unknown items."""
        return len(self._seen.get(tenant, ()))
