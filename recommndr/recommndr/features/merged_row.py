"""A shopper's row with the rows of the shopper's guests merged in, at the instant of reading.

The result is the row of the merged states: what one shopper would have who did everything under one id. A row lacks two things
that states have: of two actions of one instant, the one of the higher kind counts as the newer, and the context is that of the
row with the newest event.
"""

from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from recommndr.features import item_set
from recommndr.features.decay import HALF_LIVES_S, FloatArray
from recommndr.features.purchased_items import CAPACITY
from recommndr.features.shopper import ShopperRow
from recommndr.features.user import RECENT_CAPACITY

_Bought = tuple[float, float, float, float]  # last purchase, count decayed to then, orders, first purchase


def merged(row: ShopperRow, *guests: ShopperRow) -> ShopperRow:
    """The row with the guests' rows merged in; their order does not matter."""
    return reduce(_merge, guests, row)


def _merge(a: ShopperRow, b: ShopperRow) -> ShopperRow:
    at_s = np.maximum(a.counter_at_s, b.counter_at_s)
    place = a if _newest_s(a) >= _newest_s(b) else b
    if not any((place.device, place.os, place.country, place.region)):
        place = b if place is a else a
    with_recent = replace(
        a,
        n_events=a.n_events + b.n_events,
        counter_at_s=at_s,
        counter_sums=_as_of(a, at_s) + _as_of(b, at_s),
        owned_set=item_set.merge(a.owned_set, b.owned_set),
        seen_set=item_set.merge(a.seen_set, b.seen_set),
        device=place.device,
        os=place.os,
        country=place.country,
        region=place.region,
        **_recent(a, b),
    )
    return replace(with_recent, **_purchased(a, b))


def _newest_s(row: ShopperRow) -> float:
    return float(row.counter_at_s.max(initial=0.0))


def _as_of(row: ShopperRow, at_s: FloatArray) -> FloatArray:
    """The row's sums as of later instants, (n_kinds,) each."""
    sums: FloatArray = row.counter_sums * np.exp2(-(at_s - row.counter_at_s)[:, np.newaxis] / np.asarray(HALF_LIVES_S))
    return sums


def _recent(a: ShopperRow, b: ShopperRow) -> dict[str, Any]:
    newest: dict[str, tuple[float, int]] = {}
    for row in (a, b):
        for item_id, kind, at_s in zip(row.recent_item_ids, row.recent_kinds.tolist(), row.recent_at_s.tolist(), strict=True):
            newest[item_id] = max((at_s, kind), newest.get(item_id, (at_s, kind)))
    ordered = sorted(newest.items(), key=lambda known: (*known[1], known[0]), reverse=True)[:RECENT_CAPACITY]
    return {
        "recent_item_ids": [item_id for item_id, _ in ordered],
        "recent_kinds": np.array([kind for _, (_, kind) in ordered], np.int64),
        "recent_at_s": np.array([at_s for _, (at_s, _) in ordered], np.float64),
    }


def _purchased(a: ShopperRow, b: ShopperRow) -> dict[str, Any]:
    if not b.purchased_item_ids:
        return {}
    half_life_s = a.purchased_half_life_s if a.purchased_item_ids else b.purchased_half_life_s
    bought: dict[str, _Bought] = {}
    for row in (a, b):
        columns = (row.purchased_last_s, row.purchased_decayed, row.purchased_n_orders, row.purchased_first_s)
        for item_id, *one in zip(row.purchased_item_ids, *(column.tolist() for column in columns), strict=True):
            known = bought.get(item_id)
            bought[item_id] = _both(known, (*one,), half_life_s) if known else (*one,)
    newest = sorted(bought, key=lambda item_id: (bought[item_id][0], item_id))[-CAPACITY:]
    kept = sorted(newest)
    last_s, decayed, n_orders, first_s = np.array([bought[item_id] for item_id in kept], np.float64).T
    return {
        "purchased_half_life_s": half_life_s,
        "purchased_item_ids": kept,
        "purchased_decayed": decayed,
        "purchased_n_orders": n_orders,
        "purchased_first_s": first_s,
        "purchased_last_s": last_s,
    }


def _both(a: _Bought, b: _Bought, half_life_s: float) -> _Bought:
    if a[0] < b[0]:
        a, b = b, a
    return a[0], a[1] + b[1] * 0.5 ** ((a[0] - b[0]) / half_life_s), a[2] + b[2], min(a[3], b[3])
