"""The Delta table: appends that store the topic's offsets in the same commit.

Two writers may have the same partition for a while: one stood still, and another took over. A commit says behind which offset
its records begin. If the table has another one, or gets another one meanwhile, nothing is committed.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import DeltaError

from recommndr_lake_writer.lake import PARTITION_BY, SCHEMA, events_dir
from recommndr_lake_writer.read_part import ReadPart
from recommndr_lake_writer.repartition import repartition
from recommndr_tail.record import PartitionId

_log = logging.getLogger(__name__)

_HAS_IDS = -1  # instead of an offset without the topic's id, once there is one with it


class Overtaken(RuntimeError):
    """The table has other offsets than the commit continues: another writer has written. Nothing was committed."""


class EventsTable:
    """The lake's table of events. A commit has rows and offsets together, or neither."""

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

    def refresh(self) -> None:
        """Take note of what others committed; raises `deltalake.exceptions.DeltaError`."""
        self._table.update_incremental()

    def last_offset(self, place: PartitionId, topic_id: str = "") -> int | None:
        """`last_offset` as of the last commit or `refresh`."""
        return last_offset(self._table, place, topic_id)

    def has_ids(self, place: PartitionId) -> bool:
        """Whether the offsets of this partition are those of topics with ids."""
        return _has_ids(self._table, place)

    def append(self, rows: pa.Table, read: Mapping[PartitionId, ReadPart]) -> None:
        """Commit rows and the offsets of the records that they came from.

        Raises `Overtaken`, or `deltalake.exceptions.DeltaError` when the commit failed and may be tried again. Imports and
        simulations have no offsets, so the caller decides about repeating; readers ignore repeats.
        """
        self._check(read)
        offsets = {_app_id(place, part.topic_id): part.last for place, part in read.items()}
        offsets |= {_app_id(place, ""): _HAS_IDS for place, part in read.items() if part.topic_id and not self.has_ids(place)}
        committed = CommitProperties(app_transactions=[Transaction(app_id, offset) for app_id, offset in offsets.items()])
        try:
            write_deltalake(self._table, rows, mode="append", commit_properties=committed)
        except DeltaError as cause:
            # A step after the commit (a checkpoint of the log) can fail although the commit is final.
            self.refresh()
            if read and all(self.last_offset(place, part.topic_id) == part.last for place, part in read.items()):
                _log.warning("committed, but a step after the commit failed: %s", cause)
                return
            self._check(read)
            raise

    def _check(self, read: Mapping[PartitionId, ReadPart]) -> None:
        for place, part in read.items():
            found = self.last_offset(place, part.topic_id)
            if found != part.after:
                raise Overtaken(f"{place}: the lake has offset {found}, these records follow {part.after}")

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
        self.refresh()

    def lines_of_days(self, tenant: str, days: Collection[date]) -> pa.Table:
        """A tenant's lines without an offset (imports) received on these days: event_id, line_no, received_at."""
        names = ["event_id", "line_no", "received_at"]
        wanted = [("tenant", "=", tenant), ("received_on", "in", list(days))]
        stored = self._table.to_pyarrow_table(filters=wanted, columns=[*names, "offset"])
        return stored.filter(stored["offset"].is_null()).select(names)


def last_offset(table: DeltaTable, place: PartitionId, topic_id: str = "") -> int | None:
    """Offset of the last record whose rows are in the table; None before the first.

    What a release without ids of topics left counts for the topic there is until the first commit with an id.
    """
    found: int | None = table.transaction_version(_app_id(place, topic_id)) if topic_id else None
    if found is None and not _has_ids(table, place):
        found = table.transaction_version(_app_id(place, ""))
    return found


def _has_ids(table: DeltaTable, place: PartitionId) -> bool:
    return bool(table.transaction_version(_app_id(place, "")) == _HAS_IDS)


def _app_id(place: PartitionId, topic_id: str) -> str:
    topic, partition = place
    return f"{topic}-{topic_id}-{partition}" if topic_id else f"{topic}-{partition}"


def _rules_id(tenant: str) -> str:
    return f"import-rules-{tenant}"
