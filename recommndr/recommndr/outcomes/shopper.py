"""The outcomes of one shopper: which items of which lists were seen, clicked and bought.

Lists and orders are kept as sets, so repeats and order of arrival do not matter, and the totals are those of a plain
computation over the events. A change is reported as the counts before and after it, so that sums over shoppers stay exact.

**Guests**: a shopper lends its orders to the guests that it was (`loans`). They are sent to the guests' keys, and count there
after a click of the guest, as the guest's own would. What was lent is kept apart, so it is not lent on.

The window of a purchase begins with the first click on the item in the list, or when it was first put into the cart from there.
The first order within it counts, whichever arrived first.

Sizes are bounded: `MAX_LISTS` lists and as many with clicks or carts, `MAX_ORDERED` items of orders, and orders up to a window
and a day older than the newest. Beyond that the oldest are closed: they stay in the totals, and what comes for them later does
not count. The laws hold within these bounds.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgpack

from recommndr.features import guests
from recommndr.features.guests import Guest, GuestsState
from recommndr.outcomes.act import ERASE, LENT, LOGIN, MARKED, PURCHASES, REVENUE, Act, Label, Shown
from recommndr.outcomes.open_list import NEVER, Mark, OpenList
from recommndr.outcomes.orders import Order, ShopperOrders

MAX_LISTS = 32
MAX_LABELS = 64
_FORMAT_VERSION = 3  # 2 has no guests and nothing lent; 1 has no bytes of their own for lists and orders
_DAY_S = 86_400.0
_TOUCHES = frozenset({"clicks", "carts"})
_BIT_OF = {measure: 1 << place for place, measure in enumerate(MARKED)}

Counts = Mapping[str, int]  # by measure; a missing one is 0
Growth = dict[str, int]  # by measure, how much a count grows


class Change(NamedTuple):
    """The shopper's counts of a label before and after; `day` is that of the list that changed."""

    label: Label
    day: int
    before: Counts
    after: Counts


class Loan(NamedTuple):
    """An order for the state of a guest."""

    guest_id: str
    act: Act


@dataclass(slots=True)
class ShopperOutcomes:
    """The state; `take` changes it in place."""

    totals: dict[Label, Counts] = field(default_factory=dict)  # the label that changed last is last
    lists: dict[int, OpenList] = field(default_factory=dict)  # by request
    orders: ShopperOrders = field(default_factory=ShopperOrders)
    closed_s: int = -1  # lists issued until then are closed unless they are in `lists`
    guests: GuestsState = guests.EMPTY
    lent: ShopperOrders = field(default_factory=ShopperOrders)  # orders of those whose guest this was

    def take(self, act: Act, window_s: float) -> list[Change]:
        """Count an act; returns one change for each list that it changed, none for a repeat."""
        if act.measure == ERASE:
            return self._erase(act.at_s)
        if act.guest_id is not None:
            self.guests = guests.merge(self.guests, (Guest(act.at_s, act.guest_id),))
            return []
        if act.shown is None:
            ordered = [Order(act.at_s, act.event, paid) for paid in act.paid]
            orders = self.lent if act.measure == LENT else self.orders
            return self._buy(orders, dict(zip(act.items, ordered, strict=True)), window_s)
        return self._mark(act.shown, act, window_s)

    def loans(self, act: Act) -> list[Loan]:
        """What is to be told to guests after an act was taken: an order to each; to a new guest the orders so far."""
        if act.measure == PURCHASES:
            return [Loan(guest.guest_id, act._replace(measure=LENT)) for guest in self.guests]
        if act.measure != LOGIN or act.guest_id is None:
            return []
        return [
            Loan(act.guest_id, Act(LENT, at_s, event, tuple(paid), None, tuple(paid.values())))
            for (at_s, event), paid in self.orders.whole().items()
        ]

    def _erase(self, at_s: float) -> list[Change]:
        """Forget everything but the instant: lists from before it are closed, so what comes again for them counts nothing."""
        self.totals, self.lists, self.orders, self.lent, self.guests = {}, {}, ShopperOrders(), ShopperOrders(), guests.EMPTY
        self.closed_s = max(self.closed_s, int(at_s))
        return []

    def _mark(self, shown: Shown, act: Act, window_s: float) -> list[Change]:
        if shown.request not in self.lists and shown.issued_at_s <= self.closed_s:
            return []
        one = self.lists.setdefault(shown.request, OpenList(shown))
        bit, touches = _BIT_OF[act.measure], act.measure in _TOUCHES
        one.touched |= touches
        growth: Growth = {act.measure: 0}
        for item in act.items:
            mark = one.mark(item)
            if not mark.bits & bit:
                mark.bits |= bit
                growth[act.measure] += 1
            if touches:
                mark.touched_s = min(mark.touched_s, act.at_s)
                self._convert(item, mark, window_s, growth)
        changes = self._changed(shown, growth)
        self._close_lists()
        return changes

    def _buy(self, known: ShopperOrders, orders: Mapping[int, Order], window_s: float) -> list[Change]:
        known.add(orders)
        changes: list[Change] = []
        for one in self.lists.values():
            if one.touched:  # nothing else converts
                growth: Growth = {}
                for item in orders.keys() & one.marks.keys():
                    self._convert(item, one.mark(item), window_s, growth)
                changes += self._changed(one.shown, growth)
        known.forget(window_s + _DAY_S)
        return changes

    def _convert(self, item: int, mark: Mark, window_s: float, growth: Growth) -> None:
        """Give a mark its first order within the window."""
        if mark.touched_s == NEVER:
            return
        until_s = mark.touched_s + window_s
        order = self.lent.first(item, mark.touched_s, until_s, self.orders.first(item, mark.touched_s, until_s, mark.order))
        if order != mark.order:
            _grow(growth, mark.order, -1)
            _grow(growth, order, 1)
            mark.order = order

    def _changed(self, shown: Shown, growth: Growth) -> list[Change]:
        if not any(growth.values()):
            return []
        before = self.totals.pop(shown.label, {})
        after = {**before, **{measure: before.get(measure, 0) + n for measure, n in growth.items()}}
        self.totals[shown.label] = {measure: n for measure, n in after.items() if n}
        return [Change(shown.label, shown.day, before, self.totals[shown.label])]

    def _close_lists(self) -> None:
        if len(self.lists) <= MAX_LISTS:
            return
        for touched in (False, True):
            alike = sorted((one.shown.issued_at_s, request) for request, one in self.lists.items() if one.touched is touched)
            for issued_at_s, request in alike[:-MAX_LISTS]:
                self.closed_s = max(self.closed_s, issued_at_s)
                del self.lists[request]
        open_labels = {one.shown.label for one in self.lists.values()}
        for label in [label for label in self.totals if label not in open_labels][:-MAX_LABELS]:
            del self.totals[label]


