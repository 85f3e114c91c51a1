"""Item neighbours: items related to this shopper's items.

Each item has two lists, both sparse rows of a bundle: **neighbours** (same shoppers over the whole history, recency-weighted
cosine), queried with all items the shopper bought or viewed; and **co-visits** (same basket or session), queried with the
newest items only.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import DenseScores
from recommndr_engine.shopper import Shopper

NEIGHBOURS = "item_neighbours/neighbours"
CO_VISITS = "item_neighbours/co_visits"


@dataclass(frozen=True, slots=True)
class SparseRows:
    """A sparse (n, n) matrix: row i has `columns[starts[i]:starts[i + 1]]` and the same slice of `values`, best first."""

    starts: npt.NDArray[np.int64]  # (n + 1,)
    columns: Rows
    values: ScoreArray

    @classmethod
    def read(cls, stem: Path) -> "SparseRows":
        """Read `<stem>_{starts,columns,values}.npy`."""
        parts = (np.load(f"{stem}_{part}.npy", mmap_mode="r", allow_pickle=False) for part in ("starts", "columns", "values"))
        # Still the mapped file, but indexed as an array, because indexing a np.memmap returns a memmap each time.
        return cls(*map(np.asarray, parts))

    def write(self, stem: Path) -> None:
        """Write the files that `read` reads."""
        for part in ("starts", "columns", "values"):
            np.save(f"{stem}_{part}.npy", getattr(self, part), allow_pickle=False)

    def weighted_sum(self, rows: Rows, weights: ScoreArray) -> ScoreArray:
        """(n,) float32: sum of `weights[j]` times row `rows[j]`."""
        begin = self.starts[rows]
        lengths = self.starts[rows + 1] - begin
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin - (ends - lengths), lengths)
        values = self.values[places] * np.repeat(weights, lengths)
        return np.bincount(self.columns[places], values, minlength=len(self.starts) - 1).astype(np.float32)


class Neighbours:
    """Items bought by shoppers with the same purchases."""

    name = "neighbours"

    def __init__(self, matrix: SparseRows) -> None:
        self.matrix = matrix

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Neighbours":
        """From a bundle's folder."""
        return cls(SparseRows.read(directory / NEIGHBOURS))

    def open(self, shopper: Shopper, items: ItemView) -> DenseScores:
        """See `Retriever`."""
        rows, values = shopper.interests
        # The square root keeps one item that is bought every week from dominating.
        return DenseScores(self.matrix.weighted_sum(rows, np.sqrt(values)))


class CoVisits:
    """Items in the same baskets and sessions as the shopper's newest items."""

    name = "co_visits"

    def __init__(self, matrix: SparseRows, half_life_s: float) -> None:
        self.matrix, self._half_life_s = matrix, half_life_s

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "CoVisits":
        """From a bundle's folder."""
        return cls(SparseRows.read(directory / CO_VISITS), float(parameters["co_visits.half_life_s"]))

    def open(self, shopper: Shopper, items: ItemView) -> DenseScores:
        """See `Retriever`."""
        return DenseScores(self.matrix.weighted_sum(shopper.recent_rows, shopper.recent_weights(self._half_life_s)))


SPECS = (
    RetrieverSpec(
        name=Neighbours.name,
        place=30,
        read=Neighbours.read,
        stage="item_neighbours",
        file=f"{NEIGHBOURS}_starts.npy",
        quota=100,
        blend_weight=1.0,
        reason="Often bought with what you buy",
        discovers=True,
        from_actions=True,
    ),
    RetrieverSpec(
        name=CoVisits.name,
        place=40,
        read=CoVisits.read,
        stage="item_neighbours",
        file=f"{CO_VISITS}_starts.npy",
        quota=100,
        blend_weight=0.5,
        reason="Goes with what you chose lately",
        discovers=True,
        from_actions=True,
    ),
)
