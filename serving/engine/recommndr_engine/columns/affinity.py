"""Columns of the shopper's taste for the candidate's category and brand, from two sources.

By the items with events of the target kind (purchases), and by all items of interest, views and carts too: those who never
bought have a taste as well, and on a shop of many views and few purchases it says more of new items.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommndr_engine.arrays import Rows
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.groupings import BRAND, LEAF, LEAF_BRAND, ROOT, SECOND
from recommndr_engine.columns.request import DAY_S, NAN, Floats, Request


@dataclass(frozen=True)
class Affinity:
    """The shopper's items by the candidates' groups."""

    request: Request
    places: slice  # of the shopper's items in `request.groupings`
    mine: Rows  # live rows of the shopper's items
    weights: Floats  # how much each of them counts, decayed
    last_s: Floats  # the shopper's last event with each

    @classmethod
    def to_targets(cls, request: Request) -> "Affinity | None":
        """Of items with events of the target kind; None for a shopper without any."""
        shopper, mine = request.shopper, request.live_purchased
        if not len(mine):
            return None
        return cls(request, request.places_of_purchased, mine, shopper.purchased_decayed, shopper.purchased_last_s)

    @classmethod
    def to_interests(cls, request: Request) -> "Affinity | None":
        """Of all items of interest; None for a shopper without any."""
        shopper, mine = request.shopper, request.live_interests
        if not len(mine):
            return None
        weights = shopper.interests[1].astype(np.float64)
        return cls(request, request.places_of_interests, mine, weights, shopper.interest_last_s)

    @cached_property
    def total(self) -> float:
        """The weight of all of them."""
        return max(float(self.weights.sum()), 1e-9)

    @cached_property
    def sums(self) -> Floats:
        """(N_GROUPINGS, n) weight in each candidate's group."""
        return self.request.groupings.sums(self.places, self.request.places_of_candidates, self.weights)

    @cached_property
    def shares(self) -> Floats:
        """(N_GROUPINGS, n) share of the weight in each candidate's group."""
        shares: Floats = self.sums / self.total
        return shares

    @cached_property
    def n_items(self) -> Floats:
        """(N_GROUPINGS, n) the shopper's distinct items in each candidate's group."""
        return self.request.groupings.sums(self.places, self.request.places_of_candidates, np.ones(len(self.mine)))

    def days_since(self, grouping: int) -> Floats:
        """Days since the shopper's last event with anything of each candidate's group."""
        request = self.request
        newest = request.groupings.newest(grouping, self.places, request.places_of_candidates, self.last_s)
        days: Floats = np.maximum(request.shopper.now_s - newest, 0.0) / DAY_S
        return days


AFFINITY = ColumnGroup(Affinity.to_targets)
INTEREST_AFFINITY = ColumnGroup(Affinity.to_interests)


@AFFINITY.column()
def own_leaf_share(affinity: Affinity) -> Floats:
    """Decayed events of the target kind with the item, share of those in its leaf category."""
    request = affinity.request
    own = np.where(request.bought, affinity.weights[request.purchased_place], 0.0)
    share: Floats = own / np.maximum(affinity.sums[LEAF], 1e-9)
    return share


_SHARES = (
    ("root_affinity", "in the item's root category", ROOT),
    ("second_affinity", "in its second category level", SECOND),
    ("leaf_affinity", "in its leaf category (the whole path)", LEAF),
    ("brand_affinity", "of its brand", BRAND),
    ("leaf_brand_affinity", "of its brand within its leaf category", LEAF_BRAND),
)
_TIMES = (
    ("leaf_since", "its leaf category", LEAF),
    ("second_since", "its second category level", SECOND),
)


def _declare(group: ColumnGroup[Affinity], prefix: str, what: str) -> None:
    def share(grouping: int) -> Callable[[Affinity], Floats]:
        return lambda affinity: affinity.shares[grouping]

    def since(grouping: int) -> Callable[[Affinity], Floats]:
        return lambda affinity: affinity.days_since(grouping)

    for name, where, grouping in _SHARES:
        group.add(f"{prefix}{name}", f"Share of the shopper's {what}, decayed, {where}", share(grouping))
    count = f"Distinct items of its leaf category among the shopper's {what}"
    group.add(f"{prefix}leaf_items", count, lambda affinity: affinity.n_items[LEAF])
    for name, where, grouping in _TIMES:
        group.add(f"{prefix}{name}", f"Days since the last of the shopper's {what} in {where}", since(grouping), NAN)


_declare(AFFINITY, "", "events of the target kind (purchases)")
_declare(INTEREST_AFFINITY, "interest_", "interests (purchases, and the last action with other items)")


@INTEREST_AFFINITY.column(unknown=NAN)
def interest_price_ratio(affinity: Affinity) -> Floats:
    """Price relative to the mean price of the shopper's interests, weighted."""
    prices = affinity.request.table.price_minor
    mine = prices[affinity.mine]
    known = mine > 0.0
    weight = float(affinity.weights[known].sum())
    usual = float(mine[known] @ affinity.weights[known]) / weight if weight > 0.0 else NAN
    ratio: Floats = prices[affinity.request.live].astype(np.float64) / usual
    return ratio
