"""The collector's view of the catalogue: its protocol, and an implementation in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from recommndr.topics import CATALOG
from recommndr_collector.event_log import Record
from recommndr_collector.known_items import hash_of


class CatalogueUnread(RuntimeError):
    """It is unknown whether the item exists, because the catalogue has not been read to its end yet."""


class CatalogueView(Protocol):
    """The existing items, including every write that any collector acknowledged before the call."""

    async def holds(self, key: bytes) -> bool:
        """Whether an item with this key exists; raises `CatalogueUnread`."""
        ...

    def knows(self, hashed: int) -> bool:
        """Whether an item whose key has this hash (`known_items.hash_of`) exists, as far as read.

        True of every hash until the catalogue was read to its end once.
        """
        ...


@dataclass
class InMemoryCatalogue:
    """Items from the records of a log in memory; `unread` makes it answer as if the broker were unavailable."""

    records: Sequence[Record]
    unread: bool = False

    async def holds(self, key: bytes) -> bool:
        """See `CatalogueView.holds`."""
        if self.unread:
            raise CatalogueUnread("the catalogue in memory was told to be unread")
        return self._has(key)

    def knows(self, hashed: int) -> bool:
        """See `CatalogueView.knows`."""
        return self.unread or any(
            hash_of(record.key) == hashed and self._has(record.key) for record in self.records if record.topic == CATALOG.name
        )

    def _has(self, key: bytes) -> bool:
        of_item = [record.value for record in self.records if (record.topic, record.key) == (CATALOG.name, key)]
        return bool(of_item) and of_item[-1] is not None
