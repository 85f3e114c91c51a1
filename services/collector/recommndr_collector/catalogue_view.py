"""The collector's view of the catalogue: its protocol, and an implementation in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from recommndr.topics import CATALOG
from recommndr_collector.event_log import Record


class CatalogueUnread(RuntimeError):
    """It is unknown whether the item exists, because the catalogue has not been read to its end yet."""


class CatalogueView(Protocol):
    """The existing items, including every write that any collector acknowledged before the call."""

    async def holds(self, key: bytes) -> bool:
        """Whether an item with this key exists; raises `CatalogueUnread`."""
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
        of_item = [record.value for record in self.records if (record.topic, record.key) == (CATALOG.name, key)]
        return bool(of_item) and of_item[-1] is not None
