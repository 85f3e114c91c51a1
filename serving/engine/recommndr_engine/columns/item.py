"""Columns of the candidate, the same for all shoppers: age, carts, negative events, price."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommndr.events import KIND_CODE
from recommndr.features.decay import HALF_LIVES_S, decayed
from recommndr_engine.arrays import ScoreArray
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.decayed import HALF_LIFE
from recommndr_engine.columns.request import DAY_S, NAN, Floats, Request

_CART = KIND_CODE["add_to_cart"]
_OLD_S = 90 * DAY_S


@dataclass(frozen=True)
class Item:
    """Reads the live item table at the candidates' rows; caches values that several columns read."""

    request: Request

    def decayed(self, kind: int, half_life: str) -> Floats:
        """(n,) decayed events of a kind, as of now."""
        table, live, place = self.request.table, self.request.live, HALF_LIFE[half_life]
        age_s = np.maximum(self.request.shopper.now_s - table.at_s[live, kind], 0.0)
        result: Floats = table.sums[live, kind, place] * np.exp2(-age_s / HALF_LIVES_S[place])
        return result

    @cached_property
    def price(self) -> ScoreArray:
        """(n,) minor units, NaN where the catalogue has none."""
        return self.request.table.price_minor[self.request.live]


ITEM = ColumnGroup(Item)


@ITEM.column(unknown=NAN)
def item_since(item: Item) -> Floats:
    """Days since the last event of the target kind by any shopper."""
    last_s = item.request.table.at_s[item.request.live, item.request.shopper.target]
    return np.where(last_s > 0.0, np.maximum(item.request.shopper.now_s - last_s, 0.0), np.nan) / DAY_S


@ITEM.column(unknown=NAN)
def item_age(item: Item) -> Floats:
    """Days since the item's first event, at most 90: exact ages of old items would let trees learn single items by heart."""
    first_s = item.request.table.first_at_s[item.request.live]
    age_s = np.clip(item.request.shopper.now_s - first_s, 0.0, _OLD_S)
    return np.where(np.isfinite(first_s), age_s, np.nan) / DAY_S


@ITEM.column(unknown=NAN)
def item_first_share(item: Item) -> Floats:
    """First events of the target kind relative to popularity: low for staples."""
    scores = item.request.scores
    if "first_purchases" not in scores or "popularity" not in scores:
        return np.full(len(item.request.rows), np.nan)
    known = scores["popularity"] > 0.0
    result: Floats = np.where(known, scores["first_purchases"] / np.where(known, scores["popularity"], 1.0), np.nan)
    return result


@ITEM.column()
def item_carts_7d(item: Item) -> Floats:
    """Times the item was put into a cart, half-life 7 d."""
    return item.decayed(_CART, "7d")


@ITEM.column()
def item_negatives_30d(item: Item) -> Floats:
    """Negative events of the item, by weight relative to the target kind's, half-life 30 d."""
    shopper, table = item.request.shopper, item.request.table
    kinds = np.flatnonzero(shopper.kind_weights < 0.0)  # only negative kinds, because all kinds would take ten times as long
    at_s = table.at_s[item.request.live[:, np.newaxis], kinds]
    disliked = np.flatnonzero(at_s.any(axis=1))  # few items are
    sums = table.sums[item.request.live[disliked, np.newaxis], kinds]
    weighted = np.matmul(-shopper.kind_weights[kinds], decayed(at_s[disliked], sums, shopper.now_s))
    result = np.zeros(len(at_s))
    result[disliked] = weighted[:, HALF_LIFE["30d"]]
    return result


@ITEM.column(unknown=NAN)
def item_price(item: Item) -> ScoreArray:
    """Price of one unit, minor units of the tenant's currency."""
    return item.price


@ITEM.column(unknown=NAN)
def item_price_ratio(item: Item) -> ScoreArray:
    """Price relative to the mean price of the shopper's purchases, weighted by decayed orders."""
    shopper = item.request.shopper
    prices = item.request.table.price_minor[item.request.live_rows[shopper.purchased_rows]]
    known = prices > 0.0
    weight = float(shopper.purchased_decayed[known].sum())
    usual = float(prices[known] @ shopper.purchased_decayed[known]) / weight if weight > 0.0 else NAN
    return item.price / np.float32(usual)
