"""The last step of the ladder: a list from the live item table only, best-sellers first if item features are known."""

import numpy as np

from recommndr.events import KIND_CODE
from recommndr.features.decay import HALF_LIFE_NAMES, HALF_LIVES_S
from recommndr.features.shopper import ShopperRow
from recommndr_engine.eligibility import Eligibility
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.variety import among_first

_PURCHASE = KIND_CODE["purchase"]
_MONTH = HALF_LIFE_NAMES.index("30d")


def static_list(live: LiveItems, request: ListRequest, now_s: float, row: ShopperRow | None = None) -> list[tuple[str, float]]:
    """At most `request.k` items in stock that may be in the list, with their decayed purchases; one per group."""
    eligibility = Eligibility.by_request(live, request, row)
    table = live.table
    allowed = table.shown(np.arange(len(table), dtype=np.int32), now_s) & request.filters.mask(live, table)
    eligibility.narrow(allowed, lambda rows: rows)
    rows = np.flatnonzero(allowed)
    age_s = np.maximum(now_s - table.at_s[rows, _PURCHASE], 0.0)
    sold = table.sums[rows, _PURCHASE, _MONTH] * np.exp2(-age_s / HALF_LIVES_S[_MONTH])
    order = np.argsort(-sold, kind="stable")
    order = order[among_first(table.group[rows[order]], 1)]
    chosen = ((live.item(int(rows[place])), float(sold[place])) for place in order[: request.k])
    return [(item.item_id, value) for item, value in chosen if item is not None]
