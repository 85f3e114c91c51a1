"""Which items may be in a list, by the request and the shopper's history; in rows of the live item table.

Colours and sizes of one product are a group. When an item may not be in the list, no item of its group may. Items in the
shopper's cart may be in the list, but the other items of their groups may not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recommndr.events import KIND_CODE
from recommndr.features.shopper import ShopperRow
from recommndr.list_scope import Scope
from recommndr_engine.arrays import NO_ROW, Mask, Rows
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems

_NEW: tuple[Scope, ...] = ("discover", "unseen")  # scopes without what the shopper owns
_DISLIKE, _CART = KIND_CODE["dislike"], KIND_CODE["add_to_cart"]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The eligible items, as live rows: a mask over a large catalogue would take half a millisecond per request."""

    refused: Rows  # items of their groups included
    only: Rows | None  # None: all others are allowed

    @classmethod
    def by_request(cls, live: LiveItems, request: ListRequest, row: ShopperRow | None, now_s: float) -> "Eligibility":
        """What `request`, the shop's rules and the shopper's history allow; `row` is None for an unknown shopper."""
        in_cart = _rows(live, _recent(row, _CART))
        refused = np.concatenate([_rows(live, _refused(request, row)), _known(live, request, row)])
        beside_cart = live.with_groups(in_cart)
        if len(beside_cart):
            beside_cart = beside_cart[~np.isin(beside_cart, in_cart)]
        only = _rows(live, row.purchased_item_ids) if row is not None and request.scope == "buy_again" else None
        by_rules = request.rules.refused(live, row, now_s)
        return cls(np.concatenate([live.with_groups(refused), beside_cart, by_rules]), only)

    def allows(self, live_rows: Rows) -> Mask:
        """(n,) whether each row may be in the list."""
        allowed = ~np.isin(live_rows, self.refused)
        return allowed if self.only is None else allowed & np.isin(live_rows, self.only)

    def narrow(self, allowed: Mask, places_of: Callable[[Rows], Rows]) -> None:
        """Set items that may not be in the list to False; `places_of` maps live rows to positions in `allowed`."""
        if self.only is not None:
            only = np.zeros(len(allowed), np.bool_)
            only[places_of(self.only)] = True
            allowed &= only
        allowed[places_of(self.refused)] = False


def _refused(request: ListRequest, row: ShopperRow | None) -> list[str]:
    """Ids that may not be in the list. A dislike holds until the shopper's next action with the item; other negative kinds are
    ranker columns.
    """
    listed: list[str] = []
    if row is not None and request.scope in _NEW:
        listed += row.purchased_item_ids
    if row is not None and request.scope == "unseen":
        listed += row.recent_item_ids
    return [*request.exclude, *_recent(row, _DISLIKE), *listed]


def _known(live: LiveItems, request: ListRequest, row: ShopperRow | None) -> Rows:
    """What the shopper owned or saw too long ago to be listed."""
    if row is None or request.scope not in _NEW:
        return np.zeros(0, np.int32)
    owned = live.rows_in(row.owned_set)
    return owned if request.scope == "discover" else np.concatenate([owned, live.rows_in(row.seen_set)])


def _recent(row: ShopperRow | None, kind: int) -> list[str]:
    """Ids of the items whose newest action is of this kind."""
    return [] if row is None else [row.recent_item_ids[place] for place in np.flatnonzero(row.recent_kinds == kind)]


def _rows(live: LiveItems, item_ids: Sequence[str]) -> Rows:
    rows = live.rows_of(item_ids)
    known: Rows = rows[rows != NO_ROW]
    return known
