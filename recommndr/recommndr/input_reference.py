"""InputReference: how each ranker input is distributed where a bundle's data end; a file of the bundle.

The array is (n columns, 102) float32, a row per ranker column in the manifest's order: the share of unknown values (NaN), then
the percentiles 0 to 100 of the known ones, NaN where there are none.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

REFERENCE_FILE = "input_reference.npy"
N_PERCENTILES = 101
Floats = npt.NDArray[np.float32]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InputReference:
    """The distributions."""

    table: Floats

    def __post_init__(self) -> None:
        """Raise `ValueError` for another shape."""
        if self.table.ndim != 2 or self.table.shape[1] != 1 + N_PERCENTILES:
            raise ValueError(f"input reference of shape {self.table.shape}: expected (n columns, {1 + N_PERCENTILES})")

    @classmethod
    def of(cls, inputs: Floats) -> Self:
        """Of (n, n_columns) inputs; the same whatever their order."""
        rows = []
        for column in inputs.T:
            known = column[~np.isnan(column)] + np.float32(0)  # -0.0 and 0.0 are one value
            percentiles = np.percentile(known, np.arange(N_PERCENTILES), method="lower") if len(known) else np.nan
            rows.append(np.r_[np.mean(np.isnan(column)), np.broadcast_to(percentiles, N_PERCENTILES)])
        return cls(np.array(rows, np.float32).reshape(-1, 1 + N_PERCENTILES))

    def shares(self, column: int, ends: Shares) -> Shares:
        """(len(ends) + 1,) share of the column's values in bins that end at `ends` (ascending, each end inside its bin).

        Unknown values are in the last bin, above all ends.
        """
        unknown, percentiles = float(self.table[column, 0]), self.table[column, 1:]
        known = np.searchsorted(percentiles, ends, side="right").clip(0, 100) / 100.0 if unknown < 1.0 else np.zeros(len(ends))
        below = known * (1.0 - unknown)
        return np.diff(np.r_[0.0, below, 1.0])

    def ends(self, column: int, n_bins: int) -> Shares:
        """Ends of at most `n_bins` bins with about equal shares of the known values; a value that is common is never split."""
        places = np.arange(1, n_bins) * 100 // n_bins
        ends: Shares = np.unique(self.table[column, 1:][places].astype(np.float64))
        return ends[~np.isnan(ends)]
