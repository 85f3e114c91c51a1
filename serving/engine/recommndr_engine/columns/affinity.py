"""Columns of the shopper's taste for the candidate's category and brand, from two sources.

By the items with events of the target kind (purchases), and by all items of interest, views and carts too: those who never
bought have a taste as well, and on a shop of many views and few purchases it says more of new items.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import NO_ROW, Rows
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import DAY_S, NAN, Floats, Request

Codes = npt.NDArray[np.integer]


class Groups:
    """Sums the shopper's items by each candidate's group (category, brand); 0 for candidates without a group (`NO_ROW`).

    Codes of groups are small, so an array over all of them takes less time than sorting those that occur.
    """

    def __init__(self, mine: Codes, theirs: Codes) -> None:
        self._mine, self._theirs = mine - NO_ROW, theirs - NO_ROW  # 0 is no group
        self._n = int(max(self._mine.max(initial=0), self._theirs.max(initial=0))) + 1

    def sums(self, values: Floats) -> Floats:
        """Sum of `values` of the shopper's items in each candidate's group; 0 where there are none."""
        sums = np.bincount(self._mine, values, minlength=self._n).astype(np.float64, copy=False)
        sums[0] = 0.0
        result: Floats = sums[self._theirs]
        return result

    def newest(self, times: Floats) -> Floats:
        """Largest of `times` in each candidate's group; NaN where there are none."""
        newest: Floats = np.full(self._n, -np.inf)
        np.maximum.at(newest, self._mine, times)
        newest[0] = -np.inf
        result: Floats = np.where(np.isneginf(newest), np.nan, newest)[self._theirs]
        return result


@dataclass(frozen=True)
class Affinity:
    """The shopper's items by the candidates' groups."""

    request: Request
    mine: Rows  # live rows of the shopper's items
    weights: Floats  # how much each of them counts, decayed
    last_s: Floats  # the shopper's last event with each

    @classmethod
    def to_targets(cls, request: Request) -> "Affinity | None":
        """Of items with events of the target kind; None for a shopper without any."""
        shopper = request.shopper
        mine = request.live_rows[shopper.purchased_rows]
        return cls(request, mine, shopper.purchased_decayed, shopper.purchased_last_s) if len(mine) else None

    @classmethod
    def to_interests(cls, request: Request) -> "Affinity | None":
        """Of all items of interest; None for a shopper without any."""
        rows, weights = request.shopper.interests
        mine = request.live_rows[rows]
        return cls(request, mine, weights.astype(np.float64), request.shopper.interest_last_s) if len(mine) else None

    @cached_property
    def theirs(self) -> Rows:
        """Live rows of the candidates."""
        return self.request.live

    @cached_property
    def total(self) -> float:
        """The weight of all of them."""
        return max(float(self.weights.sum()), 1e-9)

    @cached_property
    def root(self) -> Groups:
        """By root category."""
        categories = self.request.table.categories
        return Groups(categories[self.mine, 0], categories[self.theirs, 0])

    @cached_property
    def second(self) -> Groups:
        """By second category level."""
        categories = self.request.table.categories
        return Groups(categories[self.mine, 1], categories[self.theirs, 1])

    @cached_property
    def leaf(self) -> Groups:
        """By leaf category: the whole path, so that men's shoes are not women's shoes."""
        leaf = self.request.table.leaf
        return Groups(leaf[self.mine], leaf[self.theirs])

    @cached_property
    def brand(self) -> Groups:
        """By brand."""
        brand = self.request.table.brand
        return Groups(brand[self.mine], brand[self.theirs])

    @cached_property
    def leaf_and_brand(self) -> Groups:
        """By brand within the leaf category."""
        both = np.concatenate([self.mine, self.theirs])
        codes = _pairs(self.request.table.leaf[both], self.request.table.brand[both])
        return Groups(codes[: len(self.mine)], codes[len(self.mine) :])

    def share(self, groups: Groups) -> Floats:
        """Share of the weight in each candidate's group."""
        return groups.sums(self.weights) / self.total

    def days_since(self, groups: Groups) -> Floats:
        """Days since the shopper's last event with anything of each candidate's group."""
        return np.maximum(self.request.shopper.now_s - groups.newest(self.last_s), 0.0) / DAY_S


def _pairs(a: Rows, b: Rows) -> Codes:
    """A small code for each pair of codes that occurs; `NO_ROW` where one of the two is missing."""
    known = (a != NO_ROW) & (b != NO_ROW)
    codes = np.full(len(a), NO_ROW, np.int64)
    pairs = a[known].astype(np.int64) * (int(b.max(initial=0)) + 1) + b[known]
    codes[known] = np.unique(pairs, return_inverse=True)[1]
    return codes


AFFINITY = ColumnGroup(Affinity.to_targets)
INTEREST_AFFINITY = ColumnGroup(Affinity.to_interests)


@AFFINITY.column()
def own_leaf_share(affinity: Affinity) -> Floats:
    """Decayed events of the target kind with the item, share of those in its leaf category."""
    request = affinity.request
    own = np.where(request.bought, affinity.weights[request.purchased_place], 0.0)
    return own / np.maximum(affinity.leaf.sums(affinity.weights), 1e-9)


_SHARES: tuple[tuple[str, str, Callable[[Affinity], Groups]], ...] = (
    ("root_affinity", "in the item's root category", lambda affinity: affinity.root),
    ("second_affinity", "in its second category level", lambda affinity: affinity.second),
    ("leaf_affinity", "in its leaf category (the whole path)", lambda affinity: affinity.leaf),
    ("brand_affinity", "of its brand", lambda affinity: affinity.brand),
    ("leaf_brand_affinity", "of its brand within its leaf category", lambda affinity: affinity.leaf_and_brand),
)
_TIMES: tuple[tuple[str, str, Callable[[Affinity], Groups]], ...] = (
    ("leaf_since", "its leaf category", lambda affinity: affinity.leaf),
    ("second_since", "its second category level", lambda affinity: affinity.second),
)


def _declare(group: ColumnGroup[Affinity], prefix: str, what: str) -> None:
    def share(groups: Callable[[Affinity], Groups]) -> Callable[[Affinity], Floats]:
        return lambda affinity: affinity.share(groups(affinity))

    def since(groups: Callable[[Affinity], Groups]) -> Callable[[Affinity], Floats]:
        return lambda affinity: affinity.days_since(groups(affinity))

    for name, where, groups in _SHARES:
        group.add(f"{prefix}{name}", f"Share of the shopper's {what}, decayed, {where}", share(groups))
    count = f"Distinct items of its leaf category among the shopper's {what}"
    group.add(f"{prefix}leaf_items", count, lambda affinity: affinity.leaf.sums(np.ones(len(affinity.mine))))
    for name, where, groups in _TIMES:
        group.add(f"{prefix}{name}", f"Days since the last of the shopper's {what} in {where}", since(groups), NAN)


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
    ratio: Floats = prices[affinity.theirs].astype(np.float64) / usual
    return ratio
