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
        places, lengths = self._places(rows)
        values = self.values[places] * np.repeat(weights, lengths)
        return np.bincount(self.columns[places], values, minlength=self.n).astype(np.float32)

    def largest(self, rows: Rows) -> ScoreArray:
        """(n,) float32: the largest value of each column in these rows; 0 where none has one."""
        places, _ = self._places(rows)
        largest = np.zeros(self.n, np.float32)
        np.maximum.at(largest, self.columns[places], self.values[places])
        return largest

    def sparse_mean(self, rows: Rows) -> tuple[Rows, ScoreArray]:
        """Columns with a value in any of these rows, ascending, and the mean over the rows of their values."""
        places, _ = self._places(rows)
        columns, of_column = np.unique(self.columns[places], return_inverse=True)
        sums = np.bincount(of_column, self.values[places], minlength=len(columns))
        return columns.astype(np.int32), (sums / max(len(rows), 1)).astype(np.float32)

    def _places(self, rows: Rows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where the values of these rows are, one row after the other, and how many each has."""
        begin = self.starts[rows]
        lengths = self.starts[rows + 1] - begin
        ends = np.cumsum(lengths)
        return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin - (ends - lengths), lengths), lengths
