"""History -> states: folds purchases with the very code that folds the live stream (`recommndr.features`), and nothing else.

An order is one purchase event of all its lines. Its event id is derived from tenant and order, so that a replay onto the
live path and the seeds speak of the same event. Orders are folded in time order, as the shop saw them; lines may come in
any order and orders may repeat. `Replay.advance_to` goes on from where it stopped, so a row of cuts costs one pass.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr.features import item, purchased_items, shopper
from recommndr.features.deed import PURCHASE, Deed
from recommndr.features.item import ItemState
from recommndr.features.shopper import ShopperRow, ShopperState

_ORDERS = uuid5(NAMESPACE_URL, "recommndr:orders")


def order_event_id(tenant: str, order_id: str) -> UUID:
    """The event id of an order's purchase event: always the same one."""
    return uuid5(_ORDERS, f"{tenant}|{order_id}")


@dataclass(frozen=True, slots=True)
class States:
    """Every shopper's and item's state as of `until_s`; the mappings and their values are never changed."""

    until_s: float  # folded are orders before this instant
    shoppers: Mapping[str, ShopperState]  # by user_id
    items: Mapping[str, ItemState]  # by item_id


class Replay:
    """Folds a tenant's purchase history up to one cut after the other.

    Parameters
    ----------
    lines
        One row per order line: `user_id`, `item_id`, `order_id` (str), `at_s` (float64, epoch seconds). Rows that repeat
        another's order and item are the same line.
    tenant
        Whose history it is; goes into the event ids.
    shift_s
        Added to every instant (the tenant's time shift).
    purchase_half_life_s
        The tenant's half-life of decayed purchase counts.
    """

    def __init__(
        self,
        lines: pd.DataFrame,
        tenant: str,
        shift_s: float = 0.0,
        purchase_half_life_s: float = purchased_items.DEFAULT_HALF_LIFE_S,
    ) -> None:
        self._deeds = iter_deeds(lines, tenant, shift_s)
        self._half_life_s = purchase_half_life_s
        self._pending: Deed | None = next(self._deeds, None)
        self._until_s = -np.inf
        self._shoppers: dict[str, ShopperState] = {}
        self._items: dict[str, ItemState] = {}

    def advance_to(self, cut_s: float) -> States:
        """Fold every order before `cut_s` that is not folded yet; raises `ValueError` for a cut before the last one."""
        if cut_s < self._until_s:
            raise ValueError(f"cut {cut_s}: expected at least {self._until_s}, where the replay stands")
        self._until_s = cut_s
        with _no_garbage_collection():
            while self._pending is not None and self._pending.at_s < cut_s:
                self._fold(self._pending)
                self._pending = next(self._deeds, None)
        return States(cut_s, dict(self._shoppers), dict(self._items))

    def _fold(self, deed: Deed) -> None:
        known = self._shoppers.get(deed.user_id)
        new = shopper.lift(deed, self._half_life_s)
        self._shoppers[deed.user_id] = new if known is None else shopper.merge(known, new)
        for item_id, state in item.lift(deed).items():
            before = self._items.get(item_id)
            self._items[item_id] = state if before is None else item.merge(before, state)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    # States hold no cycles, yet each full collection walks all of them: a third of the time of a replay of 155,000 orders.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def replay(
    lines: pd.DataFrame,
    tenant: str,
    until_s: float,
    shift_s: float = 0.0,
    purchase_half_life_s: float = purchased_items.DEFAULT_HALF_LIFE_S,
) -> States:
    """All states as of `until_s`; see `Replay` for the arguments."""
    return Replay(lines, tenant, shift_s, purchase_half_life_s).advance_to(until_s)


def iter_deeds(lines: pd.DataFrame, tenant: str, shift_s: float = 0.0) -> Iterator[Deed]:
    """One purchase per order, oldest first; raises `ValueError` for an order of two shoppers or two instants."""
    lines = lines[["at_s", "order_id", "item_id", "user_id"]].sort_values(["at_s", "order_id", "item_id"], kind="stable")
    at_s = lines["at_s"].to_numpy(np.float64) + shift_s
    order_ids = lines["order_id"].to_numpy(object)
    item_ids = lines["item_id"].to_numpy(object)
    user_ids = lines["user_id"].to_numpy(object)
    starts = np.flatnonzero(np.r_[True, (order_ids[1:] != order_ids[:-1]) | (at_s[1:] != at_s[:-1])][: len(lines)])
    seen: set[str] = set()
    for start, stop in pairwise([*starts, len(lines)]):
        order_id, user_id = order_ids[start], user_ids[start]
        if order_id in seen or (user_ids[start:stop] != user_id).any():
            raise ValueError(f"order {order_id!r}: expected lines of one shopper at one instant")
        seen.add(order_id)
        yield Deed(
            kind=PURCHASE,
            at_s=float(at_s[start]),
            event_id=str(order_event_id(tenant, order_id)),
            user_id=user_id,
            item_ids=tuple(dict.fromkeys(item_ids[start:stop])),
        )


def shopper_rows(states: States) -> dict[str, ShopperRow]:
    """Every shopper as serving reads it: through the stored columns, by user_id."""
    return {user_id: shopper.read(shopper.columns(state)) for user_id, state in states.shoppers.items()}


def item_records(states: States) -> tuple[list[str], npt.NDArray[np.void]]:
    """Sorted item ids and their (n,) `item.DTYPE` records, through the bytes that slots read."""
    item_ids = sorted(states.items)
    return item_ids, item.read([item.to_bytes(states.items[item_id]) for item_id in item_ids])
