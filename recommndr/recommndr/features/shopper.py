"""All groups of one shopper as one value: the state in Flink, in `features.user.v1` and in seeds."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass

import msgpack
import numpy as np
import numpy.typing as npt

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.events import N_KIND_SLOTS
from recommndr.features import known_items, purchased_items, user
from recommndr.features.action import Action
from recommndr.features.decay import N_HALF_LIVES, FloatArray
from recommndr.features.known_items import KnownItemsState
from recommndr.features.purchased_items import PurchasedItemsState
from recommndr.features.schema import Value
from recommndr.features.user import UserState

_FORMAT_VERSION = 3
_READABLE = (1, 2, _FORMAT_VERSION)  # format 1 has no region; 1 and 2 have no known items, and their target is a purchase
SCHEMAS = (user.SCHEMA, purchased_items.SCHEMA, known_items.SCHEMA)


@dataclass(frozen=True, slots=True)
class ShopperState:
    """The states of all user groups."""

    user: UserState = user.EMPTY
    purchased: PurchasedItemsState = purchased_items.EMPTY
    known: KnownItemsState = known_items.EMPTY


EMPTY = ShopperState()


def lift(action: Action, counting: Counting = DEFAULT_COUNTING) -> ShopperState:
    """The state of a single event."""
    return fold(EMPTY, (action,), counting)


def fold(state: ShopperState, actions: Sequence[Action], counting: Counting = DEFAULT_COUNTING) -> ShopperState:
    """`state` with the shopper's actions merged in, one after the other; `counting` is the tenant's."""
    return ShopperState(
        user.fold(state.user, actions),
        purchased_items.fold(state.purchased, actions, counting),
        known_items.fold(state.known, actions, counting.kind),
    )


def merge(a: ShopperState, b: ShopperState) -> ShopperState:
    """The merged state, group by group."""
    return ShopperState(
        user.merge(a.user, b.user), purchased_items.merge(a.purchased, b.purchased), known_items.merge(a.known, b.known)
    )


def to_bytes(state: ShopperState) -> bytes:
    """Versioned bytes, the same for equal states."""
    groups = (user.pack(state.user), purchased_items.pack(state.purchased), known_items.pack(state.known))
    packed: bytes = msgpack.packb([_FORMAT_VERSION, *groups])
    return packed


def from_bytes(value: bytes) -> ShopperState:
    """Inverse of `to_bytes`, of the previous formats too; raises `ValueError` for any other bytes."""
    try:
        version, user_values, purchased_values, *known_values = msgpack.unpackb(value)
    except (ValueError, TypeError, msgpack.UnpackException) as cause:
        raise ValueError(f"shopper state of {len(value)} bytes cannot be read: {cause}") from cause
    if version not in _READABLE:
        raise ValueError(f"shopper state format {version}: expected one of {_READABLE}")
    of_user, purchased = user.unpack(user_values), purchased_items.unpack(purchased_values)
    if known_values:
        return ShopperState(of_user, purchased, known_items.unpack(*known_values))
    others = (recent.item_id for recent in of_user.recent if recent.kind != purchased.counting.kind)
    return ShopperState(of_user, purchased, known_items.of_lists(purchased.items, others))


def columns(state: ShopperState) -> dict[str, Value]:
    """The state as the fields of `SCHEMAS`."""
    return user.columns(state.user) | purchased_items.columns(state.purchased) | known_items.columns(state.known)


def default_columns() -> dict[str, Value]:
    """The columns of a shopper who was never seen."""
    return columns(EMPTY)


@dataclass(frozen=True, slots=True)
class ShopperRow:
    """A shopper as arrays, built from the stored columns; the request path and training read it."""

    n_events: int
    counter_at_s: FloatArray  # (N_KIND_SLOTS,)
    counter_sums: FloatArray  # (N_KIND_SLOTS, N_HALF_LIVES)
    recent_item_ids: list[str]  # newest first
    recent_kinds: npt.NDArray[np.int64]
    recent_at_s: FloatArray
    purchased_half_life_s: float
    purchased_item_ids: list[str]
    purchased_decayed: FloatArray  # as of purchased_last_s
    purchased_n_orders: FloatArray
    purchased_first_s: FloatArray
    purchased_last_s: FloatArray
    owned_set: bytes  # of `item_set`: all items that were ever purchased
    seen_set: bytes  # all items with any other action
    device: str
    os: str
    country: str
    region: str


def read(row: dict[str, Value]) -> ShopperRow:
    """Columns -> arrays; the only reader of stored shoppers. Fields of an unseen shopper may be None or missing."""
    full = default_columns() | {name: value for name, value in row.items() if value is not None}
    sums = np.asarray(full["counter_sums"], np.float64)
    return ShopperRow(
        n_events=int(full["n_events"]),  # type: ignore[arg-type]
        counter_at_s=np.asarray(full["counter_at_s"], np.float64),
        counter_sums=sums.reshape(N_KIND_SLOTS, N_HALF_LIVES),
        recent_item_ids=list(full["recent_item_ids"]),  # type: ignore[arg-type]
        recent_kinds=np.asarray(full["recent_kinds"], np.int64),
        recent_at_s=np.asarray(full["recent_at_s"], np.float64),
        purchased_half_life_s=float(full["purchased_half_life_s"]),  # type: ignore[arg-type]
        purchased_item_ids=list(full["purchased_item_ids"]),  # type: ignore[arg-type]
        purchased_decayed=np.asarray(full["purchased_decayed"], np.float64),
        purchased_n_orders=np.asarray(full["purchased_n_orders"], np.float64),
        purchased_first_s=np.asarray(full["purchased_first_s"], np.float64),
        purchased_last_s=np.asarray(full["purchased_last_s"], np.float64),
        owned_set=b64decode(str(full["owned_set"])),
        seen_set=b64decode(str(full["seen_set"])),
        device=str(full["device"]),
        os=str(full["os"]),
        country=str(full["country"]),
        region=str(full["region"]),
    )
