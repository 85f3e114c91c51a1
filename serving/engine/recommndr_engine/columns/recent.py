"""Columns of the shopper's last action with the candidate, among the newest items that the state keeps."""

from dataclasses import dataclass

import numpy as np

from recommndr.features import item_set
from recommndr.features.user import RECENT_CAPACITY
from recommndr_engine.arrays import Mask
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import DAY_S, NAN, Floats, Request


@dataclass(frozen=True, slots=True)
class Recent:
    """(n,) arrays over the candidates; place and time are NaN for items that are not among the newest."""

    place: Floats
    since_s: Floats
    weight: Floats
    long_ago: Mask  # seen, but not among the newest

    @classmethod
    def from_request(cls, request: Request) -> "Recent | None":
        """None for a shopper without recent items."""
        shopper = request.shopper
        if not len(shopper.recent_rows):
            return None
        order = np.argsort(shopper.recent_rows, kind="stable")
        by_row = shopper.recent_rows[order]
        found = np.minimum(np.searchsorted(by_row, request.rows), len(by_row) - 1)
        place, seen = order[found], by_row[found] == request.rows
        return cls(
            place=np.where(seen, place, np.nan),
            since_s=np.where(seen, np.maximum(shopper.now_s - shopper.recent_at_s[place], 0.0), np.nan),
            weight=np.where(seen, shopper.kind_weights[shopper.recent_kinds[place]], 0.0),
            long_ago=_long_ago(request) & ~seen,
        )


def _long_ago(request: Request) -> Mask:
    row = request.shopper.row
    if len(row.recent_item_ids) < RECENT_CAPACITY:
        return np.zeros(len(request.rows), np.bool_)
    return item_set.contains(row.seen_set, request.table.fingerprint[request.live])


RECENT = ColumnGroup(Recent.from_request)


@RECENT.column(unknown=NAN)
def recent_place(recent: Recent) -> Floats:
    """Place of the item among the shopper's newest items, 0 = newest."""
    return recent.place


@RECENT.column(unknown=NAN)
def recent_since(recent: Recent) -> Floats:
    """Days since the newest action with the item, of any kind."""
    return recent.since_s / DAY_S


@RECENT.column()
def recent_weight(recent: Recent) -> Floats:
    """Weight of the kind of the newest action with the item, relative to the target kind's."""
    return recent.weight


@RECENT.column()
def own_negative(recent: Recent) -> Floats:
    """Weight of the kind of the newest action if it is negative."""
    result: Floats = np.minimum(recent.weight, 0.0)
    return result


@RECENT.column()
def seen_long_ago(recent: Recent) -> Floats:
    """1 where the shopper did something with the item, but not among the newest items, else 0."""
    return recent.long_ago.astype(np.float64)
