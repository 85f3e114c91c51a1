"""Columns of the shopper's last action with the candidate, among the newest items that the state keeps."""

from dataclasses import dataclass

import numpy as np

from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import DAY_S, NAN, Floats, Request


@dataclass(frozen=True, slots=True)
class Recent:
    """(n,) arrays over the candidates; place and time are NaN for items that are not among the newest."""

    place: Floats
    since_s: Floats
    weight: Floats

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
        )


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
