"""Keeps lines on disk between reading and writing: added in the order of the files, read back day by day.

So nothing reaches the lake before all rows are checked, each day is written once (one file of the lake, not one per batch),
and memory holds only a chunk.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

_US_PER_DAY = 86_400_000_000


class Spool:
    """A folder of Arrow files, one per batch, each with one record batch per day."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._places: dict[int, list[tuple[Path, int]]] = defaultdict(list)  # by day since 1970
        self._rows_by_day: dict[int, int] = defaultdict(int)

    @property
    def n_lines(self) -> int:
        """The number of lines."""
        return sum(self._rows_by_day.values())

    def add(self, lines: pa.Table) -> None:
        """Add lines, which have a column `at`."""
        if lines.num_rows == 0:
            return
        days = lines["at"].cast(pa.int64()).to_numpy() // _US_PER_DAY
        order = np.argsort(days, kind="stable")
        days, ordered = days[order], lines.take(pa.array(order)).combine_chunks()
        starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]])
        path = self._directory / f"{len(list(self._directory.iterdir())):06}.arrow"
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(path, ordered.schema, options=options) as writer:
            for place, (start, stop) in enumerate(zip(starts, [*starts[1:], len(days)], strict=True)):
                writer.write_table(ordered.slice(start, stop - start))
                self._places[int(days[start])].append((path, place))
                self._rows_by_day[int(days[start])] += int(stop - start)

    def chunks(self, min_rows: int) -> Iterator[pa.Table]:
        """Yield whole days in order, at least `min_rows` lines at a time."""
        chunk: list[int] = []
        for day in sorted(self._places):
            chunk.append(day)
            if sum(self._rows_by_day[day] for day in chunk) >= min_rows:
                yield self._read(chunk)
                chunk = []
        if chunk:
            yield self._read(chunk)

    def _read(self, days: list[int]) -> pa.Table:
        by_file: dict[Path, list[int]] = defaultdict(list)
        for day in days:
            for path, place in self._places[day]:
                by_file[path].append(place)
        found = []
        for path, places in sorted(by_file.items()):
            with pa.ipc.open_file(path) as reader:
                found += [reader.get_batch(place) for place in places]
        return pa.Table.from_batches(found)
