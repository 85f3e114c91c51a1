"""The outcomes of one shopper: which items of which lists were seen, clicked and bought.

Lists and orders are kept as sets, so repeats and order of arrival do not matter, and the totals are those of a plain
computation over the events. A change is reported as the counts before and after it, so that sums over shoppers stay exact.

The window of a purchase begins with the first click on the item in the list, or when it was first put into the cart from there.
The first order within it counts, whichever arrived first.

Sizes are bounded: `MAX_LISTS` lists and as many with clicks or carts, `MAX_ORDERED` items of orders, and orders up to a window
and a day older than the newest. Beyond that the oldest are closed: they stay in the totals, and what comes for them later does
not count. The laws hold within these bounds.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgpack

from recommndr.outcomes.act import ERASE, MARKED, PURCHASES, REVENUE, Act, Label, Shown

MAX_LISTS = 32
MAX_ORDERED = 256
MAX_LABELS = 64
_FORMAT_VERSION = 1
_DAY_S = 86_400.0
_NEVER = float("inf")
_TOUCHES = frozenset({"clicks", "carts"})

Counts = Mapping[str, int]  # by measure; a missing one is 0
Paid = tuple[tuple[str, int], ...]


class Order(NamedTuple):
    """An order of one item; the tuple's order decides which one was first."""

    at_s: float
    event: int
    paid: Paid


class Change(NamedTuple):
    """The shopper's counts of a label before and after; `day` is that of the list that changed."""

    label: Label
    day: int
    before: Counts
    after: Counts


@dataclass(slots=True)
class Mark:
    """What the shopper did with one item of a list."""

    bits: int = 0
    touched_s: float = _NEVER  # first click or cart
    order: Order | None = None  # the first one within the window

    def counts(self) -> dict[str, int]:
        """What it adds to the shopper's counts."""
        found = {measure: 1 for place, measure in enumerate(MARKED) if self.bits >> place & 1}
        if self.order is not None:
            found[PURCHASES] = 1
            found |= {REVENUE + currency: amount for currency, amount in self.order.paid}
        return found


@dataclass(slots=True)
class OpenList:
    """A list that still counts."""

    shown: Shown
    marks: dict[int, Mark] = field(default_factory=dict)  # by fingerprint of the item
    touched: bool = False  # whether an item was clicked or put into the cart


@dataclass(slots=True)
class ShopperOutcomes:
    """The state; `take` changes it in place."""

    totals: dict[Label, Counts] = field(default_factory=dict)  # the label that changed last is last
    lists: dict[int, OpenList] = field(default_factory=dict)  # by request
    orders: dict[int, list[Order]] = field(default_factory=dict)  # by item, first order first
    closed_s: int = -1  # lists issued until then are closed unless they are in `lists`

    def take(self, act: Act, window_s: float) -> list[Change]:
        """Count an act; returns the changes, none for a repeat."""
        if act.measure == ERASE:
            return self._erase(act.at_s)
        if act.shown is None:
            orders = [Order(act.at_s, act.event, paid) for paid in act.paid]
            return self._buy(dict(zip(act.items, orders, strict=True)), window_s)
        return self._mark(act.shown, act, window_s)

    def _erase(self, at_s: float) -> list[Change]:
        """Forget everything but the instant: lists from before it are closed, so what comes again for them counts nothing."""
        self.totals, self.lists, self.orders = {}, {}, {}
        self.closed_s = max(self.closed_s, int(at_s))
        return []

    def _mark(self, shown: Shown, act: Act, window_s: float) -> list[Change]:
        if shown.request not in self.lists and shown.issued_at_s <= self.closed_s:
            return []
        one = self.lists.setdefault(shown.request, OpenList(shown))
        one.touched |= act.measure in _TOUCHES
        changes: list[Change] = []
        for item in act.items:
            mark = one.marks.setdefault(item, Mark())
            before = mark.counts()
            mark.bits |= 1 << MARKED.index(act.measure)
            if act.measure in _TOUCHES:
                mark.touched_s = min(mark.touched_s, act.at_s)
                mark.order = self._first_order(item, mark, window_s)
            changes += self._changed(shown, before, mark.counts())
        self._close_lists()
        return changes

    def _buy(self, orders: Mapping[int, Order], window_s: float) -> list[Change]:
        for item, order in orders.items():
            known = self.orders.setdefault(item, [])
            if order not in known:
                known.append(order)
                known.sort()
        changes: list[Change] = []
        for one in self.lists.values():
            for item in orders.keys() & one.marks.keys():
                mark = one.marks[item]
                before = mark.counts()
                mark.order = self._first_order(item, mark, window_s)
                changes += self._changed(one.shown, before, mark.counts())
        self._forget_orders(window_s + _DAY_S)
        return changes

    def _first_order(self, item: int, mark: Mark, window_s: float) -> Order | None:
        known = self.orders.get(item, [])
        orders = known if mark.order is None else [*known, mark.order]  # which may be forgotten by now
        return min((one for one in orders if mark.touched_s <= one.at_s <= mark.touched_s + window_s), default=None)

    def _changed(self, shown: Shown, before: Counts, after: Counts) -> Iterator[Change]:
        if before == after:
            return
        total = self.totals.pop(shown.label, {})
        now = {
            measure: n for measure in {**total, **after} if (n := _n(total, measure) - _n(before, measure) + _n(after, measure))
        }
        self.totals[shown.label] = now
        yield Change(shown.label, shown.day, total, now)

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

    def _forget_orders(self, kept_s: float) -> None:
        by_age = sorted((order.at_s, item, order) for item, orders in self.orders.items() for order in orders)
        oldest_s = by_age[-1][0] - kept_s if by_age else 0.0
        n_over = len(by_age) - MAX_ORDERED
        for place, (at_s, item, order) in enumerate(by_age):
            if place >= n_over and at_s >= oldest_s:
                break
            self.orders[item].remove(order)
            if not self.orders[item]:
                del self.orders[item]


