"""Columns of the shopper's purchases in the candidate's category and brand."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import NO_ROW, Rows
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import DAY_S, NAN, Floats, Request


class Groups:
    """Sums the shopper's items by each candidate's group (category, brand); 0 for candidates without a group (`NO_ROW`)."""

    def __init__(self, mine: npt.NDArray[np.integer], theirs: npt.NDArray[np.integer]) -> None:
        self._codes, self._mine = np.unique(mine, return_inverse=True)
        place = np.minimum(np.searchsorted(self._codes, theirs), len(self._codes) - 1)
        self._known = (self._codes[place] == theirs) & (theirs != NO_ROW)
        self._theirs = place

    def sums(self, values: Floats) -> Floats:
        """Sum of `values` of the shopper's items in each candidate's group; 0 where there are none."""
        sums = np.bincount(self._mine, values, minlength=len(self._codes))
        result: Floats = np.where(self._known, sums[self._theirs], 0.0)
        return result

    def newest(self, times: Floats) -> Floats:
        """Largest of `times` in each candidate's group; NaN where there are none."""
        newest = np.full(len(self._codes), -np.inf)
        np.maximum.at(newest, self._mine, times)
        result: Floats = np.where(self._known, newest[self._theirs], np.nan)
        return result


@dataclass(frozen=True)
class Affinity:
    """The shopper's purchases by the candidates' groups."""

    request: Request
    mine: Rows  # live rows of the shopper's purchased items
    theirs: Rows  # live rows of the candidates

    @classmethod
    def from_request(cls, request: Request) -> "Affinity | None":
        """None for a shopper without purchases."""
        mine = request.live_rows[request.shopper.purchased_rows]
        return cls(request, mine, request.live) if len(mine) else None

    @cached_property
    def weights(self) -> Floats:
        """Decayed orders of each of the shopper's items."""
        return self.request.shopper.purchased_decayed

    @cached_property
    def total(self) -> float:
        """Decayed orders of all of them."""
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
    def in_leaf(self) -> Floats:
        """Decayed orders in each candidate's leaf category."""
        return self.leaf.sums(self.weights)

    @cached_property
    def brand(self) -> Groups:
        """By brand."""
        brand = self.request.table.brand
        return Groups(brand[self.mine], brand[self.theirs])

    @cached_property
    def leaf_and_brand(self) -> Groups:
        """By brand within the leaf category."""
        table = self.request.table
        n_brands = int(table.brand.max()) + 2
        return Groups(
            _pair(table.leaf[self.mine], table.brand[self.mine], n_brands),
            _pair(table.leaf[self.theirs], table.brand[self.theirs], n_brands),
        )

    def days_since(self, groups: Groups) -> Floats:
        """Days since the shopper bought anything of each candidate's group."""
        newest = groups.newest(self.request.shopper.purchased_last_s)
        return np.maximum(self.request.shopper.now_s - newest, 0.0) / DAY_S


def _pair(a: Rows, b: Rows, n_b: int) -> npt.NDArray[np.int64]:
    return np.where((a >= 0) & (b >= 0), a.astype(np.int64) * n_b + b, NO_ROW)


AFFINITY = ColumnGroup(Affinity.from_request)


@AFFINITY.column()
def own_leaf_share(affinity: Affinity) -> Floats:
    """Decayed orders with the item, share of those in its leaf category."""
    request = affinity.request
    own = np.where(request.bought, affinity.weights[request.purchased_place], 0.0)
    return own / np.maximum(affinity.in_leaf, 1e-9)


@AFFINITY.column()
def root_affinity(affinity: Affinity) -> Floats:
    """Share of the shopper's decayed purchases in the item's root category."""
    return affinity.root.sums(affinity.weights) / affinity.total


@AFFINITY.column()
def second_affinity(affinity: Affinity) -> Floats:
    """Share of the shopper's decayed purchases in its second category level."""
    return affinity.second.sums(affinity.weights) / affinity.total


@AFFINITY.column()
def leaf_affinity(affinity: Affinity) -> Floats:
    """Share of the shopper's decayed purchases in its leaf category (the whole path)."""
    return affinity.in_leaf / affinity.total


@AFFINITY.column()
def brand_affinity(affinity: Affinity) -> Floats:
    """Share of the shopper's decayed purchases of its brand."""
    return affinity.brand.sums(affinity.weights) / affinity.total


@AFFINITY.column()
def leaf_brand_affinity(affinity: Affinity) -> Floats:
    """Share of the shopper's decayed purchases of its brand within its leaf category."""
    return affinity.leaf_and_brand.sums(affinity.weights) / affinity.total


@AFFINITY.column()
def leaf_items(affinity: Affinity) -> Floats:
    """Distinct items of its leaf category the shopper bought."""
    return affinity.leaf.sums(np.ones(len(affinity.mine)))


@AFFINITY.column(unknown=NAN)
def leaf_since(affinity: Affinity) -> Floats:
    """Days since the shopper bought anything of its leaf category."""
    return affinity.days_since(affinity.leaf)


@AFFINITY.column(unknown=NAN)
def second_since(affinity: Affinity) -> Floats:
    """Days since the shopper bought anything of its second category level."""
    return affinity.days_since(affinity.second)
