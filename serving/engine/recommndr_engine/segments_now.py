"""What shoppers of the same segments take now, read from the live counters: newer than any bundle.

With the weighted and decayed (7 days) sums of an item in a segment, w_s(j), and in the whole shop, w(j), its share in the
segment is

    share_s(j) = (w_s(j) + prior x w(j) / sum of w) / (sum of w_s + prior),

as `segment_popularity` smooths its rates: a small segment is near the shop. score(j) is the mean of share_s(j) over the
shopper's segments. A segment whose own sum is below the prior says nothing yet. Rankers do not see these scores: training reads
`segment_popularity` from the bundle's day, and a column must have the same values in both.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from recommndr.features.action import CONTEXT
from recommndr.features.decay import FloatArray
from recommndr.features.segment import HALF_LIFE_S, segment_name
from recommndr_engine.arrays import NO_ROW, Rows
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_segments import LiveSegments
from recommndr_engine.live_sums import LiveCounts
from recommndr_engine.scores import DenseScores

SEGMENTS_NOW = "segment_popularity_now"
REASON = "Popular where you are"
PRIOR = 20.0  # events of the target kind now


class SegmentsNow:
    """The scores over one bundle's rows."""

    def __init__(self, segments: LiveSegments, bundle_rows: Callable[[Rows], Rows]) -> None:
        """`bundle_rows` has for each live row the bundle's, `NO_ROW` for an item that it does not know."""
        self._segments, self._bundle_rows = segments, bundle_rows
        self._shop = LiveCounts(HALF_LIFE_S)

    def scores(self, context: Mapping[str, Any], items: ItemView, weights: FloatArray, now_s: float) -> DenseScores | None:
        """Of shoppers in this context; None when no segment says anything yet."""
        names = [segment_name(part, context[part]) for part in CONTEXT if context.get(part)]
        n_items = len(items.rows)
        weighted = (each.weighted(weights, now_s) for each in self._segments.find(names))
        found = [own for live_rows, sums in weighted if (own := self._own(live_rows, sums, n_items))]
        if not found:
            return None
        shop = self._shop.current(items, weights, now_s).as_of(now_s, np.arange(n_items, dtype=np.int32))
        share = shop / max(float(shop.sum()), np.finfo(np.float64).tiny)
        mean = sum((own + PRIOR * share) / (total + PRIOR) for own, total in found) / len(found)
        return DenseScores(np.asarray(mean, np.float32))

    def _own(self, live_rows: Rows, sums: FloatArray, n_items: int) -> tuple[FloatArray, float] | None:
        """(n_items,) sums of a segment and what all its items have together; None if that is below the prior."""
        total = float(sums.sum())
        if total < PRIOR:
            return None
        rows = self._bundle_rows(live_rows)
        known = rows != NO_ROW
        own = np.zeros(n_items)
        own[rows[known]] = sums[known]
        return own, total
