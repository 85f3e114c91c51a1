"""Forms of a retriever's scores: for all rows, for a few rows, or in a precomputed order."""

from typing import TypeVar

import numpy as np

from recommndr.features.decay import FloatArray
from recommndr_engine.arrays import Mask, Rows, ScoreArray

Comparable = TypeVar("Comparable", ScoreArray, FloatArray)


def best(rows: Rows, scores: Comparable, k: int) -> tuple[Rows, Comparable]:
    """The `k` best of parallel arrays with distinct rows, best first, ties to the smaller row; only scores > 0."""
    positive = np.flatnonzero(scores > 0.0)
    if 0 < k < len(positive):
        # Rows that tie with the k-th are kept until the exact sort, or ties would be cut arbitrarily.
        kth = np.partition(scores[positive], len(positive) - k)[len(positive) - k]
        positive = positive[scores[positive] >= kth]
    order = positive[np.lexsort((rows[positive], -scores[positive]))][:k]
    return rows[order], scores[order]


_GROUP = 64  # rows of which only the largest score is looked at first


def _bound(scores: ScoreArray, k: int) -> float:
    """A number that at least `k` scores reach: the k-th largest of the maxima of groups of rows. 0 where groups are too few.

    To find the 100 best of 66,789 scores takes .2 ms with it, and .9 ms without.
    """
    n_groups = len(scores) // _GROUP
    if not 0 < k <= n_groups:
        return 0.0
    largest = scores[: n_groups * _GROUP].reshape(_GROUP, n_groups).max(axis=0)
    largest.partition(n_groups - k)
    return float(largest[n_groups - k])


class DenseScores:
    """A score for each row of the bundle."""

    def __init__(self, scores: ScoreArray) -> None:
        self._scores = scores

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """See `Scores`."""
        scores = self._scores if allowed is None else self._scores * allowed
        rows = np.flatnonzero(scores >= bound if (bound := _bound(scores, k)) > 0.0 else scores > 0.0).astype(np.int32)
        return best(rows, scores[rows], k)

    def for_rows(self, rows: Rows) -> ScoreArray:
        """See `Scores`."""
        return self._scores[rows]


class SparseScores:
    """Scores of a few rows, sorted by row; all others are 0."""

    def __init__(self, rows: Rows, scores: ScoreArray) -> None:
        self._rows, self._scores = rows, scores

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """See `Scores`."""
        if allowed is None:
            return best(self._rows, self._scores, k)
        kept = allowed[self._rows]
        return best(self._rows[kept], self._scores[kept], k)

    def for_rows(self, rows: Rows) -> ScoreArray:
        """See `Scores`."""
        if not len(self._rows):
            return np.zeros(len(rows), np.float32)
        place = np.minimum(np.searchsorted(self._rows, rows), len(self._rows) - 1)
        return np.where(self._rows[place] == rows, self._scores[place], np.float32(0.0))


class OrderedScores:
    """The same scores for everyone, ordered once: `top` walks down until it has enough."""

    def __init__(self, scores: ScoreArray) -> None:
        self._scores = scores
        rows = np.flatnonzero(scores > 0.0).astype(np.int32)
        self._order, _ = best(rows, scores[rows], len(rows))

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """See `Scores`."""
        rows = self._order[:k] if allowed is None else self._walk(k, allowed)
        return rows, self._scores[rows]

    def _walk(self, k: int, allowed: Mask) -> Rows:
        depth = 4 * k
        while True:
            head = self._order[:depth]
            found = head[allowed[head]]
            if len(found) >= k or depth >= len(self._order):
                return found[:k]
            depth *= 4

    def for_rows(self, rows: Rows) -> ScoreArray:
        """See `Scores`."""
        return self._scores[rows]
