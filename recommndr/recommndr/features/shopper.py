"""All groups of one shopper as one value: training's replay, bundles and readers use it.

The live path keeps, moves and stores each group by itself (`parts`), so that a view does not rewrite a purchase history.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgpack
import numpy as np
import numpy.typing as npt

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.events import N_KIND_SLOTS
from recommndr.features import item_set, purchased_items, seen_items, user
from recommndr.features.action import Action
from recommndr.features.decay import N_HALF_LIVES, FloatArray
from recommndr.features.purchased_items import PurchasedItemsState
from recommndr.features.schema import StoredValue, Value
from recommndr.features.user import UserState

# Format 1 has no region; 1 and 2 have no sets of owned and seen items, and their target is a purchase; 3 has whole event ids.
_FORMAT_VERSION = 4
_READABLE = (1, 2, 3, _FORMAT_VERSION)
SCHEMAS = (user.SCHEMA, purchased_items.SCHEMA, seen_items.SCHEMA)


@dataclass(frozen=True, slots=True)
class ShopperState:
    """The states of all user groups."""

    user: UserState = user.EMPTY
    purchased: PurchasedItemsState = purchased_items.EMPTY
    seen: bytes = seen_items.EMPTY


EMPTY = ShopperState()


def lift(action: Action, counting: Counting = DEFAULT_COUNTING) -> ShopperState:
    """The state of a single event."""
    return fold(EMPTY, (action,), counting)


def fold(state: ShopperState, actions: Sequence[Action], counting: Counting = DEFAULT_COUNTING) -> ShopperState:
    """`state` with the shopper's actions merged in, one after the other; `counting` is the tenant's."""
    return ShopperState(
        user.fold(state.user, actions),
        purchased_items.fold(state.purchased, actions, counting),
        seen_items.fold(state.seen, actions, counting.kind),
    )


def merge(a: ShopperState, b: ShopperState) -> ShopperState:
    """The merged state, group by group."""
    return ShopperState(
        user.merge(a.user, b.user), purchased_items.merge(a.purchased, b.purchased), seen_items.merge(a.seen, b.seen)
    )


def to_bytes(state: ShopperState) -> bytes:
    """Versioned bytes, the same for equal states."""
    groups = (user.pack(state.user), purchased_items.pack(state.purchased), [state.purchased.owned, state.seen])
    packed: bytes = msgpack.packb([_FORMAT_VERSION, *groups])
    return packed


def from_bytes(value: bytes) -> ShopperState:
    """Inverse of `to_bytes`, of the previous formats too; raises `ValueError` for any other bytes."""
    try:
        return _unpack(*msgpack.unpackb(value))
    except (ValueError, TypeError, IndexError, msgpack.UnpackException) as cause:
        raise ValueError(f"shopper state of {len(value)} bytes cannot be read: {cause}") from cause


def _unpack(
    version: int, of_user: list[object], of_purchased: list[object], sets: tuple[bytes, bytes] | None = None
) -> ShopperState:
    if version not in _READABLE:
        raise ValueError(f"format {version}, expected one of {_READABLE}")
    if sets is not None:
        owned, seen = sets
        return ShopperState(user.unpack(of_user), purchased_items.unpack(of_purchased, owned), item_set.check(seen))
    shopper, purchased = user.unpack(of_user), purchased_items.unpack(of_purchased)
    others = (recent.item_id for recent in shopper.recent if recent.kind != purchased.counting.kind)
    return ShopperState(shopper, purchased, item_set.add(item_set.EMPTY, others))


def is_whole(value: bytes) -> bool:
    """Whether these are bytes of `to_bytes`, of any format, rather than those of the user group."""
    return value[:1] in (b"\x93", b"\x94") and value[1:2] in map(bytes, zip(_READABLE, strict=True))


def parts(state: ShopperState) -> dict[str, bytes]:
    """The bytes of each group by its name, as the live path keeps them; groups without an event are left out."""
    made = {user.SCHEMA.name: user.to_bytes(state.user)}
    if state.purchased.items:
        made[purchased_items.SCHEMA.name] = purchased_items.to_bytes(state.purchased)
    if state.seen:
        made[seen_items.SCHEMA.name] = seen_items.to_bytes(state.seen)
    return made


def of_parts(values: Mapping[str, bytes]) -> ShopperState:
    """Inverse of `parts`."""
    of_user, purchased, seen = (values.get(schema.name) for schema in SCHEMAS)
    return ShopperState(
        user.EMPTY if of_user is None else user.from_bytes(of_user),
        purchased_items.EMPTY if purchased is None else purchased_items.from_bytes(purchased),
        seen_items.EMPTY if seen is None else seen_items.from_bytes(seen),
    )


def columns(state: ShopperState) -> dict[str, Value]:
    """The state as the fields of `SCHEMAS`."""
    return user.columns(state.user) | purchased_items.columns(state.purchased) | seen_items.columns(state.seen)


def default_columns() -> dict[str, Value]:
    """The columns of a shopper who was never seen."""
    return columns(EMPTY)


_NOBODY = default_columns()


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


def read(row: Mapping[str, StoredValue | None], counting: Counting = DEFAULT_COUNTING) -> ShopperRow:
    """Columns -> arrays; the only reader of stored shoppers. Fields of groups without an event may be None or missing.

    `counting` is the tenant's: who never bought has no row that says by which half-life interests fade.
    """
    stored = {name: value for name, value in row.items() if value is not None}
    full = _NOBODY | {"purchased_half_life_s": counting.half_life_s} | stored
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
