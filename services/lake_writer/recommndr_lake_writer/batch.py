"""The records that were read and are not committed yet. No I/O and no clock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from recommndr.events import decode
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.lake import Row, policy_of, rows_of, table_of
from recommndr_tail.record import PartitionId, TopicRecord

MAX_ROWS = 5_000
MAX_AGE_S = 2.0


@dataclass
class Batch:
    """Rows of records in reading order, and the last offset of each partition, unreadable records included."""

    policies: Mapping[TenantId, TenantPolicy]
    bury: Callable[[TopicRecord, Exception], None]
    rows: list[Row] = field(default_factory=list)
    last_offsets: dict[PartitionId, int] = field(default_factory=dict)
    n_records: int = 0
    since_s: float | None = None

    def add(self, records: Iterable[TopicRecord], now_s: float) -> None:
        """Add records; one that cannot be read becomes a dead letter and counts as processed."""
        for record in records:
            self.since_s = now_s if self.since_s is None else self.since_s
            self.last_offsets[record.place] = record.offset
            self.n_records += 1
            try:
                self.rows += self._rows(record)
            except Exception as cause:  # damaged bytes can raise anything; the record becomes a dead letter
                self.bury(record, cause)

    def due(self, now_s: float) -> bool:
        """Whether it is time to commit."""
        return self.since_s is not None and (len(self.rows) >= MAX_ROWS or now_s - self.since_s >= MAX_AGE_S)

    def table(self) -> pa.Table:
        """The rows, ready to commit."""
        return table_of(self.rows)

    def _rows(self, record: TopicRecord) -> list[Row]:
        if record.value is None:
            raise ValueError("a record of events without a value")
        event = decode(record.value)
        rows = rows_of(event, policy_of(self.policies, event.tenant), record.partition, record.offset)
        table_of(rows)  # a value that does not fit its column must fail here, for its record only
        return rows
