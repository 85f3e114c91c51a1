"""Bought together: which items share a basket more often than their popularity and the size of baskets let expect.

A pair's lift is n(ij) / e(ij): the baskets with both, by those expected if items filled the baskets at random, each as often
as it occurs, e(ij) = n(i) n(j) c with c = sum s (s - 1) / (sum s)^2 over the sizes s of baskets. The textbook has 1 / N for c,
of N baskets; where some baskets are large nearly every pair is then above 1, also milk of two brands. The larger c is taken.
The 95 % interval is exp(log lift ± 1.96 d) with d^2 = 1/n(ij) - 1/n(i) - 1/n(j) + 2 n(ij) / (n(i) n(j)) - 1/N: the delta
method for counts of one multinomial of N baskets, with c as if it were known.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.sparse_rows import SparseRows

BOUGHT_TOGETHER = "bought_together"
_STEM, _BASKETS_FILE, _TOTALS_FILE = (f"{BOUGHT_TOGETHER}/{part}" for part in ("pairs", "baskets.npy", "totals.npy"))
_Z_95 = 1.96

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Basketry:
    """How often items are in baskets: what a lift is computed from."""

    baskets: Counts  # (n_items,) with the item
    n_baskets: int
    pair_rate: float  # c of the module's formula

    def lift(self, one: Rows, other: Rows, together: Counts) -> tuple[Floats, Floats, Floats]:
        """Lift of each pair, and the ends of its 95 % interval; `together` is at least 1."""
        n_one, n_other = self.baskets[one].astype(np.float64), self.baskets[other].astype(np.float64)
        lift = together / (n_one * n_other * self.pair_rate)
        variance = (
            1.0 / together - 1.0 / n_one - 1.0 / n_other + 2.0 * together / (n_one * n_other) - 1.0 / max(self.n_baskets, 1)
        )
        factor = np.exp(_Z_95 * np.sqrt(np.maximum(variance, 0.0)))
        return lift, lift / factor, lift * factor


@dataclass(frozen=True, slots=True)
class Companions:
    """Items that are bought together with some others, each once; parallel arrays."""

    rows: Rows  # ascending
    scores: ScoreArray  # shares of the baskets with the asked items that have it, summed over the asked items
    beside: Rows  # the asked item with which it has the largest share; the evidence is of this pair
    together: Counts  # baskets with both
    share: Floats  # of the baskets with `beside`
    lift: Floats
    lift_low: Floats
    lift_high: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, places: npt.NDArray[np.intp] | Mask) -> "Companions":
        """Those at these places."""
        return Companions(*(getattr(self, name)[places] for name in self.__dataclass_fields__))

    def of_rows(self, rows: Rows) -> "Companions":
        """Those of these rows, which it has, in their order."""
        return self.only(np.searchsorted(self.rows, rows))


class BoughtTogether:
    """Pairs of a bundle with evidence: at least so many baskets, and a lift whose interval is above 1."""

    def __init__(self, pairs: SparseRows, basketry: Basketry) -> None:
        self.pairs, self.basketry = pairs, basketry  # values of `pairs`: baskets with both

    @classmethod
    def found(cls, directory: Path) -> "BoughtTogether | None":
        """From a bundle's folder; None for a bundle without it."""
        if not (directory / _TOTALS_FILE).exists():
            return None
        n_baskets, pair_rate = np.load(directory / _TOTALS_FILE, allow_pickle=False).tolist()
        baskets = np.load(directory / _BASKETS_FILE, allow_pickle=False)
        return cls(SparseRows.read(directory / _STEM), Basketry(baskets, int(n_baskets), pair_rate))

    def write(self, directory: Path) -> None:
        """Write the files that `found` reads."""
        (directory / BOUGHT_TOGETHER).mkdir(parents=True, exist_ok=True)
        self.pairs.write(directory / _STEM)
        np.save(directory / _BASKETS_FILE, self.basketry.baskets, allow_pickle=False)
        np.save(directory / _TOTALS_FILE, np.array([self.basketry.n_baskets, self.basketry.pair_rate]), allow_pickle=False)

    def with_items(self, rows: Rows) -> Companions:
        """What is bought together with any of these items, those themselves left out."""
        some = self.pairs.some(rows)
        beside = np.repeat(rows, some.lengths)
        share = some.values / self.basketry.baskets[beside]
        order = np.lexsort((-share, some.columns))
        order = order[~np.isin(some.columns[order], rows)]
        columns = some.columns[order]
        first = np.flatnonzero(np.append(True, columns[1:] != columns[:-1])) if len(columns) else np.zeros(0, np.intp)
        scores = np.add.reduceat(share[order], first) if len(first) else np.zeros(0)
        best = order[first]
        together = some.values[best].astype(np.int64)
        lift, low, high = self.basketry.lift(beside[best], some.columns[best], together)
        return Companions(
            some.columns[best],
            scores.astype(np.float32),
            beside[best],
            together,
            share[best].astype(np.float64),
            lift,
            low,
            high,
        )
