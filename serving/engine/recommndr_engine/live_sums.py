"""Everybody's events of each item, weighted and decayed, as of any instant.

All items decay by the same factor, so the sums are kept as of one fixed instant, their **landmark** (forward decay), and one
factor brings them to the instant of a request. Their order does not change with time. Only items whose counters changed are
computed again: of 100,000 items that takes microseconds, all of them 30 ms.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recommndr.features.decay import HALF_LIVES_S, FloatArray
from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import ItemTable
from recommndr_engine.scores import best

# Candidates come from the best rows; a filter that leaves too few of them looks at all rows.
_HEAD = 1024
# Sums grow by 2 for each half-life that an event comes after the landmark; a float64 holds a thousand of them.
_MAX_HALF_LIVES = 500.0


@dataclass(frozen=True, slots=True)
class LiveSums:
    """Sums as of one state of the table; as of `now_s` each is `sums * 2 ** ((landmark_s - now_s) / half_life_s)`."""

    half_life_s: float
    landmark_s: float
    sums: FloatArray  # (n_items,) over the bundle's rows
    head: Rows  # the best rows, best first: `_HEAD` of them, or all above 0

    def as_of(self, now_s: float, rows: Rows) -> FloatArray:
        """(n,) decayed sums of these rows as of `now_s`."""
        decayed: FloatArray = self.sums[rows] * np.exp2((self.landmark_s - now_s) / self.half_life_s)
        return decayed

    def top(self, k: int, allowed: Mask | None) -> Rows:
        """The `k` best allowed rows, best first."""
        head = self._enough_of_head(k, allowed)
        if head is not None:
            return head[:k]
        pool = self._all(allowed)
        return best(pool, self.sums[pool], k)[0]

    def pool(self, k: int, allowed: Mask | None) -> Rows:
        """Rows among which the `k` best allowed ones are: the head if it has enough, else all allowed."""
        head = self._enough_of_head(k, allowed)
        return self._all(allowed) if head is None else head

    def _enough_of_head(self, k: int, allowed: Mask | None) -> Rows | None:
        head = self.head if allowed is None else self.head[allowed[self.head]]
        return head if len(head) >= k or len(self.head) < _HEAD else None

    def _all(self, allowed: Mask | None) -> Rows:
        return np.flatnonzero((self.sums > 0.0) if allowed is None else (self.sums > 0.0) & allowed).astype(np.int32)


def counted_place(half_life_s: float) -> int:
    """Which of the item counters' half-lives this is; raises `ValueError` for one that they do not have."""
    for place, counted_s in enumerate(HALF_LIVES_S):
        if math.isclose(half_life_s, counted_s, rel_tol=1e-6):
            return place
    raise ValueError(f"half-life {half_life_s:g} s: item counters have {', '.join(f'{each:g}' for each in HALF_LIVES_S)} s")


class _Kept(NamedTuple):
    """Sums and what they were computed from."""

    table: ItemTable
    n_feature_changes: int
    weights: bytes
    sums: LiveSums


class LiveCounts:
    """Keeps the sums of one half-life up to date; one per bundle, because they are in its rows."""

    def __init__(self, half_life_s: float) -> None:
        self.place = counted_place(half_life_s)
        self._kept: _Kept | None = None

    def current(self, items: ItemView, weights: FloatArray, now_s: float) -> LiveSums:
        """The sums of the table's current state; kinds of negative evidence do not count."""
        heavy, half_life_s, kept = weights.tobytes(), HALF_LIVES_S[self.place], self._kept
        # Training reads one bundle over tables of several instants: another table has other counters.
        if kept is not None and (kept.table is not items.table or kept.weights != heavy):
            kept = None
        if kept is not None and kept.n_feature_changes == items.n_feature_changes:
            return kept.sums
        changed = None
        if kept is not None and (now_s - kept.sums.landmark_s) / half_life_s < _MAX_HALF_LIVES:
            changed = items.changed_since(kept.n_feature_changes)
        if kept is None or changed is None:
            sums = self._summed(items, weights, np.arange(len(items.rows), dtype=np.int32), now_s)
            found = LiveSums(half_life_s, now_s, sums, _best(np.flatnonzero(sums).astype(np.int32), sums))
        else:
            found = self._moved(kept.sums, items, weights, changed)
        self._kept = _Kept(items.table, items.n_feature_changes, heavy, found)
        return found

    def _moved(self, before: LiveSums, items: ItemView, weights: FloatArray, changed: Rows) -> LiveSums:
        sums = before.sums.copy()
        sums[changed] = self._summed(items, weights, changed, before.landmark_s)
        fell = bool((sums[changed] < before.sums[changed]).any())  # erased: then a row below the head may rise into it
        pool = np.flatnonzero(sums).astype(np.int32) if fell else np.union1d(before.head, changed)
        return LiveSums(before.half_life_s, before.landmark_s, sums, _best(pool, sums))

    def _summed(self, items: ItemView, weights: FloatArray, rows: Rows, landmark_s: float) -> FloatArray:
        live, total = items.rows[rows], np.zeros(len(rows))
        for kind in np.flatnonzero(weights > 0.0).tolist():
            at_s = items.table.at_s[live, kind]
            seen = np.flatnonzero(at_s)
            decay = np.exp2((at_s[seen] - landmark_s) / HALF_LIVES_S[self.place])
            total[seen] += weights[kind] * items.table.sums[live[seen], kind, self.place] * decay
        return total


def _best(rows: Rows, sums: FloatArray) -> Rows:
    return best(rows, sums[rows], _HEAD)[0]


class CountScores:
    """Sums of one instant as a retriever's scores."""

    def __init__(self, counts: LiveSums, now_s: float) -> None:
        self._counts, self._now_s = counts, now_s

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """See `Scores`."""
        rows = self._counts.top(k, allowed)
        scores = self.for_rows(rows)
        return rows[scores > 0.0], scores[scores > 0.0]  # what is long ago rounds to 0

    def for_rows(self, rows: Rows) -> ScoreArray:
        """See `Scores`."""
        return self._counts.as_of(self._now_s, rows).astype(np.float32)
