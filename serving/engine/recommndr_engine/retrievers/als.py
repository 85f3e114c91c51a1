"""ALS: items near the shopper's vector, which is folded in from the shopper's state, in training too.

The vector solves the normal equation of implicit feedback (Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback
datasets", ICDM 2008): (Y'Y + Y'(C - I)Y + reg I) x = Y'C p with preference p = 1 where r > 0 and confidence c = alpha r, not
1 + alpha r: with that, an old purchase would count more than here relative to items never bought (NDCG@10 on grocer .162, not
.184).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import best
from recommndr_engine.shopper import Shopper

FACTORS_FILE = "als/item_factors.npy"
_N_NEAREST = 512  # searched for many shoppers at once: a quota's items are among them though the shopper owns hundreds
_ROUNDED = 8  # items about the last place that rounding may exchange


class Als:
    """Exact inner product search over item factors."""

    name = "als"

    def __init__(self, factors: ScoreArray, alpha: float, regularisation: float) -> None:
        if not np.isfinite(factors).all():
            raise ValueError(f"{FACTORS_FILE}: {(~np.isfinite(factors)).sum()} values are not finite")
        self.factors = np.ascontiguousarray(factors, np.float32)
        self._alpha = np.float32(alpha)
        n_factors = factors.shape[1]
        self._gram = self.factors.T @ self.factors + np.float32(regularisation) * np.eye(n_factors, dtype=np.float32)
        self._index = FactorIndex(self.factors)
        self._norms = np.maximum(np.linalg.norm(self.factors, axis=1), np.float32(1e-12))

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Als":
        """From a bundle's folder."""
        factors = np.load(directory / FACTORS_FILE, allow_pickle=False)
        return cls(factors, float(parameters["als.alpha"]), float(parameters["als.regularisation"]))

    def open(self, shopper: Shopper, items: ItemView) -> "AlsScores":
        """See `Retriever`."""
        return AlsScores(self.factors, self._index, self.fold_in(*shopper.interests))

    def open_many(self, shoppers: Sequence[Shopper], items: ItemView) -> list["AlsScores"]:
        """See `BatchRetriever`."""
        vectors = np.array([self.fold_in(*shopper.interests) for shopper in shoppers])
        nearest = self._index.nearest_to_each(vectors, _N_NEAREST)
        return [AlsScores(self.factors, self._index, *found) for found in zip(vectors, nearest, strict=True)]

    def fold_in(self, rows: Rows, values: ScoreArray) -> ScoreArray:
        """(n_factors,) vector of a shopper with these decayed counts; zeros for a shopper without any."""
        if not len(rows):
            return np.zeros(self.factors.shape[1], np.float32)
        mine = self.factors[rows]  # (n, n_factors)
        confidence = self._alpha * values
        system = self._gram + (mine * (confidence - np.float32(1.0))[:, np.newaxis]).T @ mine
        vector: ScoreArray = np.linalg.solve(system, mine.T @ confidence)
        return vector

    def cosines(self, row: int) -> ScoreArray:
        """(n_items,) cosine of every item with item `row`."""
        similar: ScoreArray = self.factors @ (self.factors[row] / self._norms[row]) / self._norms
        return similar


class FactorIndex:
    """Exact search over the items that have factors: those without interactions have zeros and are never found.

    No inner product with an item is larger than the product of both lengths (Cauchy-Schwarz). So items lie in blocks, the
    longest first, and a search ends at the block whose longest item cannot reach what was found already.
    """

    def __init__(self, factors: ScoreArray) -> None:
        lengths = np.linalg.norm(factors, axis=1)
        rows = np.flatnonzero(lengths).astype(np.int32)
        rows = rows[np.argsort(-lengths[rows], kind="stable")]
        self._blocks = [_Block.of(part, factors, lengths) for part in _growing_parts(rows)]

    def nearest(self, vector: ScoreArray, k: int, allowed: Mask | None) -> Rows:
        """At least the `k` rows with the largest inner products, of the `allowed` ones, and some more."""
        rows, scores, length = np.zeros(0, np.int32), np.zeros(0, np.float32), float(np.linalg.norm(vector))
        least = -np.inf  # what a row must reach to be among the `k` best
        for block in self._blocks:
            if least > block.longest * length:
                break
            more, theirs = block.reaching(least, vector, allowed)
            rows, scores = np.concatenate([rows, more]), np.concatenate([scores, theirs])
            if len(rows) > k:
                kth = np.partition(scores, len(rows) - k)[len(rows) - k]
                least = float(kth) - _ROUNDING * self._blocks[0].longest * length
                rows, scores = rows[scores >= least], scores[scores >= least]
        return rows

    def nearest_to_each(self, vectors: ScoreArray, k: int) -> list[Rows]:
        """For each vector at most `k` rows, best first, by one matrix product for each block."""
        if not self._blocks:  # no item has factors where all evidence is negative
            return [np.zeros(0, np.int32)] * len(vectors)
        found = [block.search(vectors, k) for block in self._blocks]
        of_each = zip(*(zip(*one, strict=True) for one in found), strict=True)
        return [_best_of(parts, k) for parts in of_each]


