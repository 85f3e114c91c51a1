"""Columns of the shopper only: the same number for all candidates."""

import numpy as np

from recommndr.events import KIND_CODE
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.decayed import HALF_LIFE, trend
from recommndr_engine.columns.request import DAY_S, NAN, Request
from recommndr_engine.shopper import Shopper

_VIEW = KIND_CODE["view"]


def _shopper(request: Request) -> Shopper:
    return request.shopper


SHOPPER = ColumnGroup(_shopper)


@SHOPPER.column()
def shopper_events(shopper: Shopper) -> float:
    """All events of the shopper."""
    return float(shopper.n_events)


@SHOPPER.column()
def shopper_targets_7d(shopper: Shopper) -> float:
    """Events of the target kind of the shopper (orders), half-life 7 d."""
    return float(shopper.counts[shopper.target, HALF_LIFE["7d"]])


@SHOPPER.column()
def shopper_targets_30d(shopper: Shopper) -> float:
    """Events of the target kind of the shopper (orders), half-life 30 d."""
    return float(shopper.counts[shopper.target, HALF_LIFE["30d"]])


@SHOPPER.column()
def shopper_targets_120d(shopper: Shopper) -> float:
    """Events of the target kind of the shopper (orders), half-life 120 d."""
    return float(shopper.counts[shopper.target, HALF_LIFE["120d"]])


@SHOPPER.column(unknown=NAN)
def shopper_targets_trend(shopper: Shopper) -> float:
    """Events of the target kind of the shopper (orders) at 7 d relative to 30 d; 1 = steady."""
    return float(trend(shopper.counts[shopper.target], "7d", "30d"))


@SHOPPER.column(unknown=NAN)
def shopper_since(shopper: Shopper) -> float:
    """Days since the shopper's last event of the target kind."""
    last_s = shopper.row.counter_at_s[shopper.target]
    return max(shopper.now_s - last_s, 0.0) / DAY_S if last_s else NAN


@SHOPPER.column()
def shopper_items(shopper: Shopper) -> float:
    """Number of distinct items with the target kind (bought ones), as far as the state keeps them."""
    return float(len(shopper.purchased_rows))


@SHOPPER.column()
def shopper_once_share(shopper: Shopper) -> float:
    """Share of the shopper's items with the target kind that have it once."""
    return float((shopper.purchased_n_orders == 1).sum() / max(len(shopper.purchased_rows), 1))


@SHOPPER.column()
def shopper_views_1d(shopper: Shopper) -> float:
    """Views of the shopper, half-life 1 d."""
    return float(shopper.counts[_VIEW, HALF_LIFE["1d"]])


@SHOPPER.column()
def shopper_targets_1d(shopper: Shopper) -> float:
    """Events of the target kind of the shopper, half-life 1 d."""
    return float(shopper.counts[shopper.target, HALF_LIFE["1d"]])


@SHOPPER.column()
def shopper_deeds_1h(shopper: Shopper) -> float:
    """Positive events of the shopper by weight relative to the target kind's, half-life 1 h: how busy the visit is."""
    return float(np.maximum(shopper.kind_weights, 0.0) @ shopper.counts[:, HALF_LIFE["1h"]])


@SHOPPER.column()
def shopper_deeds_7d(shopper: Shopper) -> float:
    """Positive events of the shopper by weight relative to the target kind's, half-life 7 d."""
    return float(np.maximum(shopper.kind_weights, 0.0) @ shopper.counts[:, HALF_LIFE["7d"]])
