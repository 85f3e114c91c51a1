"""Purchased-items group: which items a shopper bought, how often, first and last time. The buy-again retriever reads it.

It counts the tenant's target kind: where recommendations should lead to views, `purchased` means viewed.

Counted per order: an item on two lines of one order counts once. The last 50 items would hold a third of a grocer's repeat
purchases, 500 hold 92 %, hence the capacity. Below the capacity the laws hold exactly; above it the items with the oldest last
purchase are dropped, and a later purchase of a dropped item starts a new count.

**Owned** is the compact set of all items that were ever bought, so that what was dropped does not come back as new.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import msgpack

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.features import item_set
from recommndr.features.action import PURCHASE, Action
from recommndr.features.schema import FeatureField, FeatureSchema, Value

CAPACITY = 500
_FORMAT_VERSION = 1


class Purchased(NamedTuple):
    """One item's purchases by one shopper; `decayed` is as of `last_s`. A tuple, because a state has up to 500."""

    decayed: float
    n_orders: int
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class PurchasedItemsState:
    """The group's state; it carries how it was counted, so that it is never continued in another way."""

    counting: Counting = DEFAULT_COUNTING
    items: Mapping[str, Purchased] = field(default_factory=dict)  # treated as immutable
    owned: bytes = item_set.EMPTY


EMPTY = PurchasedItemsState()


def lift(action: Action, counting: Counting = DEFAULT_COUNTING) -> PurchasedItemsState:
    """The state of a single event; empty unless it is of the target kind."""
    return fold(EMPTY, (action,), counting)


def takes(action: Action, target: int = PURCHASE) -> bool:
    """Whether the action can change the state; `target` is the code of the tenant's target kind."""
    return action.kind == target and bool(action.item_ids)


def fold(state: PurchasedItemsState, actions: Iterable[Action], counting: Counting = DEFAULT_COUNTING) -> PurchasedItemsState:
    """`state` with a shopper's actions merged in, one after the other; raises `ValueError` as `merge` does."""
    orders = [action for action in actions if takes(action, counting.kind)]
    if not orders:
        return state if state.items else PurchasedItemsState(counting)
    if state.items:
        _check_same(state.counting, counting)
    items = dict(state.items)
    oldest: list[tuple[float, str]] = []  # a heap of last instants and items, once they are too many; some are outdated
    for order in orders:
        once = Purchased(1.0, 1, order.at_s, order.at_s)
        for item_id in _capped(dict.fromkeys(order.item_ids, once)):
            mine = items.get(item_id)
            items[item_id] = once if mine is None else _merge_item(mine, once, counting.half_life_s)
            if oldest:
                heappush(oldest, (items[item_id].last_s, item_id))
        if len(items) > CAPACITY:
            _drop_oldest(items, oldest)
    owned = item_set.add(state.owned, {item_id for order in orders for item_id in order.item_ids})
    return PurchasedItemsState(counting, items, owned)


def _drop_oldest(items: dict[str, Purchased], oldest: list[tuple[float, str]]) -> None:
    """Drop what `_capped` drops; of a long history that takes a fraction of the time of sorting at every order."""
    if not oldest:
        oldest += [(purchased.last_s, item_id) for item_id, purchased in items.items()]
        heapify(oldest)
    while len(items) > CAPACITY:
        last_s, item_id = heappop(oldest)
        if item_id in items and items[item_id].last_s == last_s:
            del items[item_id]


def merge(a: PurchasedItemsState, b: PurchasedItemsState) -> PurchasedItemsState:
    """The merged state; raises `ValueError` if they were counted differently (a changed policy needs new seeds)."""
    if not a.items or not b.items:
        return a if a.items else b
    _check_same(a.counting, b.counting)
    if len(a.items) < len(b.items):
        a, b = b, a
    merged = dict(a.items)
    for item_id, theirs in b.items.items():
        mine = merged.get(item_id)
        merged[item_id] = theirs if mine is None else _merge_item(mine, theirs, a.counting.half_life_s)
    return PurchasedItemsState(a.counting, _capped(merged), item_set.merge(a.owned, b.owned))


def _check_same(mine: Counting, theirs: Counting) -> None:
    if mine.kind != theirs.kind:
        raise ValueError(f"kinds {mine.kind} and {theirs.kind}: expected equal ones; publish new seeds for the tenant")
    if mine.half_life_s != theirs.half_life_s:
        raise ValueError(
            f"half-lives {mine.half_life_s} s and {theirs.half_life_s} s: expected equal ones; publish new seeds for the tenant"
        )


