"""Two kinds of popularity that are read from the item counters at the instant of the request, newer than any bundle.

`popular_now`: everybody's events of the last hours or weeks, by the tenant's weights; a bundle says with which half-life.
`trending`: items with more of them than their own longer past lets expect.
"""

from pathlib import Path

import numpy as np

from recommndr.features.decay import HALF_LIVES_S, FloatArray
from recommndr_engine.arrays import Mask, Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_sums import CountScores, LiveCounts, LiveSums, counted_place
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.retrievers.popularity import POPULARITY_FILE
from recommndr_engine.scores import best
from recommndr_engine.shopper import Shopper

HALF_LIFE_PARAMETER = "popularity.live_half_life_s"


class PopularNow:
    """What shoppers take now, the same for everyone."""

    name = "popular_now"

    def __init__(self, half_life_s: float) -> None:
        self._counts = LiveCounts(half_life_s)

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "PopularNow":
        """From a bundle's parameters."""
        return cls(float(parameters[HALF_LIFE_PARAMETER]))

    def open(self, shopper: Shopper, items: ItemView) -> CountScores:
        """See `Retriever`."""
        return CountScores(self._counts.current(items, shopper.kind_weights, shopper.now_s), shopper.now_s)


class Trending:
    """What rises: (events - expected) / sqrt(expected + 1), expected from the rate with the next longer half-life."""

    name = "trending"

    def __init__(self, half_life_s: float) -> None:
        fast = min(counted_place(half_life_s), len(HALF_LIVES_S) - 2)
        self._fast, self._slow = LiveCounts(HALF_LIVES_S[fast]), LiveCounts(HALF_LIVES_S[fast + 1])

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Trending":
        """From a bundle's parameters."""
        return cls(float(parameters[HALF_LIFE_PARAMETER]))

    def open(self, shopper: Shopper, items: ItemView) -> "RisingScores":
        """See `Retriever`."""
        fast, slow = (each.current(items, shopper.kind_weights, shopper.now_s) for each in (self._fast, self._slow))
        return RisingScores(fast, slow, shopper.now_s)


class RisingScores:
    """Sums with a short half-life against sums with a long one, as of one instant."""

    def __init__(self, fast: LiveSums, slow: LiveSums, now_s: float) -> None:
        self._fast, self._slow, self._now_s = fast, slow, now_s

    def top(self, k: int, allowed: Mask | None = None) -> tuple[Rows, ScoreArray]:
        """See `Scores`; rising items are looked for among the most popular ones."""
        pool = self._fast.pool(k, allowed)
        return best(pool, self.for_rows(pool), k)

    def for_rows(self, rows: Rows) -> ScoreArray:
        """See `Scores`; 0 for what does not rise."""
        fast, slow = self._fast.as_of(self._now_s, rows), self._slow.as_of(self._now_s, rows)
        # Evenly spaced events sum to rate x half-life / ln 2.
        expected: FloatArray = slow * (self._fast.half_life_s / self._slow.half_life_s)
        return np.maximum((fast - expected) / np.sqrt(expected + 1.0), 0.0).astype(np.float32)


SPECS = (
    RetrieverSpec(
        name=PopularNow.name,
        place=62,
        read=PopularNow.read,
        stage="popularity",
        file=POPULARITY_FILE,  # the counters need no file; the stage that writes this one chose the half-life
        quota=100,
        blend_weight=0.5,
        reason="Popular right now",
        cost_ms=0.1,
        own_requests=True,
    ),
    RetrieverSpec(
        name=Trending.name,
        place=64,
        read=Trending.read,
        stage="popularity",
        file=POPULARITY_FILE,  # the counters need no file; the stage that writes this one chose the half-life
        quota=60,
        blend_weight=0.25,
        reason="On the rise",
        cost_ms=0.1,
        discovers=True,
    ),
)
