"""What the collector needs to know of the catalogue, and one in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from recommndr.topics import CATALOG
from recommndr_collector.event_log import Record


class CatalogueUnread(RuntimeError):
    """Whether the item is there is not known: the catalogue has not been read to its end yet."""


class CatalogueView(Protocol):
    """Which items there are; what was acknowledged before a question is in its answer, whoever wrote it."""

    async def holds(self, key: bytes) -> bool:
        """Whether there is an item with this key; raises `CatalogueUnread`."""
        ...


@dataclass
class InMemoryCatalogue:
    """What the records of a log in memory say; `unread` makes it answer as one whose broker is away."""

    records: Sequence[Record]
    unread: bool = False

    async def holds(self, key: bytes) -> bool:
        """See `CatalogueView.holds`."""
        if self.unread:
            raise CatalogueUnread("the catalogue in memory was told to be unread")
        of_item = [record.value for record in self.records if (record.topic, record.key) == (CATALOG.name, key)]
        return bool(of_item) and of_item[-1] is not None
