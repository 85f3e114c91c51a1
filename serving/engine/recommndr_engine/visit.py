"""A visit that comes with the request: what the shopper looked at and what is in the cart, before events say so.

It counts as if the events had arrived just now, so a shop that sends no events yet, and a shopper of whom nothing is stored,
get lists by the items on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recommndr.counting import Counting
from recommndr.events import KIND_CODE
from recommndr.features import shopper
from recommndr.features.action import Action
from recommndr.features.merged_row import merged
from recommndr.features.shopper import ShopperRow

_VIEW, _CART = KIND_CODE["view"], KIND_CODE["add_to_cart"]
_APART_S = 1.0  # so that the order of the items is that of their times


@dataclass(frozen=True, slots=True)
class Visit:
    """Item ids, the newest first."""

    viewed: tuple[str, ...] = ()
    cart: tuple[str, ...] = ()

    def added_to(self, row: ShopperRow, now_s: float, counting: Counting) -> ShopperRow:
        """The row as it would be after these events; those of the cart are the newest."""
        newest_first = [*((_CART, item_id) for item_id in self.cart), *((_VIEW, item_id) for item_id in self.viewed)]
        if not newest_first:
            return row
        state = shopper.fold(shopper.EMPTY, _actions(newest_first, now_s), counting)
        return merged(row, shopper.read(shopper.columns(state), counting))


def _actions(newest_first: Sequence[tuple[int, str]], now_s: float) -> list[Action]:
    return [
        Action(kind, now_s - place * _APART_S, f"{place:032x}", "", (item_id,))
        for place, (kind, item_id) in reversed(list(enumerate(newest_first)))
    ]
