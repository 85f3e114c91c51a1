"""The inputs of ranker columns: one shopper, the candidates with their retriever scores, the live item table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommndr.features import item_set, purchased_items
from recommndr_engine.arrays import NO_ROW, Mask, Rows, ScoreArray
from recommndr_engine.columns.groupings import Groupings
from recommndr_engine.live_items import ItemTable
from recommndr_engine.related_scores import ToRecent
from recommndr_engine.shopper import Shopper

DAY_S = 86_400.0
NAN = float("nan")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Request:
    """One shopper's candidates."""

    shopper: Shopper
    rows: Rows  # (n,) candidates in bundle rows
    scores: Mapping[str, ScoreArray]  # (n,) of the candidates, by retriever
    table: ItemTable
    live_rows: Rows  # (n_items,) bundle row -> live row
    to_recent: Mapping[str, ToRecent] = field(default_factory=dict)  # by retriever of related items, of the candidates

    @cached_property
    def live(self) -> Rows:
        """(n,) live row of each candidate."""
        return self.live_rows[self.rows]

    @cached_property
    def live_purchased(self) -> Rows:
        """Live rows of the items that the shopper bought."""
        return self.live_rows[self.shopper.purchased_rows]

    @cached_property
    def live_interests(self) -> Rows:
        """Live rows of the items of the shopper's interests."""
        return self.live_rows[self.shopper.interests[0]]

    @cached_property
    def groupings(self) -> Groupings:
        """Of the candidates, the shopper's purchases and interests, one after the other."""
        return Groupings.of(self.table, np.concatenate([self.live, self.live_purchased, self.live_interests]))

    @property
    def places_of_candidates(self) -> slice:
        """Where they are in `groupings`."""
        return slice(0, len(self.live))

    @property
    def places_of_purchased(self) -> slice:
        """Where the purchases are in `groupings`."""
        return slice(len(self.live), len(self.live) + len(self.live_purchased))

    @property
    def places_of_interests(self) -> slice:
        """Where the interests are in `groupings`."""
        return slice(len(self.live) + len(self.live_purchased), None)

    @cached_property
    def purchased_place(self) -> npt.NDArray[np.intp]:
        """(n,) position of each candidate in the shopper's purchased arrays, `NO_ROW` for items never bought."""
        return self.shopper.purchased_place(self.rows)

    @cached_property
    def bought(self) -> Mask:
        """(n,) whether the shopper bought the candidate."""
        bought: Mask = self.purchased_place != NO_ROW
        return bought

    @cached_property
    def forgotten(self) -> Mask:
        """(n,) whether the shopper bought the candidate so long ago that the list of purchases has dropped it."""
        row = self.shopper.row
        if len(row.purchased_item_ids) < purchased_items.CAPACITY:
            return np.zeros(len(self.rows), np.bool_)
        return item_set.contains(row.owned_set, self.table.fingerprint[self.live]) & ~self.bought

    @cached_property
    def owned(self) -> Mask:
        """(n,) whether the shopper ever bought the candidate."""
        return self.bought | self.forgotten