_FIRST_BLOCK = 4096
_ROUNDING = 1e-5  # of inner products in float32, as a share of the lengths


def _growing_parts(rows: Rows) -> Iterator[Rows]:
    """Parts of the rows, each as long as all before it."""
    start, end = 0, _FIRST_BLOCK
    while start < len(rows):
        yield rows[start:end]
        start, end = end, 2 * end


def _best_of(parts: Sequence[tuple[Rows, ScoreArray]], k: int) -> Rows:
    rows, scores = (np.concatenate(each) for each in zip(*parts, strict=True))
    found: Rows = rows[np.argsort(-scores, kind="stable")[:k]]
    return found


@dataclass(frozen=True, slots=True)
class _Block:
    """Some items' factors, and the length of the longest."""

    rows: Rows
    flat: faiss.IndexFlatIP
    factors: ScoreArray  # (n, n_factors) of the rows, in the memory of `flat`
    longest: float

    @classmethod
    def of(cls, rows: Rows, factors: ScoreArray, lengths: ScoreArray) -> "_Block":
        flat = faiss.IndexFlatIP(factors.shape[1])
        flat.add(factors[rows])
        held = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d)
        return cls(rows, flat, held, float(lengths[rows[0]]))

    def reaching(self, least: float, vector: ScoreArray, allowed: Mask | None) -> tuple[Rows, ScoreArray]:
        """The allowed rows whose inner product is at least `least`. For one vector Faiss takes four times as long."""
        scores = self.factors @ vector
        found = scores >= least
        if allowed is not None:
            found &= allowed.take(self.rows)
        return self.rows[found], scores[found]

    def search(self, vectors: ScoreArray, k: int) -> tuple[list[Rows], list[ScoreArray]]:
        """For each vector at most `k` rows of the block, best first, and their inner products."""
        scores, places = self.flat.search(vectors, min(k, self.flat.ntotal))
        known = [found >= 0 for found in places]  # Faiss pads with -1
        rows = [self.rows[found[kept]] for found, kept in zip(places, known, strict=True)]
        return rows, [found[kept] for found, kept in zip(scores, known, strict=True)]


class AlsScores:
    """One shopper's vector against all items; `nearest` are the best of all, if they are known already."""

    def __init__(self, factors: ScoreArray, index: FactorIndex, vector: ScoreArray, nearest: Rows | None = None) -> None:
        self._factors, self._index, self._vector, self._nearest = factors, index, vector, nearest

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """See `Scores`."""
        if k < 1 or not self._vector.any():
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        rows = self._of_nearest(k, allowed)
        if rows is None:
            rows = self._index.nearest(self._vector, k, allowed)
        return best(rows, self.for_rows(rows), k)

    def _of_nearest(self, k: int, allowed: Mask | None) -> Rows | None:
        """The allowed ones of `nearest`; None if they are too few. Some more than `k`: a matrix product rounds differently."""
        if self._nearest is None:
            return None
        rows = self._nearest if allowed is None else self._nearest[allowed[self._nearest]]
        return rows[: k + _ROUNDED] if len(rows) >= k + _ROUNDED else None

    def for_rows(self, rows: Rows) -> ScoreArray:
        """See `Scores`."""
        scores: ScoreArray = self._factors[rows] @ self._vector
        return scores


SPECS = (
    RetrieverSpec(
        name=Als.name,
        place=50,
        read=Als.read,
        stage="als",
        file=FACTORS_FILE,
        quota=100,
        blend_weight=1.0,
        reason="Close to your taste",
        cost_ms=1.5,
        discovers=True,
        asked_from="warm",  # a vector of two or three items is unreliable
        from_actions=True,
        own_requests=True,
    ),
)
