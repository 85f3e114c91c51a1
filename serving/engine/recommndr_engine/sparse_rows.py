"""A sparse matrix of items by items, as files of a bundle: for each item its related items, best first.

`ShopperMatrix` has the same files, and so has `SegmentTable` with segments in the rows.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import Rows, ScoreArray

_PARTS = ("starts", "columns", "values")


@dataclass(frozen=True, slots=True)
class SparseRows:
    """A sparse (n, n) matrix: row i has `columns[starts[i]:starts[i + 1]]` and the same slice of `values`, best first."""

    starts: npt.NDArray[np.int64]  # (n + 1,)
    columns: Rows
    values: ScoreArray

    @classmethod
    def read(cls, stem: Path) -> "SparseRows":
        """Read `<stem>_{starts,columns,values}.npy`."""
        parts = (np.load(f"{stem}_{part}.npy", mmap_mode="r", allow_pickle=False) for part in _PARTS)
        # Still the mapped file, but indexed as an array, because indexing a np.memmap returns a memmap each time.
        return cls(*map(np.asarray, parts))

    def write(self, stem: Path) -> None:
        """Write the files that `read` reads."""
        for part in _PARTS:
            np.save(f"{stem}_{part}.npy", getattr(self, part), allow_pickle=False)

    @staticmethod
    def remove(stem: Path) -> None:
        """Remove the files that `write` writes."""
        for part in _PARTS:
            Path(f"{stem}_{part}.npy").unlink(missing_ok=True)

    @property
    def n(self) -> int:
        """Number of rows and of columns."""
        return len(self.starts) - 1

    def weighted_sum(self, rows: Rows, weights: ScoreArray) -> ScoreArray:
        """(n,) float32: sum of `weights[j]` times row `rows[j]`."""
        return self.some(rows).weighted_sum(weights)

    def some(self, rows: Rows) -> "SomeRows":
        """These rows, one after the other."""
        places, lengths = places_of_rows(self.starts, rows)
        return SomeRows(self.n, lengths, self.columns.take(places), self.values.take(places))

    def sparse_mean(self, rows: Rows) -> tuple[Rows, ScoreArray]:
        """Columns with a value in any of these rows, ascending, and the mean over the rows of their values."""
        places, _ = places_of_rows(self.starts, rows)
        columns, of_column = np.unique(self.columns[places], return_inverse=True)
        sums = np.bincount(of_column, self.values[places], minlength=len(columns))
        return columns.astype(np.int32), (sums / max(len(rows), 1)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SomeRows:
    """Rows of a `SparseRows`, copied one after the other for several questions."""

    n: int  # columns of the matrix
    lengths: npt.NDArray[np.int64]  # how many values each row has
    columns: Rows
    values: ScoreArray

    def weighted_sum(self, weights: ScoreArray) -> ScoreArray:
        """(n,) float32: sum of `weights[j]` times the j-th row."""
        values = self.values * np.repeat(weights, self.lengths)
        return np.bincount(self.columns, values, minlength=self.n).astype(np.float32)

    def largest(self) -> ScoreArray:
        """(n,) float32: the largest value of each column in these rows; 0 where none has one."""
        return _largest(self.n, self.columns, self.values)

    def largest_of_first(self) -> ScoreArray:
        """(n,) float32: the same in the first row alone; zeros without any."""
        length = self.lengths[0] if len(self.lengths) else 0
        return _largest(self.n, self.columns[:length], self.values[:length])


def _largest(n: int, columns: Rows, values: ScoreArray) -> ScoreArray:
    largest = np.zeros(n, np.float32)
    np.maximum.at(largest, columns, values)
    return largest


def places_of_rows(
    starts: npt.NDArray[np.integer], rows: Rows, at_most: int | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the values of these rows are, one row after the other, and how many each has; of each row the first `at_most`."""
    begin = starts[rows].astype(np.int64, copy=False)
    lengths = starts[rows + 1] - begin
    if at_most is not None:
        lengths = np.minimum(lengths, at_most)
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin - (ends - lengths), lengths), lengths
