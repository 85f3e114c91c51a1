"""The answers that were read and are not committed yet. No clock; what is erased and where names go, it is given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from recommndr.identity import split_key
from recommndr.served_answer import ServedAnswer
from recommndr_lake_writer.erased_shoppers import ErasedShoppers
from recommndr_lake_writer.served_rows import Row, row_of
from recommndr_lake_writer.served_table import SCHEMA, Named
from recommndr_tail.record import PartitionId, TopicRecord

# Nothing waits for the table but reports, and every commit makes a file for each tenant.
MAX_ROWS = 20_000
MAX_AGE_S = 30.0


@dataclass
class ServedBatch:
    """Rows of answers, the names of their ranker inputs, the records that could not be read, and the last offsets."""

    erased: ErasedShoppers
    tables: list[pa.Table] = field(default_factory=list)
    last_offsets: dict[PartitionId, int] = field(default_factory=dict)
    names: dict[str, Named] = field(default_factory=dict)  # by version of the bundle
    unreadable: list[tuple[TopicRecord, Exception]] = field(default_factory=list)
    n_records: int = 0
    n_rows: int = 0
    since_s: float | None = None

    def add(self, records: Iterable[TopicRecord], now_s: float) -> None:
        """Add records; one that cannot be read is kept apart and counts as processed."""
        rows: list[tuple[TopicRecord, Row]] = []
        for record in records:
            self.since_s = now_s if self.since_s is None else self.since_s
            self.last_offsets[record.place] = record.offset
            self.n_records += 1
            try:
                rows.append((record, self._row(record)))
            except Exception as cause:  # damaged bytes can raise anything
                self.unreadable.append((record, cause))
        if rows:
            self.tables.append(self._fitting(rows))
            self.n_rows += self.tables[-1].num_rows

    def due(self, now_s: float) -> bool:
        """Whether it is time to commit."""
        return self.since_s is not None and (self.n_rows >= MAX_ROWS or now_s - self.since_s >= MAX_AGE_S)

    def table(self) -> pa.Table:
        """The rows, ready to commit, without those of shoppers who were erased since."""
        return self.erased.without(pa.concat_tables([SCHEMA.empty_table(), *self.tables]))

    def _row(self, record: TopicRecord) -> Row:
        tenant, user_id = split_key(record.key or b"")
        answer = ServedAnswer.from_bytes(record.value or b"")
        row = row_of(tenant, user_id, answer) | {"partition": record.partition, "offset": record.offset}
        if answer.columns and answer.model_version:
            self.names[answer.model_version] = Named(answer.columns, answer.retrievers)
        return row

    def _fitting(self, read: Sequence[tuple[TopicRecord, Row]]) -> pa.Table:
        """One table of all rows, without those with a value that its column cannot hold; they are found by halving."""
        try:
            columns = [pa.array([row[one.name] for _, row in read], one.type) for one in SCHEMA]
        except (pa.ArrowException, OverflowError) as cause:
            if len(read) == 1:
                self.unreadable.append((read[0][0], cause))
                return SCHEMA.empty_table()
        else:
            return pa.Table.from_arrays(columns, schema=SCHEMA)
        half = len(read) // 2
        return pa.concat_tables([self._fitting(read[:half]), self._fitting(read[half:])])
