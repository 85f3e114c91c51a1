"""The collector's view of the catalogue: the keys of its items, from the database at start and from the event log since."""

from collections.abc import Sequence

from recommndr.topics import CATALOG
from recommndr_collector.event_log import Record
from recommndr_collector.known_items import KnownItems
from recommndr_one_process import log_table, newest_values
from recommndr_one_process.database import Database

_AT_ONCE = 5_000


class KnownCatalogue:
    """A `CatalogueView`. The event log tells it of records before it acknowledges them, so it is never behind."""

    def __init__(self, database: Database) -> None:
        self._known = KnownItems()
        connection = database.connect("NORMAL")
        for key in newest_values.keys_of_topic(connection, CATALOG.name):
            self._known.put(key, True)
        since = log_table.read_to(connection)
        while rest := log_table.read(connection, since, _AT_ONCE):
            self.take([Record(one.topic, one.key or b"", one.value) for one in rest])
            since = rest[-1].offset + 1
        connection.close()

    def take(self, records: Sequence[Record]) -> None:
        """Take note of records that were written."""
        for record in records:
            if record.topic == CATALOG.name:
                self._known.put(record.key, record.value is not None)

    async def holds(self, key: bytes) -> bool:
        """See `CatalogueView.holds`."""
        return key in self._known

    def knows(self, hashed: int) -> bool:
        """See `CatalogueView.knows`."""
        return self._known.has_hash(hashed)
