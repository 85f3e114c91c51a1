"""The recorded events of visits: one row per event line, with its order in the visit and without times."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommndr.events import KIND_CODE, KINDS
from recommndr_simulation.arrays import Bools, Codes, Doubles, Ints
from recommndr_simulation.buying import Cart, Orders
from recommndr_simulation.looking import Looks, Slates
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.vocabulary import COLOURS
from recommndr_simulation.world import World

IDENTIFY = 15  # a code beyond the platform's kind codes, which have no identify
KIND_NAMES = (*KINDS, *("",) * (IDENTIFY - len(KINDS)), "identify")
QUERY_STYLES = len(COLOURS) + 1  # a search names a product in one colour or in any

PAGE_SIZE = 10  # places of a list that an impression records
_LISTS_RECORDED = 0.13  # share of lists that send an impression: about 5 % of the events
_SEARCHED = 0.07  # share of lists that come from a search
_LOOKED_AGAIN = 0.10  # RetailRocket's COTREC sessions: 30 % of clicks repeat an item; Taobao: 1.27 views per pair
_FAVOURED, _FAVOURED_UTILITY = 0.010, 0.5
_DISLIKED = 0.0008
_AT_CHECKOUT, _REMOVING, _ORDERING = 1_000.0, 2_000.0, 3_000.0
_GUEST_VISITS = 0.03


@dataclass(frozen=True, slots=True)
class MoveTable:
    """Columns of equal length; rows with the same (visit, key) are lines of one event."""

    visit: Ints
    key: Doubles
    kind: Codes
    item: Ints  # -1 = none
    position: Ints  # -1 = none
    quantity: Ints
    query: Ints  # -1 = none, else leaf * QUERY_STYLES + colour (len(COLOURS) = any)


# Sort keys beside a look at r: favourite r + .2, dislike .25, cart .3, search of the next list .35, list .55, another look .6,
# login .9. All differ, or two events would become one.
class _Record:
    """Collects blocks of rows."""

    def __init__(self) -> None:
        self._blocks: list[MoveTable] = []

    def add(self, kind: int, visit: Ints, key: npt.NDArray[np.generic], item: Ints | None = None, **more: Ints) -> None:
        n = len(visit)
        none = np.full(n, -1, np.int64)
        self._blocks.append(
            MoveTable(
                visit,
                key.astype(np.float64),
                np.full(n, kind, np.int8),
                none if item is None else item,
                more.get("position", none),
                more.get("quantity", np.ones(n, np.int64)),
                more.get("query", none),
            )
        )

    def table(self) -> MoveTable:
        return MoveTable(*(np.concatenate([getattr(block, name) for block in self._blocks]) for name in MoveTable.__slots__))


def moves_of(
    world: World, who: Shoppers, slates: Slates, seen: tuple[Looks, Cart, Orders], rng: np.random.Generator
) -> MoveTable:
    """The record of one visit of each of `who`."""
    looks, cart, orders = seen
    record = _Record()
    # A list whose items are all off sale is not recorded.
    shown = (rng.random(len(slates.visit)) < _LISTS_RECORDED) & slates.filled[:, 0]
    _record_lists(record, who, slates, shown, rng)
    _record_looks(record, looks, shown, rng)
    record.add(KIND_CODE["add_to_cart"], looks.visit[cart.put], looks.order[cart.put] + 0.3, looks.item[cart.put])
    gone = cart.removed
    record.add(KIND_CODE["remove_from_cart"], looks.visit[gone], _REMOVING + looks.order[gone], looks.item[gone])
    added = np.flatnonzero(orders.added)
    record.add(KIND_CODE["add_to_cart"], orders.visit[added], _AT_CHECKOUT + added * 1e-7, orders.item[added])
    n = len(orders.visit)
    record.add(KIND_CODE["purchase"], orders.visit, np.full(n, _ORDERING), orders.item, quantity=orders.quantity)
    _record_logins(record, looks, who.n_shoppers, rng)
    return record.table()


def _record_lists(record: _Record, who: Shoppers, slates: Slates, shown: Bools, rng: np.random.Generator) -> None:
    place, position = np.nonzero(slates.filled[shown][:, :PAGE_SIZE])
    visit, before = slates.visit[shown], slates.order[shown] - 0.45
    items = slates.items[shown][place, position]
    record.add(KIND_CODE["impression"], visit[place], before[place], items, position=position)
    searched = np.flatnonzero(rng.random(len(slates.visit)) < _SEARCHED)
    visit = slates.visit[searched]
    colour = np.where(rng.random(len(searched)) < 0.3, who.colour[visit].astype(np.int64), len(COLOURS))
    query = slates.leaf[searched] * QUERY_STYLES + colour
    record.add(KIND_CODE["search"], visit, slates.order[searched] - 0.65, query=query)


def _record_looks(record: _Record, looks: Looks, shown: Bools, rng: np.random.Generator) -> None:
    # A look at an item of a recorded list is a click; any other look is a view.
    clicked = (looks.slate >= 0) & shown[looks.slate] & (looks.position < PAGE_SIZE)
    seen = ~clicked
    record.add(
        KIND_CODE["click"],
        looks.visit[clicked],
        looks.order[clicked],
        looks.item[clicked],
        position=looks.position[clicked],
    )
    record.add(KIND_CODE["view"], looks.visit[seen], looks.order[seen], looks.item[seen])
    again = np.flatnonzero(rng.random(len(seen)) < _LOOKED_AGAIN)
    record.add(KIND_CODE["view"], looks.visit[again], looks.order[again] + 0.6, looks.item[again])
    drawn = rng.random(len(seen))
    favoured = drawn < np.minimum(_FAVOURED * np.exp(_FAVOURED_UTILITY * (looks.value - 1)), 0.2)
    record.add(KIND_CODE["favorite"], looks.visit[favoured], looks.order[favoured] + 0.2, looks.item[favoured])
    disliked = (drawn > 1 - 3 * _DISLIKED) & (looks.value < 0)
    record.add(KIND_CODE["dislike"], looks.visit[disliked], looks.order[disliked] + 0.25, looks.item[disliked])


def _record_logins(record: _Record, looks: Looks, n_visits: int, rng: np.random.Generator) -> None:
    """Some visits begin as a guest; an `identify` after one of the looks names the shopper."""
    guests = rng.random(n_visits) < _GUEST_VISITS
    last = np.full(n_visits, -1, np.int64)
    np.maximum.at(last, looks.visit, looks.order)
    visit = np.flatnonzero(guests & (last >= 0))
    record.add(IDENTIFY, visit, last[visit] + 0.9)
