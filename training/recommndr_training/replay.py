"""History -> states: folds events with the very code that folds the live stream (`recommndr.features`), and nothing else.

Lines with one event id are one event, an order's lines one purchase. Events are folded in time order, as the shop saw them;
lines may come in any order and may repeat. `Replay.advance_to` goes on from where it stopped, so a row of cuts costs one pass.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr.events import kind_code
from recommndr.features import item, purchased_items, shopper
from recommndr.features.deed import Deed
from recommndr.features.item import ItemState
from recommndr.features.shopper import ShopperRow, ShopperState


@dataclass(frozen=True, slots=True)
class States:
    """Every shopper's and item's state as of `until_s`; the mappings and their values are never changed."""

    until_s: float  # folded are events before this instant
    shoppers: Mapping[str, ShopperState]  # by user_id
    items: Mapping[str, ItemState]  # by item_id


class Replay:
    """Folds a tenant's history up to one cut after the other.

    Parameters
    ----------
    lines
        One row per line of an event: `event_id`, `user_id`, `item_id`, `kind` (str), `at_s` (float64, epoch seconds). Rows
        that repeat another's event and item are the same line.
    shift_s
        Added to every instant (the tenant's time shift).
    purchase_half_life_s
        The tenant's half-life of decayed purchase counts.
    own_kinds
        The tenant's own kinds of events, in the order of their codes.
    """

    def __init__(
        self,
        lines: pd.DataFrame,
        shift_s: float = 0.0,
        purchase_half_life_s: float = purchased_items.DEFAULT_HALF_LIFE_S,
        own_kinds: Sequence[str] = (),
    ) -> None:
        self._deeds = iter_deeds(lines, shift_s, own_kinds)
        self._half_life_s = purchase_half_life_s
        self._pending: Deed | None = next(self._deeds, None)
        self._until_s = -np.inf
        self._shoppers: dict[str, ShopperState] = {}
        self._items: dict[str, ItemState] = {}

    def advance_to(self, cut_s: float) -> States:
        """Fold every event before `cut_s` that is not folded yet; raises `ValueError` for a cut before the last one."""
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
    until_s: float,
    shift_s: float = 0.0,
    purchase_half_life_s: float = purchased_items.DEFAULT_HALF_LIFE_S,
    own_kinds: Sequence[str] = (),
) -> States:
    """All states as of `until_s`; see `Replay` for the arguments."""
    return Replay(lines, shift_s, purchase_half_life_s, own_kinds).advance_to(until_s)


def iter_deeds(lines: pd.DataFrame, shift_s: float = 0.0, own_kinds: Sequence[str] = ()) -> Iterator[Deed]:
    """One deed per event, oldest first; raises `ValueError` for an event of two shoppers, instants or kinds, or of a kind that
    the tenant, whose `own_kinds` are given, does not have.
    """
    lines = lines.sort_values(["at_s", "event_id", "item_id"], kind="stable")
    at_s = lines["at_s"].to_numpy(np.float64) + shift_s
    codes = {kind: kind_code(kind, own_kinds) for kind in lines["kind"].unique()}
    kinds = lines["kind"].map(codes).to_numpy(np.int64)
    event_ids, item_ids, user_ids = (lines[name].to_numpy(object) for name in ("event_id", "item_id", "user_id"))
    starts = np.flatnonzero(np.r_[True, (event_ids[1:] != event_ids[:-1]) | (at_s[1:] != at_s[:-1])][: len(lines)])
    seen: set[str] = set()
    for start, stop in pairwise([*starts, len(lines)]):
        event_id, user_id, kind = event_ids[start], user_ids[start], kinds[start]
        if event_id in seen or (user_ids[start:stop] != user_id).any() or (kinds[start:stop] != kind).any():
            raise ValueError(f"event {event_id!r}: expected lines of one shopper, one instant and one kind")
        seen.add(event_id)
        yield Deed(
            kind=int(kind),
            at_s=float(at_s[start]),
            event_id=event_id,
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
