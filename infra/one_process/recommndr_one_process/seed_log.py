"""The log as the publisher of seeds sees it. What is published waits in memory and is written at once, or not at all."""

from collections.abc import Iterable

from recommndr.generation import Generation
from recommndr.topics import EVENTS, GENERATIONS, PARTITIONS, SEEDS
from recommndr_collector.event_log import Record
from recommndr_one_process import log_table, taken_up
from recommndr_one_process.database import Database
from recommndr_training.live.seed_log import Reach, SeedsNotPublished


class SqliteSeedLog:
    """A `SeedLog` of one tenant that never had seeds, over a log without events of this tenant.

    Seeds know nothing of the log's events, so a tenant that has sent some keeps the states that were made of them.
    """

    def __init__(self, database: Database, tenant: str) -> None:
        """Raise `SeedsNotPublished` for a tenant that has sent events."""
        self._database, self._tenant = database, tenant
        self._connection = database.connect("FULL")
        self._records: list[Record] = []
        if taken_up.has_any(self._connection, EVENTS.name, tenant):
            raise SeedsNotPublished(f"tenant {tenant!r} has sent events before its history was taken up: it goes on from these")

    def reach(self) -> Reach:
        """No event of this tenant is in the log, so its seeds contain none."""
        return Reach("", (0,) * PARTITIONS, (0,) * PARTITIONS)

    def announced(self, tenant: str) -> list[Generation]:
        """None, as far as this publication knows."""
        del tenant
        return []

    def announce(self, tenant: str, generation: Generation) -> None:
        """See `SeedLog.announce`; the last step writes everything."""
        self._records.append(Record(GENERATIONS.name, generation.key(tenant), generation.to_bytes()))

    def append(self, key: bytes, value: bytes | None) -> None:
        """See `SeedLog.append`."""
        self._records.append(Record(SEEDS.name, key, value))

    def add(self, records: Iterable[Record]) -> None:
        """Records of the catalogue, written with the seeds."""
        self._records += records

    def write(self) -> int:
        """Write everything in one transaction, and that the tenant's history was taken up; returns the number of records."""
        with self._database.writing(self._connection) as connection:
            log_table.insert(connection, log_table.next_offset(connection), self._records)
            taken_up.note(connection, self._tenant)
        self._connection.close()
        return len(self._records)