def _n(counts: Counts, measure: str) -> int:
    return counts.get(measure, 0)


def to_bytes(state: ShopperOutcomes) -> bytes:
    """Versioned bytes; the items of a list as two arrays, because most lists are only seen."""
    places = {label: place for place, label in enumerate(state.totals)}
    labels = [[*label, counts] for label, counts in state.totals.items()]
    lists = [_pack_list(one, places[one.shown.label]) for one in state.lists.values()]
    orders = [[item, *order] for item, orders in state.orders.items() for order in orders]
    packed: bytes = msgpack.packb([_FORMAT_VERSION, state.closed_s, labels, lists, orders])
    return packed


def _pack_list(one: OpenList, label: int) -> list[object]:
    marks = one.marks
    touched = [[place, mark.touched_s, mark.order] for place, mark in enumerate(marks.values()) if mark.touched_s < _NEVER]
    items = struct.pack(f"<{len(marks)}I", *marks)
    return [label, one.shown.request, one.shown.issued_at_s, items, bytes(mark.bits for mark in marks.values()), touched]


def from_bytes(value: bytes) -> ShopperOutcomes:
    """Inverse of `to_bytes`; raises `ValueError` for any other bytes."""
    try:
        version, closed_s, labels, lists, orders = msgpack.unpackb(value)
    except (ValueError, TypeError, msgpack.UnpackException) as cause:
        raise ValueError(f"shopper's outcomes of {len(value)} bytes cannot be read: {cause}") from cause
    if version != _FORMAT_VERSION:
        raise ValueError(f"shopper's outcomes of format {version}: expected {_FORMAT_VERSION}")
    totals: dict[Label, Counts] = {Label(*label): counts for *label, counts in labels}
    state = ShopperOutcomes(totals, closed_s=closed_s)
    known = list(totals)
    for label, *rest in lists:
        one = _unpack_list(known[label], *rest)
        state.lists[one.shown.request] = one
    for item, *order in orders:
        state.orders.setdefault(item, []).append(_order(order))
    return state


def _unpack_list(label: Label, request: int, issued_at_s: int, items: bytes, bits: bytes, touched: list[Any]) -> OpenList:
    marks = {item: Mark(of_item) for item, of_item in zip(struct.unpack(f"<{len(bits)}I", items), bits, strict=True)}
    in_order = list(marks.values())
    for place, touched_s, order in touched:
        in_order[place].touched_s = touched_s
        in_order[place].order = None if order is None else _order(order)
    return OpenList(Shown(label, request, issued_at_s), marks, bool(touched))


def _order(values: list[Any]) -> Order:
    at_s, event, paid = values
    return Order(at_s, event, tuple((currency, amount) for currency, amount in paid))
