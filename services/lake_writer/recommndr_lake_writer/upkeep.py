"""Keeps the tables in order beside the writers: erases shoppers, joins small files, removes repeats, deletes what is old.

Every step looks at the table's log only, and opens the files of the partitions that have changed. Joining files never
conflicts with an append. Removing repeats does, so it waits until a day is over; a conflict costs nothing but the attempt.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from recommndr_lake_writer.erasures import Erasure, Erasures
from recommndr_lake_writer.fenced_table import last_offset
from recommndr_lake_writer.forgetting import forget, forget_answers
from recommndr_lake_writer.lake import RECORD, as_schema, events_dir, first_of_each_event
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.served_table import served_dir

_log = logging.getLogger(__name__)

FILE_BYTES = 64 * 2**20  # about a million lines
# Joining rewrites what was joined before. So today's files are joined when they are many, and only up to a size.
OPEN_FILE_BYTES = 8 * 2**20
MANY_FILES = 20
_VACUUM_EVERY = timedelta(hours=1)
_STRAGGLERS = timedelta(minutes=10)  # how long after midnight records of the day before still come

# An answer that was being committed while its shopper was erased may come behind the deletion, which is then repeated.
_LATE_COMMITS = timedelta(minutes=10)


class _Kept(NamedTuple):
    """A table of the lake: its folder's name and the column of its days."""

    name: str
    day_column: str


_EVENTS, _SERVED = _Kept("events", "received_on"), _Kept("served", "served_on")
Partition = tuple[str, date]
ForgetSeeds = Callable[[str, str], None]  # of a tenant's shopper


