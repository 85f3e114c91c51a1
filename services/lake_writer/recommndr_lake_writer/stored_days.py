"""A tenant's stored rows by the day on which their events happened, although the table is partitioned otherwise.

The table's log knows the first and last `event_at` of each file. A file belongs to the day of its last event; rows of earlier
days in it are late. They are few in a live log, and are read first and held, so each file is opened at most twice, whatever
times its rows have. This holds for every way of partitioning, so also for tables of earlier releases.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyarrow.dataset import Expression, FileSystemDataset, ParquetFileFragment

_INSTANT = pa.timestamp("us", tz="UTC")
_DAY_US = 86_400_000_000
# Some writers cut the instants of the log to milliseconds.
_PRECISION = timedelta(milliseconds=1)
_FIRST_DAY = datetime(1, 1, 1, tzinfo=UTC)
_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _File:
    fragment: ParquetFileFragment
    first_at: datetime
    last_at: datetime

    @property
    def day(self) -> date:
        return self.last_at.date()

    @property
    def has_late_rows(self) -> bool:
        return self.first_at.date() < self.day


class StoredDays:
    """The rows with `since <= event_at < until` of one version of the table, repeats included."""

    def __init__(self, table: DeltaTable, tenant: str, since: datetime, until: datetime) -> None:
        # Opened once: it reads the statistics of every file.
        self._dataset = table.to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
        self._asked = _between(since, until) & (pc.field("tenant") == tenant)
        self._files = [file for file in self._found(table) if file.last_at >= since and file.first_at < until]

    def _found(self, table: DeltaTable) -> Iterator[_File]:
        added = pa.table(table.get_add_actions(flatten=True))
        paths = [unquote(path) for path in added["path"].to_pylist()]  # the log has them in URL encoding
        firsts, lasts = (added[f"{end}.event_at"].to_pylist() for end in ("min", "max"))
        ends = {path: (first or _FIRST_DAY, last or _LAST_DAY) for path, first, last in zip(paths, firsts, lasts, strict=True)}
        for fragment in self._dataset.get_fragments():
            first_at, last_at = ends[unquote(fragment.path)]
            yield _File(fragment, first_at, min(last_at, _LAST_DAY) + _PRECISION)

    def __iter__(self) -> Iterator[tuple[date, pa.Table]]:
        """Each day that has rows, oldest first, and its rows, in no order."""
        late = _by_day(self._late())
        of_days: dict[date, list[_File]] = defaultdict(list)
        for file in self._files:
            of_days[file.day].append(file)
        for day in sorted(of_days.keys() | late.keys()):
            on_time = self._read(of_days[day], pc.field("event_at") >= pa.scalar(start_of(day), _INSTANT))
            rows = pa.concat_tables([*late.pop(day, []), on_time])
            if rows.num_rows:
                yield day, rows

    def _late(self) -> pa.Table:
        of_days: dict[date, list[_File]] = defaultdict(list)
        for file in self._files:
            if file.has_late_rows:
                of_days[file.day].append(file)
        late = (self._read(files, pc.field("event_at") < pa.scalar(start_of(day), _INSTANT)) for day, files in of_days.items())
        return pa.concat_tables([self._dataset.schema.empty_table(), *late])

    def _read(self, files: Sequence[_File], wanted: Expression) -> pa.Table:
        dataset = self._dataset
        of_files = FileSystemDataset([file.fragment for file in files], dataset.schema, dataset.format, dataset.filesystem)
        return of_files.to_table(filter=wanted & self._asked)


def start_of(day: date) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), UTC)


def _between(since: datetime, until: datetime) -> Expression:
    at = pc.field("event_at")
    return (at >= pa.scalar(since, _INSTANT)) & (at < pa.scalar(until, _INSTANT))


def _by_day(rows: pa.Table) -> dict[date, list[pa.Table]]:
    if rows.num_rows == 0:
        return {}
    ordered = rows.sort_by("event_at")
    numbers = np.floor_divide(ordered["event_at"].cast(pa.int64()).to_numpy(), _DAY_US)
    starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]])
    edges = pairwise([*starts.tolist(), len(numbers)])
    found = {numbers[start]: ordered.slice(start, stop - start) for start, stop in edges}
    return {date(1970, 1, 1) + timedelta(days=int(number)): [part] for number, part in found.items()}
