"""How much alike the places of a list may be: at most so many of a category or brand, and diversity.

Diversity is maximal marginal relevance (Carbonell, Goldstein, SIGIR 1998): the next place goes to the item with the largest

    (1 - diversity) x relevance - diversity x its similarity to the most similar item of the list so far

with relevance scaled to [0, 1] within the best of the list. Two items are as similar as the share of levels that their category
paths have in common; half of it if their brands differ.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.live_items import NO_CODE, ItemTable

_POOL = 10  # places of the list from which each place is chosen
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Variety:
    """What a request asks of its list, or the shop of all its lists."""

    max_per_category: int | None = None  # of items with the same category path
    max_per_brand: int | None = None
    diversity: float = 0.0  # 0: by score alone, 1: as different as possible

    def choose(self, table: ItemTable, live_rows: Rows, scores: ScoreArray, k: int, n_pinned: int = 0) -> Places:
        """At most `k` places of items that are given best first, in the list's order; `live_rows` and `scores` are parallel.

        The first `n_pinned` are all chosen; they count for what the others may be.
        """
        places = np.arange(len(live_rows))
        for n, codes in ((self.max_per_category, table.leaf), (self.max_per_brand, table.brand)):
            if n is not None:
                places = places[among_first(codes[live_rows[places]], n) | (places < n_pinned)]
        if n_pinned:
            others = self._spread(table, live_rows, scores, places[n_pinned:], k - n_pinned)
            return np.concatenate([places[:n_pinned], others])
        return self._spread(table, live_rows, scores, places, k)

    def _spread(self, table: ItemTable, live_rows: Rows, scores: ScoreArray, places: Places, k: int) -> Places:
        """The first `k`, or as diverse as asked."""
        if self.diversity <= 0.0 or len(places) < 2:
            return places[:k]
        pool = places[: _POOL * k]
        return pool[_diverse(similarity(table, live_rows[pool]), scores[pool], self.diversity, k)]


def among_first(codes: Rows, n: int) -> Mask:
    """Whether each place is among the first `n` of its code; places without a code all are.

    >>> among_first(np.array([7, 7, NO_CODE, 7, 3, NO_CODE], np.int32), 2).tolist()
    [True, True, True, False, True, True]
    >>> among_first(np.array([7, NO_CODE, 7, 3, NO_CODE], np.int32), 1).tolist()
    [True, True, False, True, True]
    """
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    first = np.searchsorted(ordered, ordered)  # where the code's places begin
    kept = np.empty(len(codes), np.bool_)
    kept[order] = (np.arange(len(codes)) - first < n) | (ordered == NO_CODE)
    return kept


def similarity(table: ItemTable, live_rows: Rows) -> ScoreArray:
    """(n, n) float32 in [0, 1], 1 on the diagonal of items with a category."""
    levels = table.categories[live_rows]
    same = (levels[:, np.newaxis] == levels[np.newaxis]) & (levels != NO_CODE)[:, np.newaxis]
    n_common = np.logical_and.accumulate(same, axis=2).sum(axis=2)
    n_levels = (levels != NO_CODE).sum(axis=1)
    share = n_common / np.maximum(np.maximum(n_levels[:, np.newaxis], n_levels), 1)
    brand = table.brand[live_rows]
    other = (brand[:, np.newaxis] != brand) | (brand == NO_CODE)
    np.fill_diagonal(other, val=False)
    found: ScoreArray = (share * np.where(other, 0.5, 1.0)).astype(np.float32)
    return found


def _diverse(similar: ScoreArray, scores: ScoreArray, diversity: float, k: int) -> Places:
    low, high = float(scores.min()), float(scores.max())
    relevance = (scores - low) / (high - low) if high > low else np.zeros(len(scores), np.float32)
    nearest, chosen = np.zeros(len(scores), np.float32), np.zeros(min(k, len(scores)), np.intp)
    worth = (1.0 - diversity) * relevance
    for place in range(len(chosen)):
        chosen[place] = np.argmax(worth - diversity * nearest)
        worth[chosen[place]] = -np.inf
        np.maximum(nearest, similar[chosen[place]], out=nearest)
    return chosen


ANY = Variety()
