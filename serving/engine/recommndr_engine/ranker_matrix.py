"""Ranker inputs of one request: one float32 row per candidate, from a shopper, retriever scores and the live item table.

Called by a slot for every answer and by training for every example, so that the two cannot differ. Each group below returns
its columns by name, as arrays over the candidates or as one number for all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from recommndr.events import KIND_CODE
from recommndr.features.decay import HALF_LIFE_NAMES, HALF_LIVES_S, decayed, signed
from recommndr.ranker_inputs import NAMES, RANKER_INPUTS
from recommndr_engine.arrays import NO_ROW, Rows, ScoreArray
from recommndr_engine.live_items import ItemTable
from recommndr_engine.ranker import Matrix
from recommndr_engine.retrievers.buy_again import mean_gap_s
from recommndr_engine.shopper import Shopper

_DAY_S = 86_400.0
_H = {name: i for i, name in enumerate(HALF_LIFE_NAMES)}
_PURCHASE, _VIEW, _CART = KIND_CODE["purchase"], KIND_CODE["view"], KIND_CODE["add_to_cart"]
_DEFAULTS = np.array([column.default for column in RANKER_INPUTS], np.float32)

Floats = npt.NDArray[np.float64]
Columns = dict[str, Floats | ScoreArray | float]


@dataclass(frozen=True, slots=True)
class Request:
    """What the groups read: the shopper, the candidates in bundle rows, and where items are in the live table."""

    shopper: Shopper
    rows: Rows  # (n,) candidates
    table: ItemTable
    live_rows: Rows  # (n_items,) bundle row -> live row


def fill(request: Request, scores: Mapping[str, ScoreArray]) -> Matrix:
    """The (n, len(RANKER_INPUTS)) matrix; `scores` are of the candidates, by retriever. What is missing has its default."""
    matrix = np.empty((len(request.rows), len(NAMES)), np.float32)
    columns = _own(request) | _shopper(request) | _item(request, scores) | _affinity(request)
    columns |= _moment(request.shopper.now_s) | {f"{name}_score": values for name, values in scores.items()}
    for place, name in enumerate(NAMES):
        matrix[:, place] = columns.get(name, _DEFAULTS[place])
    return matrix


def _own(request: Request) -> Columns:
    shopper, now_s = request.shopper, request.shopper.now_s
    place = shopper.purchased_place(request.rows)
    bought = place != NO_ROW
    if not len(shopper.purchased_rows):
        return _recent(request)
    orders = np.where(bought, shopper.purchased_n_orders[place], 0.0)
    gap_s = mean_gap_s(shopper.purchased_n_orders, shopper.purchased_first_s, shopper.purchased_last_s)
    own_decayed = np.where(bought, shopper.purchased_decayed[place], 0.0)
    since_s = np.where(bought, np.maximum(now_s - shopper.purchased_last_s[place], 0.0), np.nan)
    gap_s = np.where(bought, gap_s[place], np.nan)
    return _recent(request) | {
        "own_decayed": own_decayed,
        "own_decayed_14d": _evenly_decayed(orders, since_s, gap_s, 14 * _DAY_S),
        "own_decayed_30d": _evenly_decayed(orders, since_s, gap_s, 30 * _DAY_S),
        "own_orders": orders,
        "own_since": since_s / _DAY_S,
        "own_age": np.where(bought, now_s - shopper.purchased_first_s[place], np.nan) / _DAY_S,
        "own_gap": gap_s / _DAY_S,
        "own_since_per_gap": since_s / np.maximum(gap_s, 60.0),
        "own_order_share": orders / max(shopper.n_events, 1),
        "own_decayed_share": own_decayed / max(shopper.counts[_PURCHASE, _H["120d"]], 1e-9),
    }


def _evenly_decayed(orders: Floats, since_s: Floats, gap_s: Floats, half_life_s: float) -> Floats:
    """Decayed count of `orders` that came every `gap_s`, the last one `since_s` ago: a geometric series; 0 where NaN."""
    gap_s = np.where(np.isnan(gap_s), 1.0, np.maximum(gap_s, 1.0))
    ratio = np.exp2(-gap_s / half_life_s)
    series = (1.0 - ratio**orders) / (1.0 - ratio) * np.exp2(-since_s / half_life_s)
    result: Floats = np.where(np.isnan(since_s), 0.0, series)
    return result


def _recent(request: Request) -> Columns:
    shopper = request.shopper
    if not len(shopper.recent_rows):
        return {}
    order = np.argsort(shopper.recent_rows, kind="stable")
    by_row = shopper.recent_rows[order]
    found = np.minimum(np.searchsorted(by_row, request.rows), len(by_row) - 1)
    place = order[found]
    seen = by_row[found] == request.rows
    weight = np.where(seen, shopper.kind_weights[shopper.recent_kinds[place]], 0.0)
    return {
        "recent_place": np.where(seen, place, np.nan),
        "recent_since": np.where(seen, np.maximum(shopper.now_s - shopper.recent_at_s[place], 0.0), np.nan) / _DAY_S,
        "recent_weight": weight,
        "own_negative": np.minimum(weight, 0.0),
    }


def _shopper(request: Request) -> Columns:
    shopper = request.shopper
    orders = shopper.counts[_PURCHASE]
    last_s = shopper.row.counter_at_s[_PURCHASE]
    n_items = len(shopper.purchased_rows)
    return {
        "shopper_events": float(shopper.n_events),
        "shopper_orders_7d": float(orders[_H["7d"]]),
        "shopper_orders_30d": float(orders[_H["30d"]]),
        "shopper_orders_120d": float(orders[_H["120d"]]),
        "shopper_orders_trend": float(_trend(orders, "7d", "30d")),
        "shopper_since": max(shopper.now_s - last_s, 0.0) / _DAY_S if last_s else float("nan"),
        "shopper_items": float(n_items),
        "shopper_once_share": float((shopper.purchased_n_orders == 1).sum() / max(n_items, 1)),
        "shopper_views_1d": float(shopper.counts[_VIEW, _H["1d"]]),
    }


def _trend(sums: Floats, fast: str, slow: str) -> Floats:
    """Rate under a fast half-life against a slow one; 1 when events come evenly, NaN when there are none."""
    slow_s, fast_s = HALF_LIVES_S[_H[slow]], HALF_LIVES_S[_H[fast]]
    rate = sums[..., _H[slow]]
    result: Floats = np.where(rate > 1e-9, sums[..., _H[fast]] / np.maximum(rate, 1e-9), np.nan) * (slow_s / fast_s)
    return result


def _item(request: Request, scores: Mapping[str, ScoreArray]) -> Columns:
    shopper, table, live = request.shopper, request.table, request.live_rows[request.rows]
    now_s = shopper.now_s
    purchases = _decayed(table, live, _PURCHASE, now_s)
    last_s = table.at_s[live, _PURCHASE]
    first_at_s = table.first_at_s[live]
    price = table.price_minor[live]
    return {
        "item_purchases_1d": purchases[:, _H["1d"]],
        "item_purchases_7d": purchases[:, _H["7d"]],
        "item_purchases_30d": purchases[:, _H["30d"]],
        "item_purchases_120d": purchases[:, _H["120d"]],
        "item_trend_7d": _trend(purchases, "7d", "30d"),
        "item_trend_30d": _trend(purchases, "30d", "120d"),
        "item_since": np.where(last_s > 0.0, np.maximum(now_s - last_s, 0.0), np.nan) / _DAY_S,
        "item_age": np.where(np.isfinite(first_at_s), np.maximum(now_s - first_at_s, 0.0), np.nan) / _DAY_S,
        "item_first_share": _ratio(scores, "first_purchases", "popularity", len(live)),
        "item_views_7d": _decayed(table, live, _VIEW, now_s)[:, _H["7d"]],
        "item_carts_7d": _decayed(table, live, _CART, now_s)[:, _H["7d"]],
        "item_negatives_30d": _negatives(table, live, shopper)[:, _H["30d"]],
        "item_price": price,
        "item_price_ratio": price / _usual_price(request),
    }


def _decayed(table: ItemTable, live: Rows, kind: int, now_s: float) -> Floats:
    age_s = np.maximum(now_s - table.at_s[live, kind], 0.0)[:, np.newaxis]
    result: Floats = table.sums[live, kind] * np.exp2(-age_s / np.asarray(HALF_LIVES_S))
    return result


def _negatives(table: ItemTable, live: Rows, shopper: Shopper) -> Floats:
    """(n, N_HALF_LIVES) of the few kinds that speak against an item: all kinds would cost ten times as much."""
    kinds = np.flatnonzero(shopper.kind_weights < 0.0)
    rows = live[:, np.newaxis]
    sums = decayed(table.at_s[rows, kinds], table.sums[rows, kinds], shopper.now_s)
    return signed(sums, shopper.kind_weights[kinds])[1]


def _ratio(scores: Mapping[str, ScoreArray], part: str, whole: str, n: int) -> Floats:
    if part not in scores or whole not in scores:
        return np.full(n, np.nan)
    known = scores[whole] > 0.0
    result: Floats = np.where(known, scores[part] / np.where(known, scores[whole], 1.0), np.nan)
    return result


def _usual_price(request: Request) -> float:
    shopper = request.shopper
    prices = request.table.price_minor[request.live_rows[shopper.purchased_rows]]
    known = prices > 0.0
    weight = float(shopper.purchased_decayed[known].sum())
    return float(prices[known] @ shopper.purchased_decayed[known]) / weight if weight > 0.0 else float("nan")


def _affinity(request: Request) -> Columns:
    shopper, table = request.shopper, request.table
    mine = request.live_rows[shopper.purchased_rows]
    theirs = request.live_rows[request.rows]
    if not len(mine):
        return {}
    leaf, brand = _Groups(table.leaf[mine], table.leaf[theirs]), _Groups(table.brand[mine], table.brand[theirs])
    root = _Groups(table.categories[mine, 0], table.categories[theirs, 0])
    second = _Groups(table.categories[mine, 1], table.categories[theirs, 1])
    n_brands = int(table.brand.max()) + 2
    both = _Groups(
        _pair(table.leaf[mine], table.brand[mine], n_brands), _pair(table.leaf[theirs], table.brand[theirs], n_brands)
    )
    weights = shopper.purchased_decayed
    total = max(float(weights.sum()), 1e-9)
    in_leaf = leaf.sums(weights)
    place = shopper.purchased_place(request.rows)
    own = np.where(place != NO_ROW, weights[place], 0.0)
    return {
        "own_leaf_share": own / np.maximum(in_leaf, 1e-9),
        "root_affinity": root.sums(weights) / total,
        "second_affinity": second.sums(weights) / total,
        "leaf_affinity": in_leaf / total,
        "brand_affinity": brand.sums(weights) / total,
        "leaf_brand_affinity": both.sums(weights) / total,
        "leaf_items": leaf.sums(np.ones(len(mine))),
        "leaf_since": np.maximum(shopper.now_s - leaf.newest(shopper.purchased_last_s), 0.0) / _DAY_S,
        "second_since": np.maximum(shopper.now_s - second.newest(shopper.purchased_last_s), 0.0) / _DAY_S,
    }


def _pair(a: Rows, b: Rows, n_b: int) -> npt.NDArray[np.int64]:
    return np.where((a >= 0) & (b >= 0), a.astype(np.int64) * n_b + b, NO_ROW)


class _Groups:
    """What the shopper's items add up to in the group (category, brand) of each candidate."""

    def __init__(self, mine: npt.NDArray[np.integer], theirs: npt.NDArray[np.integer]) -> None:
        self._codes, self._mine = np.unique(mine, return_inverse=True)
        place = np.minimum(np.searchsorted(self._codes, theirs), len(self._codes) - 1)
        # A group nobody named (NO_ROW) is no group.
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


def _moment(now_s: float) -> Columns:
    at = datetime.fromtimestamp(now_s, UTC)
    return {"hour": float(at.hour), "weekday": float(at.weekday())}
