"""The last step of the ladder: a list from the live item table only, best-sellers first if item features are known."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from recommndr.events import KIND_CODE
from recommndr.features.decay import HALF_LIFE_NAMES, HALF_LIVES_S
from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrangement import Asked, arrange
from recommndr_engine.blend import best_first
from recommndr_engine.eligibility import Eligibility
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.rules_in_force import PlacedPin
from recommndr_engine.variety import ANY

_PURCHASE = KIND_CODE["purchase"]
_MONTH = HALF_LIFE_NAMES.index("30d")


class StaticPlace(NamedTuple):
    """One place of the list; `pin` is the rule that put the item there."""

    item_id: str
    sold: float
    pin: PlacedPin | None


def static_list(live: LiveItems, request: ListRequest, now_s: float, row: ShopperRow | None = None) -> list[StaticPlace]:
    """At most `request.k` items in stock that may be in the list, with their decayed purchases; one per group."""
    eligibility = Eligibility.by_request(live, request, row, now_s)
    table = live.table
    allowed = table.shown(np.arange(len(table), dtype=np.int32), now_s) & request.filters.mask(live, table)
    eligibility.narrow(allowed, lambda rows: rows)
    rows = np.flatnonzero(allowed).astype(np.int32)
    age_s = np.maximum(now_s - table.at_s[rows, _PURCHASE], 0.0)
    sold = (table.sums[rows, _PURCHASE, _MONTH] * np.exp2(-age_s / HALF_LIVES_S[_MONTH])).astype(np.float32)
    placed = arrange(live, rows, sold, best_first(sold), Asked(replace(request, variety=ANY), row, now_s))
    rows, sold = np.concatenate([rows, placed.added]), np.concatenate([sold, np.zeros(len(placed.added), np.float32)])
    return [
        StaticPlace(item.item_id, float(sold[position]), placed.pinned.get(place))
        for place, position in enumerate(placed.order.tolist())
        if (item := live.item(int(rows[position]))) is not None
    ]