@dataclass
class Upkeep:
    """Housekeeping of one lake. `leads` says whether it is this process's turn: of several writers, one does it."""

    lake_dir: Path
    retention: timedelta
    metrics: Metrics
    now: Callable[[], datetime]
    leads: Callable[[], bool] = lambda: True
    forget_seeds: ForgetSeeds = lambda _tenant, _user_id: None
    served_kept: timedelta = timedelta(days=90)
    _vacuumed_at: datetime | None = field(default=None, init=False)

    def step(self) -> None:
        """Erase, compact what changed, vacuum when an hour has passed; raises `DeltaError`, `KafkaError` or `OSError`."""
        if not self.leads() or self._table(events_dir(self.lake_dir)) is None:
            return
        self.erase()
        self.compact()
        if self._vacuumed_at is None or self.now() - self._vacuumed_at >= _VACUUM_EVERY:
            self.expire()
            self.vacuum()
            self._vacuumed_at = self.now()

    def erase(self) -> None:
        """Carry out the erasures whose records are in the table; raises as `step` does, and the next step goes on.

        Seeds first: a job that starts reads them, and the lake says that all is done.
        """
        erasures = Erasures(self.lake_dir)
        known = list(erasures.all())
        for one in known:
            if one.done_at is not None and self.now() - one.done_at < _LATE_COMMITS:
                self.metrics.erased_rows.inc(self._forget_answers(one))
        pending = [one for one in known if one.done_at is None]
        self.metrics.erasures_pending.set(len(pending))
        for one in pending:
            table = DeltaTable(events_dir(self.lake_dir))
            reached = last_offset(table, (one.topic, one.partition), one.topic_id)
            if reached is None or reached < one.offset:
                continue
            self.forget_seeds(one.tenant, one.user_id)
            n_rows = forget(table, one) + self._forget_answers(one)
            erasures.done(one, self.now(), n_rows)
            self.metrics.erased_rows.inc(n_rows)
            self.metrics.erasures_pending.dec()

    def _forget_answers(self, erasure: Erasure) -> int:
        table = self._table(served_dir(self.lake_dir))
        return 0 if table is None else forget_answers(table, erasure)

    def _table(self, path: Path) -> DeltaTable | None:
        return DeltaTable(path) if DeltaTable.is_deltatable(str(path)) else None

    def compact(self) -> int:
        """Join small files of the partitions that have many; returns the number of repeated rows removed."""
        n_removed = 0
        for kept in (_EVENTS, _SERVED):
            table = self._table(self.lake_dir / kept.name)
            if table is not None:
                n_removed += sum(self._compact(table, kept, *part) for part in self._changed(table, kept))
        self.metrics.repeats_removed.inc(n_removed)
        return n_removed

    def _changed(self, table: DeltaTable, kept: _Kept) -> list[Partition]:
        names = {"partition.tenant": "tenant", f"partition.{kept.day_column}": "day", "size_bytes": "size_bytes"}
        files = pa.table(table.get_add_actions(flatten=True)).select(list(names)).rename_columns(names)
        self.metrics.files.labels(kept.name).set(files.num_rows)
        return changed(files, self._open_since())

    def _open_since(self) -> date:
        return (self.now() - _STRAGGLERS).date()

    def _compact(self, table: DeltaTable, kept: _Kept, tenant: str, day: date) -> int:
        try:
            with self.metrics.compaction_s.time():
                wanted = [("tenant", "=", tenant), (kept.day_column, "=", str(day))]
                is_over = day < self._open_since()
                size = FILE_BYTES if is_over else OPEN_FILE_BYTES
                table.optimize.compact(partition_filters=wanted, target_size=size, max_concurrent_tasks=1)
                return self._without_repeats(table, tenant, day) if is_over and kept is _EVENTS else 0
        except CommitFailedError as cause:  # another commit came first
            _log.info("files of %s on %s were not joined and will be tried again: %s", tenant, day, cause)
            table.update_incremental()
            return 0

    def _without_repeats(self, table: DeltaTable, tenant: str, day: date) -> int:
        wanted = [("tenant", "=", tenant), ("received_on", "=", day)]
        records = table.to_pyarrow_table(filters=wanted, columns=RECORD)
        if first_of_each_event(records).num_rows == records.num_rows:
            return 0
        kept = first_of_each_event(as_schema(table.to_pyarrow_table(filters=wanted)))
        # tenants hold a-z, 0-9 and '-' only
        write_deltalake(table, kept, mode="overwrite", predicate=f"tenant = '{tenant}' AND received_on = '{day}'")
        n_removed: int = records.num_rows - kept.num_rows
        return n_removed

    def expire(self) -> None:
        """Let go of answers that are older than they are kept; whole days, without reading them."""
        table = self._table(served_dir(self.lake_dir))
        if table is None:
            return
        first = (self.now() - self.served_kept).date()
        days = pa.table(table.get_add_actions(flatten=True))["partition.served_on"]
        if len(days) and pc.min(days).as_py() < first:
            table.delete(f"served_on < '{first}'")
            _log.info("answers from before %s are no longer kept", first)

    def vacuum(self) -> None:
        """Delete files that no table has needed for the retention, also those of commits that never came, and old logs."""
        for kept in (_EVENTS, _SERVED):
            table = self._table(self.lake_dir / kept.name)
            if table is not None:
                self._vacuum(table)

    def _vacuum(self, table: DeltaTable) -> None:
        hours = int(self.retention / timedelta(hours=1))
        self._keep_log(table, f"interval {hours} hours")
        gone = table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=True)
        self.metrics.deleted_files.inc(len(gone))
        table.create_checkpoint()
        table.cleanup_metadata()

    def _keep_log(self, table: DeltaTable, interval: str) -> None:
        wanted = dict.fromkeys(("delta.logRetentionDuration", "delta.deletedFileRetentionDuration"), interval)
        if not wanted.items() <= table.metadata().configuration.items():
            table.alter.set_table_properties(wanted)


def changed(files: pa.Table, open_since: date) -> list[Partition]:
    """Partitions with many small files, or with two of a day that is over; by tenant and day.

    `files` has the columns tenant, day and size_bytes.
    """
    is_over = pc.less(files["day"], pa.scalar(open_since))
    small = files.filter(pc.less(files["size_bytes"], pc.if_else(is_over, FILE_BYTES // 2, OPEN_FILE_BYTES // 2)))
    counted = small.group_by(["tenant", "day"]).aggregate([("size_bytes", "count")])
    limits = pc.if_else(pc.less(counted["day"], pa.scalar(open_since)), 2, MANY_FILES)
    found = counted.filter(pc.greater_equal(counted["size_bytes_count"], limits))
    return sorted(zip(found["tenant"].to_pylist(), found["day"].to_pylist(), strict=True))
