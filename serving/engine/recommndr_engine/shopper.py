"""One shopper at one instant, in rows of one bundle: the input of retrievers and ranker columns."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommndr.features.action import PURCHASE
from recommndr.features.decay import FloatArray, decayed
from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import NO_ROW, Rows, ScoreArray, Times
from recommndr_engine.bundle_items import BundleItems


@dataclass(frozen=True)
class Shopper:
    """A `ShopperRow` as of `now_s`. Items that the bundle does not have are left out, because its arrays have no row for them.

    Purchased arrays are parallel and sorted by row; recent arrays are parallel, newest first.
    """

    row: ShopperRow
    now_s: float
    kind_weights: (
        FloatArray  # (N_KIND_SLOTS,) `TenantPolicy.relative_weights`: weight of an action of each kind as evidence of liking
    )
    purchased_rows: Rows
    purchased_decayed: Times  # as of now_s
    purchased_n_orders: Times
    purchased_first_s: Times
    purchased_last_s: Times
    recent_rows: Rows
    recent_kinds: npt.NDArray[np.int64]
    recent_at_s: Times
    target: int = PURCHASE  # code of the kind of event that recommendations should lead to

    @classmethod
    def from_row(
        cls, row: ShopperRow, items: BundleItems, now_s: float, kind_weights: FloatArray, target: int = PURCHASE
    ) -> "Shopper":
        """Map a stored shopper to a bundle's rows."""
        purchased = items.rows_of(row.purchased_item_ids)
        known = np.flatnonzero(purchased != NO_ROW)
        known = known[np.argsort(purchased[known], kind="stable")]
        last_s = row.purchased_last_s[known]
        age_s = np.maximum(now_s - last_s, 0.0)
        recent = items.rows_of(row.recent_item_ids)
        recent_known = recent != NO_ROW
        return cls(
            row=row,
            now_s=now_s,
            kind_weights=kind_weights,
            purchased_rows=purchased[known],
            purchased_decayed=row.purchased_decayed[known] * np.exp2(-age_s / row.purchased_half_life_s),
            purchased_n_orders=row.purchased_n_orders[known],
            purchased_first_s=row.purchased_first_s[known],
            purchased_last_s=last_s,
            recent_rows=recent[recent_known],
            recent_kinds=row.recent_kinds[recent_known],
            recent_at_s=row.recent_at_s[recent_known],
            target=target,
        )

    @property
    def n_events(self) -> int:
        """All events of the shopper."""
        return self.row.n_events

    @cached_property
    def counts(self) -> Times:
        """(N_KIND_SLOTS, N_HALF_LIVES) decayed events per kind, as of now."""
        return decayed(self.row.counter_at_s, self.row.counter_sums, self.now_s)

    @cached_property
    def interests(self) -> tuple[Rows, ScoreArray]:
        """Rows of items the shopper is interested in, and how much as of now, in decayed target events; distinct rows, all > 0.

        Each event of the target kind (purchase) counts. Items without one count once, with the weight of their newest kind and
        the same half-life, so that a shopper who never bought has a profile too. Negative evidence is left out.
        """
        rows, values, _ = self._interests
        return rows, values.astype(np.float32)

    @property
    def interest_last_s(self) -> Times:
        """When the shopper last did something with each item of `interests`: bought it, or its newest action."""
        return self._interests[2]

    @cached_property
    def _interests(self) -> tuple[Rows, Times, Times]:
        age_s = np.maximum(self.now_s - self.recent_at_s, 0.0)
        weights = self.kind_weights[self.recent_kinds] * np.exp2(-age_s / self.row.purchased_half_life_s)
        only_recent = self.purchased_place(self.recent_rows) == NO_ROW
        rows = np.concatenate([self.purchased_rows, self.recent_rows[only_recent]])
        values = np.concatenate([self.kind_weights[self.target] * self.purchased_decayed, weights[only_recent]])
        last_s = np.concatenate([self.purchased_last_s, self.recent_at_s[only_recent]])
        positive = values > 0.0
        return rows[positive], values[positive], last_s[positive]

    def recent_weights(self, half_life_s: float) -> ScoreArray:
        """(n_recent,) weight of each recent item: its kind's, decayed with `half_life_s`; never negative."""
        age_s = np.maximum(self.now_s - self.recent_at_s, 0.0)
        weights = np.maximum(self.kind_weights[self.recent_kinds], 0.0) * np.exp2(-age_s / half_life_s)
        return weights.astype(np.float32)

    def purchased_place(self, rows: Rows) -> npt.NDArray[np.intp]:
        """Position of each of `rows` in the purchased arrays, `NO_ROW` for items never bought."""
        if not len(self.purchased_rows):
            return np.full(len(rows), NO_ROW, np.intp)
        place = np.minimum(np.searchsorted(self.purchased_rows, rows), len(self.purchased_rows) - 1)
        return np.where(self.purchased_rows[place] == rows, place, NO_ROW)