def _grow(growth: Growth, order: Order | None, by: int) -> None:
    if order is None:
        return
    growth[PURCHASES] = growth.get(PURCHASES, 0) + by
    for currency, amount in order.paid:
        growth[REVENUE + currency] = growth.get(REVENUE + currency, 0) + by * amount


def to_bytes(state: ShopperOutcomes) -> bytes:
    """Versioned bytes; of lists and orders only what changed is packed."""
    places = {label: place for place, label in enumerate(state.totals)}
    labels = [[*label, counts] for label, counts in state.totals.items()]
    lists = [(places[one.shown.label], one.to_bytes()) for one in state.lists.values()]
    of_orders = state.orders.to_bytes(), state.lent.to_bytes()
    packed: bytes = msgpack.packb((_FORMAT_VERSION, state.closed_s, labels, lists, *of_orders, state.guests))
    return packed


def from_bytes(value: bytes) -> ShopperOutcomes:
    """Inverse of `to_bytes`, of older formats too; raises `ValueError` for any other bytes."""
    try:
        version, *values = msgpack.unpackb(value)
        return _reader(version)(*values)
    except (ValueError, TypeError, IndexError, struct.error, msgpack.UnpackException) as cause:
        raise ValueError(f"shopper's outcomes of {len(value)} bytes cannot be read: {cause}") from cause


def _read(
    closed_s: int, labels: list[Any], lists: list[Any], orders: bytes, lent: bytes | None = None, of_guests: Sequence[Any] = ()
) -> ShopperOutcomes:
    totals = _totals(labels)
    known = list(totals)
    of_lists = [OpenList.from_bytes(known[label], packed) for label, packed in lists]
    return ShopperOutcomes(
        totals,
        {one.shown.request: one for one in of_lists},
        ShopperOrders.from_bytes(orders),
        closed_s,
        tuple(Guest(*guest) for guest in of_guests),
        ShopperOrders() if lent is None else ShopperOrders.from_bytes(lent),
    )


def _read_1(closed_s: int, labels: list[Any], lists: list[Any], orders: list[Any]) -> ShopperOutcomes:
    totals = _totals(labels)
    known = list(totals)
    of_lists = [OpenList.of(known[label], *values) for label, *values in lists]
    by_item: dict[int, list[Order]] = {}
    for item, *order in orders:
        by_item.setdefault(item, []).append(Order.of(order))
    return ShopperOutcomes(totals, {one.shown.request: one for one in of_lists}, ShopperOrders(by_item), closed_s)


_READERS: Mapping[int, Callable[..., ShopperOutcomes]] = {1: _read_1, 2: _read, _FORMAT_VERSION: _read}


def _reader(version: int) -> Callable[..., ShopperOutcomes]:
    if version not in _READERS:
        raise ValueError(f"format {version}: expected {_FORMAT_VERSION}")
    return _READERS[version]


def _totals(labels: list[Any]) -> dict[Label, Counts]:
    return {Label(*label): counts for *label, counts in labels}
