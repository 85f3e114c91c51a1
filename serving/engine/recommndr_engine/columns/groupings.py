"""Items in five groupings: by root, second level and leaf category, by brand, and by leaf category with brand."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from recommndr.features.decay import FloatArray
from recommndr_engine.arrays import NO_ROW, Rows
from recommndr_engine.live_items import ItemTable

ROOT: Final = 0
SECOND: Final = 1
LEAF: Final = 2  # the whole path, so that men's shoes are not women's shoes
BRAND: Final = 3
LEAF_BRAND: Final = 4  # brand within the leaf category
N_GROUPINGS: Final = 5

Codes = npt.NDArray[np.int64]  # (N_GROUPINGS, n)


@dataclass(frozen=True, slots=True)
class Groupings:
    """A code for each item in each grouping. Groupings have ranges of codes apart, so that one pass sums all of them."""

    codes: Codes
    no_group: Codes  # (N_GROUPINGS,) codes of items without a group
    n: int  # all codes are below

    @classmethod
    def of(cls, table: ItemTable, live: Rows) -> "Groupings":
        """Of these live rows."""
        codes = np.empty((N_GROUPINGS, len(live)), np.int64)
        codes[ROOT], codes[SECOND] = table.categories[live, 0], table.categories[live, 1]
        codes[LEAF], codes[BRAND] = table.leaf[live], table.brand[live]
        codes[LEAF_BRAND] = _pairs(codes[LEAF], codes[BRAND])
        sizes = codes.max(axis=1, initial=NO_ROW) - NO_ROW + 1
        ends = np.cumsum(sizes)
        no_group = ends - sizes
        codes += (no_group - NO_ROW)[:, np.newaxis]
        return cls(codes, no_group, int(ends[-1]))

    def sums(self, mine: slice, theirs: slice, values: FloatArray) -> FloatArray:
        """(N_GROUPINGS, n theirs) sum of `values` of my items in the group of each of theirs; 0 for items without a group."""
        codes = self.codes[:, mine]
        sums = np.bincount(codes.ravel(), np.tile(values, N_GROUPINGS), minlength=self.n).astype(np.float64, copy=False)
        sums[self.no_group] = 0.0
        found: FloatArray = sums[self.codes[:, theirs]]
        return found

    def newest(self, grouping: int, mine: slice, theirs: slice, times: FloatArray) -> FloatArray:
        """(n theirs,) largest of `times` of my items in the group of each of theirs; NaN where there are none."""
        newest: FloatArray = np.full(self.n, -np.inf)
        np.maximum.at(newest, self.codes[grouping, mine], times)
        newest[self.no_group] = -np.inf
        found: FloatArray = newest[self.codes[grouping, theirs]]
        found[np.isneginf(found)] = np.nan
        return found


def _pairs(a: Codes, b: Codes) -> Codes:
    """A small code for each pair of codes that occurs; `NO_ROW` where one of the two is missing."""
    known = (a != NO_ROW) & (b != NO_ROW)
    codes = np.full(len(a), NO_ROW, np.int64)
    pairs = a[known] * (b.max(initial=0) + 1) + b[known]
    codes[known] = np.searchsorted(np.sort(pairs), pairs)  # the place of the first of its kind
    return codes
