"""Columns of the shopper's own events of the target kind with the candidate: orders, where the target is a purchase."""

from dataclasses import dataclass

import numpy as np

from recommndr.features.decay import HALF_LIFE_NAMES
from recommndr_engine.arrays import Mask
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import DAY_S, NAN, Floats, Request
from recommndr_engine.retrievers.buy_again import mean_gap_s

HABIT = ("own_targets", "own_gap")  # what an explained answer tells: how often, and how many days apart
_LONGEST = HALF_LIFE_NAMES.index("120d")


@dataclass(frozen=True, slots=True)
class Own:
    """(n,) arrays over the candidates; times are NaN for items without one."""

    decayed: Floats
    targets: Floats
    since_s: Floats
    age_s: Floats
    gap_s: Floats
    n_events: int
    forgotten: Mask
    targets_120d: float  # decayed events of the target kind with any item

    @classmethod
    def from_request(cls, request: Request) -> "Own | None":
        """None for a shopper without events of the target kind."""
        shopper, place, bought = request.shopper, request.purchased_place, request.bought
        if not len(shopper.purchased_rows):
            return None
        gap_s = mean_gap_s(shopper.purchased_n_orders, shopper.purchased_first_s, shopper.purchased_last_s)
        return cls(
            decayed=np.where(bought, shopper.purchased_decayed[place], 0.0),
            targets=np.where(bought, shopper.purchased_n_orders[place], 0.0),
            since_s=np.where(bought, np.maximum(shopper.now_s - shopper.purchased_last_s[place], 0.0), np.nan),
            age_s=np.where(bought, shopper.now_s - shopper.purchased_first_s[place], np.nan),
            gap_s=np.where(bought, gap_s[place], np.nan),
            n_events=shopper.n_events,
            forgotten=request.forgotten,
            targets_120d=float(shopper.counts[shopper.target, _LONGEST]),
        )


OWN = ColumnGroup(Own.from_request)


@OWN.column()
def own_decayed(own: Own) -> Floats:
    """Events of the target kind of this shopper with the item, decayed with the tenant's half-life."""
    return own.decayed


@OWN.column()
def own_decayed_14d(own: Own) -> Floats:
    """Events of the target kind of this shopper with the item, half-life 14 d, as if they had come evenly."""
    return _evenly_decayed(own, 14 * DAY_S)


@OWN.column()
def own_decayed_30d(own: Own) -> Floats:
    """Events of the target kind of this shopper with the item, half-life 30 d, as if they had come evenly."""
    return _evenly_decayed(own, 30 * DAY_S)


@OWN.column()
def own_targets(own: Own) -> Floats:
    """Events of the target kind of this shopper with the item, not decayed."""
    return own.targets


@OWN.column(unknown=NAN)
def own_since(own: Own) -> Floats:
    """Days since this shopper's last event of the target kind with the item."""
    return own.since_s / DAY_S


@OWN.column(unknown=NAN)
def own_age(own: Own) -> Floats:
    """Days since this shopper's first event of the target kind with the item."""
    return own.age_s / DAY_S


@OWN.column(unknown=NAN)
def own_gap(own: Own) -> Floats:
    """Mean days between this shopper's events of the target kind with the item."""
    return own.gap_s / DAY_S


@OWN.column(unknown=NAN)
def own_since_per_gap(own: Own) -> Floats:
    """Time since the last event of the target kind with the item, in mean gaps; a gap is at least a minute."""
    return own.since_s / np.maximum(own.gap_s, 60.0)


@OWN.column()
def own_target_share(own: Own) -> Floats:
    """Events of the target kind with the item as a share of all events of the shopper."""
    return own.targets / max(own.n_events, 1)


@OWN.column()
def own_decayed_share(own: Own) -> Floats:
    """Decayed events of the target kind with the item as a share of all of the shopper's (120 d)."""
    return own.decayed / max(own.targets_120d, 1e-9)


@OWN.column()
def own_forgotten(own: Own) -> Floats:
    """1 where the last event of the target kind with the item is older than what the state lists, else 0."""
    return own.forgotten.astype(np.float64)


def _evenly_decayed(own: Own, half_life_s: float) -> Floats:
    """Decayed count of events that came every `gap_s`, the last one `since_s` ago: a geometric series; 0 where NaN."""
    gap_s = np.where(np.isnan(own.gap_s), 1.0, np.maximum(own.gap_s, 1.0))
    ratio = np.exp2(-gap_s / half_life_s)
    series = (1.0 - ratio**own.targets) / (1.0 - ratio) * np.exp2(-own.since_s / half_life_s)
    result: Floats = np.where(np.isnan(own.since_s), 0.0, series)
    return result
