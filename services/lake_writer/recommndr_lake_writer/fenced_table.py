"""A Delta table whose commits have a topic's offsets beside the rows.

Two writers may have the same partition for a while: one stood still, and another took over. A commit says behind which offset
its records begin. If the table has another one, or gets another one meanwhile, nothing is committed.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import DeltaError

from recommndr_lake_writer.read_part import ReadPart
from recommndr_tail.record import PartitionId

_log = logging.getLogger(__name__)

_COMMIT_ID = "recommndr.commit"  # metadata of a commit
_HAS_IDS = -1  # instead of an offset without the topic's id, once there is one with it


class Overtaken(RuntimeError):
    """The table has other offsets than the commit continues: another writer has written. Nothing was committed."""


class FencedTable:
    """A table of the lake. A commit has rows and offsets together, or neither."""

    def __init__(self, path: Path, schema: pa.Schema, partition_by: Sequence[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._table = DeltaTable.create(str(path), schema, mode="ignore", partition_by=list(partition_by))

    def _add_missing_columns(self, schema: pa.Schema) -> None:
        """Add columns that a table of an earlier release lacks; they are null in its rows."""
        there = {column.name for column in self._table.schema().fields}
        missing = [column for column in Schema.from_arrow(schema).fields if column.name not in there]
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
        transactions, commit_id = [Transaction(app_id, offset) for app_id, offset in offsets.items()], uuid.uuid4().hex
        committed = CommitProperties(custom_metadata={_COMMIT_ID: commit_id}, app_transactions=transactions)
        version = self._table.version()
        try:
            write_deltalake(self._table, rows, mode="append", commit_properties=committed)
        except DeltaError as cause:
            # A step after the commit (a checkpoint of the log) can fail although the commit is final. Offsets do not
            # tell: another writer that had the same records leaves the same ones.
            self.refresh()
            n_since = self._table.version() - version
            if n_since and any(one.get(_COMMIT_ID) == commit_id for one in self._table.history(n_since)):
                _log.warning("committed, but a step after the commit failed: %s", cause)
                return
            self._check(read)
            raise

    def _check(self, read: Mapping[PartitionId, ReadPart]) -> None:
        for place, part in read.items():
            found = self.last_offset(place, part.topic_id)
            if found != part.after:
                raise Overtaken(f"{place}: the lake has offset {found}, these records follow {part.after}")


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
