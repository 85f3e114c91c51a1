"""The Delta table: appends that store the topic's offsets in the same commit, and compaction."""

import logging
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from recommndr_lake_writer.lake import PARTITION_BY, RECORD, SCHEMA, as_schema, events_dir, first_of_each_event
from recommndr_lake_writer.repartition import repartition
from recommndr_tail.record import PartitionId

_log = logging.getLogger(__name__)


class EventsTable:
    """The lake's table of events for its one writer. A commit has rows and offsets together, or neither."""

    def __init__(self, lake_dir: Path) -> None:
        self.directory = lake_dir
        path = events_dir(lake_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._table = DeltaTable.create(str(path), SCHEMA, mode="ignore", partition_by=PARTITION_BY)
        repartition(self._table, path)
        self._add_missing_columns()

    def _add_missing_columns(self) -> None:
        """Add columns that a table of an earlier release lacks; they are null in its rows."""
        there = {column.name for column in self._table.schema().fields}
        missing = [column for column in Schema.from_arrow(SCHEMA).fields if column.name not in there]
        if missing:
            self._table.alter.add_columns(missing)
            _log.info("added columns to the lake: %s", [column.name for column in missing])

    def last_offset(self, place: PartitionId) -> int | None:
        """Offset of the last record whose rows are in the table; None before the first."""
        version: int | None = self._table.transaction_version(_app_id(place))
        return version

    def append(self, rows: pa.Table, last_offsets: Mapping[PartitionId, int]) -> None:
        """Commit rows and the offsets of the last records they came from; raises `deltalake.exceptions.DeltaError`.

        Imports and simulations have no offsets, so the caller decides about repeating; readers ignore repeats.
        """
        transactions = [Transaction(_app_id(place), offset) for place, offset in last_offsets.items()]
        try:
            write_deltalake(self._table, rows, mode="append", commit_properties=CommitProperties(app_transactions=transactions))
        except DeltaError as cause:
            # A step after the commit (a checkpoint of the log) can fail although the commit is final.
            self._table.update_incremental()
            if not last_offsets or not all(
                _at_least(self.last_offset(place), offset) for place, offset in last_offsets.items()
            ):
                raise
            _log.warning("committed, but a step after the commit failed: %s", cause)

    def replace_imported(self, tenant: str, rows: pa.Table, after: date, until: date) -> None:
        """Replace a tenant's rows without an offset received `after < received_on <= until` by `rows`, in one commit.

        All `rows` must be in that range. Raises `deltalake.exceptions.DeltaError`; nothing has changed then.
        """
        # tenants hold a-z, 0-9 and '-' only
        predicate = f"tenant = '{tenant}' AND received_on > '{after}' AND received_on <= '{until}' AND \"offset\" IS NULL"
        if rows.num_rows:
            write_deltalake(self._table, rows, mode="overwrite", predicate=predicate)
        else:
            self._table.delete(predicate)

    def has_imported(self, tenant: str) -> bool:
        """Whether a tenant has rows without an offset (imports and simulations)."""
        of_tenant = self._table.to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
        wanted = (pc.field("tenant") == tenant) & pc.field("offset").is_null()
        return bool(of_tenant.head(1, columns=["offset"], filter=wanted).num_rows)

    def import_rules(self, tenant: str) -> int | None:
        """The version of the import's rules for a tenant's imported rows; None: not marked."""
        version: int | None = self._table.transaction_version(_rules_id(tenant))
        return version

    def mark_import_rules(self, tenant: str, version: int) -> None:
        """Store the version of the import's rules in the table's log; raises `deltalake.exceptions.DeltaError`."""
        marked = CommitProperties(app_transactions=[Transaction(_rules_id(tenant), version)])
        self._table.create_write_transaction([], mode="append", schema=self._table.schema(), commit_properties=marked)
        self._table.update_incremental()

    def lines_of_days(self, tenant: str, days: Collection[date]) -> pa.Table:
        """A tenant's lines without an offset (imports) received on these days: event_id, line_no, received_at."""
        names = ["event_id", "line_no", "received_at"]
        wanted = [("tenant", "=", tenant), ("received_on", "in", list(days))]
        stored = self._table.to_pyarrow_table(filters=wanted, columns=[*names, "offset"])
        return stored.filter(stored["offset"].is_null()).select(names)

    def compact(self) -> int:
        """Join small files and remove repeated events; returns the number of removed rows. The offsets are kept."""
        self._table.optimize.compact()
        return sum(self._without_repeats(tenant, day) for tenant, day in self._with_repeats())

    def _with_repeats(self) -> list[tuple[str, str]]:
        """Tenants and days with an event that occurs twice."""
        # Opened once, because it reads the log's statistics of every file; opening it per day made hundreds of days take
        # minutes.
        dataset = self._table.to_pyarrow_dataset()
        found = []
        for part in self._table.partitions():
            day = date.fromisoformat(part["received_on"])
            of_day = (pc.field("tenant") == part["tenant"]) & (pc.field("received_on") == day)
            stored = dataset.to_table(filter=of_day, columns=RECORD)
            if first_of_each_event(stored).num_rows < stored.num_rows:
                found.append((part["tenant"], part["received_on"]))
        return sorted(found)

    def _without_repeats(self, tenant: str, day: str) -> int:
        # Read again at the version that the commit is checked against, so that rows imported since are not overwritten.
        stored = self._table.to_pyarrow_table(filters=[("tenant", "=", tenant), ("received_on", "=", date.fromisoformat(day))])
        kept = first_of_each_event(as_schema(stored))
        n_removed: int = stored.num_rows - kept.num_rows
        if n_removed:
            predicate = f"tenant = '{tenant}' AND received_on = '{day}'"  # tenants hold a-z, 0-9 and '-' only
            try:
                write_deltalake(self._table, kept, mode="overwrite", predicate=predicate)
            except CommitFailedError as cause:  # another commit came first; the next compaction tries again
                _log.warning("repeats of %s on %s were not removed and will be tried again: %s", tenant, day, cause)
                return 0
        return n_removed


def _at_least(stored: int | None, offset: int) -> bool:
    return stored is not None and stored >= offset


def _app_id(place: PartitionId) -> str:
    topic, partition = place
    return f"{topic}-{partition}"


def _rules_id(tenant: str) -> str:
    return f"import-rules-{tenant}"