def _merge_item(a: Purchased, b: Purchased, half_life_s: float) -> Purchased:
    if a.last_s < b.last_s:
        a, b = b, a
    return Purchased(
        decayed=a.decayed + b.decayed * 0.5 ** ((a.last_s - b.last_s) / half_life_s),
        n_orders=a.n_orders + b.n_orders,
        first_s=min(a.first_s, b.first_s),
        last_s=a.last_s,
    )


def _capped(items: dict[str, Purchased]) -> dict[str, Purchased]:
    """`items` (changed in place) without the oldest last purchases beyond the capacity."""
    if len(items) <= CAPACITY:
        return items
    n_over = len(items) - CAPACITY
    # Instants alone sort in half the time that pairs with ids take, and few items are as old as the last one that goes.
    until_s = sorted([purchased.last_s for purchased in items.values()])[n_over - 1]
    oldest = sorted([(purchased.last_s, item_id) for item_id, purchased in items.items() if purchased.last_s <= until_s])
    for _, item_id in oldest[:n_over]:
        del items[item_id]
    return items


def pack(state: PurchasedItemsState) -> list[object]:
    """Plain values for msgpack, in a fixed order; without what is owned."""
    return [
        state.counting.half_life_s,
        [[item_id, *purchased] for item_id, purchased in sorted(state.items.items())],
        state.counting.kind,
    ]


def unpack(values: list[object], owned: bytes | None = None) -> PurchasedItemsState:
    """Inverse of `pack`, also of values without a kind: these are purchases. Without `owned` it is what the list holds."""
    half_life_s, items, *kind = values
    purchased = {item_id: Purchased(*rest) for item_id, *rest in items}  # type: ignore[attr-defined]
    return PurchasedItemsState(
        Counting(half_life_s, *kind),  # type: ignore[arg-type]
        purchased,
        item_set.add(item_set.EMPTY, purchased) if owned is None else item_set.check(owned),
    )


def to_bytes(state: PurchasedItemsState) -> bytes:
    """Versioned bytes, the same for equal states."""
    packed: bytes = msgpack.packb([_FORMAT_VERSION, pack(state), state.owned])
    return packed


def from_bytes(value: bytes) -> PurchasedItemsState:
    """Inverse of `to_bytes`; raises `ValueError` for any other bytes."""
    return unpack(*_unpacked(value))


def _unpacked(value: bytes) -> tuple[list[Any], bytes]:
    try:
        version, values, owned = msgpack.unpackb(value)
    except (ValueError, TypeError, msgpack.UnpackException) as cause:
        raise ValueError(f"purchased items of {len(value)} bytes cannot be read: {cause}") from cause
    if version != _FORMAT_VERSION:
        raise ValueError(f"purchased items of format {version}: expected {_FORMAT_VERSION}")
    return values, owned


SCHEMA = FeatureSchema(
    name="purchased_items",
    entity="user",
    ttl=timedelta(days=730),
    fields=(
        FeatureField("purchased_half_life_s", "float64", "half-life of the decayed counts, seconds"),
        FeatureField("purchased_item_ids", "string_list", f"up to {CAPACITY} items by newest last purchase, sorted by id"),
        FeatureField("purchased_decayed", "float64_list", "orders with the item, decayed, as of its last purchase"),
        FeatureField("purchased_n_orders", "int64_list", "orders with the item"),
        FeatureField("purchased_first_s", "float64_list", "first purchase, seconds"),
        FeatureField("purchased_last_s", "float64_list", "last purchase, seconds"),
        FeatureField("owned_set", "string", "compact set of all items with the target kind (purchases), base64"),
    ),
)


def columns(state: PurchasedItemsState) -> dict[str, Value]:
    """The state as `SCHEMA`'s fields, as Feast stores it and readers get it."""
    rows = [(item_id, *purchased) for item_id, purchased in sorted(state.items.items())]
    return _columns(state.counting.half_life_s, rows, state.owned)


def read_columns(value: bytes) -> dict[str, Value]:
    """`columns` of the state that `from_bytes` reads, without making the state: storing rows takes half the time."""
    (half_life_s, rows, *_), owned = _unpacked(value)
    return _columns(half_life_s, rows, item_set.check(owned))  # as bytes they are sorted, too


def _columns(half_life_s: float, rows: Sequence[Sequence[Any]], owned: bytes) -> dict[str, Value]:
    item_ids, decayed, n_orders, first_s, last_s = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [], [])
    return {
        "purchased_half_life_s": half_life_s,
        "purchased_item_ids": item_ids,
        "purchased_decayed": decayed,
        "purchased_n_orders": n_orders,
        "purchased_first_s": first_s,
        "purchased_last_s": last_s,
        "owned_set": b64encode(owned).decode(),  # text, because golden requests keep rows as JSON
    }
