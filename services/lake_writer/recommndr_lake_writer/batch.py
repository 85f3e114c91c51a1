"""The events that were read and are not committed yet. No I/O and no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from recommndr.events import Erase, decode
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.lake import SCHEMA, Row, policy_of, rows_of, table_of
from recommndr_tail.record import PartitionId, TopicRecord

# A commit makes a file for each tenant, and costs the same whether it has 100 rows or 20,000 (about 20 MB in memory).
MAX_ROWS = 20_000
MAX_AGE_S = 5.0


@dataclass
class EventsBatch:
    """Rows of records in reading order, erasures, the records that could not be read, and the last offset of each partition."""

    policies: Mapping[TenantId, TenantPolicy]
    tables: list[pa.Table] = field(default_factory=list)
    last_offsets: dict[PartitionId, int] = field(default_factory=dict)
    erasures: list[tuple[TopicRecord, Erase]] = field(default_factory=list)
    unreadable: list[tuple[TopicRecord, Exception]] = field(default_factory=list)
    n_records: int = 0
    n_rows: int = 0
    since_s: float | None = None

    def add(self, records: Iterable[TopicRecord], now_s: float) -> None:
        """Add records; one that cannot be read is kept apart and counts as processed."""
        read: list[tuple[TopicRecord, list[Row]]] = []
        for record in records:
            self.since_s = now_s if self.since_s is None else self.since_s
            self.last_offsets[record.place] = record.offset
            self.n_records += 1
            try:
                read.append((record, self._rows(record)))
            except Exception as cause:  # damaged bytes can raise anything
                self.unreadable.append((record, cause))
        if read:
            self.tables.append(self._fitting(read))
            self.n_rows += self.tables[-1].num_rows

    def due(self, now_s: float) -> bool:
        """Whether it is time to commit."""
        return self.since_s is not None and (self.n_rows >= MAX_ROWS or now_s - self.since_s >= MAX_AGE_S)

    def table(self) -> pa.Table:
        """The rows, ready to commit."""
        return pa.concat_tables([SCHEMA.empty_table(), *self.tables])

    def _rows(self, record: TopicRecord) -> list[Row]:
        if record.value is None:
            raise ValueError("a record of events without a value")
        event = decode(record.value)
        if isinstance(event, Erase):
            self.erasures.append((record, event))
            return []
        return rows_of(event, policy_of(self.policies, event.tenant), record.partition, record.offset)

    def _fitting(self, read: Sequence[tuple[TopicRecord, list[Row]]]) -> pa.Table:
        """One table of all rows, without records with a value that its column cannot hold; they are found by halving."""
        try:
            return table_of([row for _, rows in read for row in rows])
        except (pa.ArrowException, OverflowError) as cause:
            if len(read) == 1:
                self.unreadable.append((read[0][0], cause))
                return SCHEMA.empty_table()
        half = len(read) // 2
        return pa.concat_tables([self._fitting(read[:half]), self._fitting(read[half:])])
