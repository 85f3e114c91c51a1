"""Category affinity: what is popular within the categories and brands that the shopper is interested in.

score(j) = sum over leaf category, second level and brand of (share of the shopper's interest in j's group) x (share of j in the
group's recent events). Groups and counts are those of the live item table, so an item of today is found by its category. Items
without events count as a tenth of the average item that has some. Interest includes views, so that shoppers who never bought
get a list too. Recall@100 of new items on tuning cuts: grocer .088 (co-visits .075), RetailRocket .125 (co-visits .023).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommndr.features.decay import FloatArray
from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import ItemTable
from recommndr_engine.live_sums import LiveCounts, LiveSums
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.retrievers.popular_now import HALF_LIFE_PARAMETER
from recommndr_engine.retrievers.popularity import POPULARITY_FILE
from recommndr_engine.scores import DenseScores
from recommndr_engine.shopper import Shopper
from recommndr_engine.shopper_matrix import interest_roots

_SECOND = 1  # level of the category path below the root
_UNSEEN = 0.1  # what an item without events counts, in average items that have some
_KEPT_S = 10.0  # shares follow counters and catalogue this late: to compute them takes as long as to answer a request


@dataclass(frozen=True, slots=True)
class Groups:
    """One way to group all items of a bundle; group 0 is for items without one."""

    n: int
    of_item: Rows  # (n_items,) below n
    shares: ScoreArray  # (n_items,) of the group's events; 0 in group 0

    @classmethod
    def by(cls, codes: Rows, weights: FloatArray) -> "Groups":
        """From the items' codes, `NO_CODE` for none, and their weights > 0."""
        of_item = codes + 1
        totals = np.bincount(of_item, weights, minlength=1)
        return cls(len(totals), of_item, np.where(of_item > 0, weights / totals[of_item], 0.0).astype(np.float32))

    def scores(self, rows: Rows, values: ScoreArray) -> ScoreArray:
        """(n_items,) interest in each item's group, as a share of all interest, times the item's share of it."""
        interest = np.bincount(self.of_item[rows], values, minlength=self.n) / values.sum()
        found: ScoreArray = interest.astype(np.float32).take(self.of_item) * self.shares
        return found


@dataclass(frozen=True, slots=True)
class Shares:
    """The groups as of one state of counters and catalogue."""

    table: ItemTable
    counts: LiveSums
    n_catalogue_changes: int
    at_s: float
    groups: tuple[Groups, ...]


class CategoryAffinity:
    """What others take of the categories and brands that the shopper likes."""

    name = "category_affinity"

    def __init__(self, half_life_s: float) -> None:
        self._counts = LiveCounts(half_life_s)
        self._kept: Shares | None = None

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "CategoryAffinity":
        """From a bundle's parameters."""
        return cls(float(parameters[HALF_LIFE_PARAMETER]))

    def open(self, shopper: Shopper, items: ItemView) -> DenseScores:
        """See `Retriever`."""
        scores = np.zeros(len(items.rows), np.float32)
        rows, roots = interest_roots(shopper)
        if len(rows):
            for groups in self._shares(shopper, items).groups:
                scores += groups.scores(rows, roots)
        return DenseScores(scores)

    def _shares(self, shopper: Shopper, items: ItemView) -> Shares:
        counts, kept = self._counts.current(items, shopper.kind_weights, shopper.now_s), self._kept
        if kept is not None and kept.table is items.table:
            same = kept.counts is counts and kept.n_catalogue_changes == items.n_catalogue_changes
            if same or abs(shopper.now_s - kept.at_s) < _KEPT_S:
                return kept
        seen = counts.sums[counts.sums > 0.0]
        # All sums decay by one factor, so shares of them do not depend on the instant.
        weights = counts.sums + _UNSEEN * (seen.mean() if len(seen) else 1.0)
        table, live = items.table, items.rows
        codes = (table.leaf[live], table.categories[live, _SECOND], table.brand[live])
        groups = tuple(Groups.by(each, weights) for each in codes)
        self._kept = Shares(items.table, counts, items.n_catalogue_changes, shopper.now_s, groups)
        return self._kept


SPECS = (
    RetrieverSpec(
        name=CategoryAffinity.name,
        place=66,
        read=CategoryAffinity.read,
        stage="popularity",
        file=POPULARITY_FILE,  # the counters need no file; the stage that writes this one chose their half-life
        quota=80,
        blend_weight=0.5,
        reason="Popular in what you like",
        cost_ms=1.5,
        discovers=True,
    ),
)
