"""Known-items group: everything a shopper ever owned or saw, as two compact sets.

The other groups keep the newest 500 and 50 items; what fell out of them must not come back as new. **Owned** are the items with
an event of the tenant's target kind; **seen** are those with any other event, impressions left out.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from recommndr.features import item_set
from recommndr.features.action import IMPRESSION, PURCHASE, Action
from recommndr.features.schema import FeatureField, FeatureSchema, Value


@dataclass(frozen=True, slots=True)
class KnownItemsState:
    """The group's state: values of `item_set`."""

    owned: bytes = item_set.EMPTY
    seen: bytes = item_set.EMPTY


EMPTY = KnownItemsState()


def lift(action: Action, target: int = PURCHASE) -> KnownItemsState:
    """The state of a single event."""
    return fold(EMPTY, (action,), target)


def fold(state: KnownItemsState, actions: Iterable[Action], target: int = PURCHASE) -> KnownItemsState:
    """`state` with a shopper's actions merged in; `target` is the code of the tenant's target kind."""
    owned: set[str] = set()
    seen: set[str] = set()
    for action in actions:
        if action.kind != IMPRESSION:
            (owned if action.kind == target else seen).update(action.item_ids)
    return KnownItemsState(item_set.add(state.owned, owned), item_set.add(state.seen, seen)) if owned or seen else state


def merge(a: KnownItemsState, b: KnownItemsState) -> KnownItemsState:
    """The merged state; associative, commutative and idempotent."""
    return KnownItemsState(item_set.merge(a.owned, b.owned), item_set.merge(a.seen, b.seen))


def pack(state: KnownItemsState) -> list[object]:
    """Plain values for msgpack, in a fixed order."""
    return [state.owned, state.seen]


def unpack(values: list[object]) -> KnownItemsState:
    """Inverse of `pack`; raises `ValueError` for bytes that are no set."""
    owned, seen = values
    return KnownItemsState(item_set.check(owned), item_set.check(seen))  # type: ignore[arg-type]


def of_lists(owned: Iterable[str], seen: Iterable[str]) -> KnownItemsState:
    """What the other groups' lists tell of a state that was written before this group existed."""
    return KnownItemsState(item_set.add(item_set.EMPTY, owned), item_set.add(item_set.EMPTY, seen))


SCHEMA = FeatureSchema(
    name="known_items",
    entity="user",
    ttl=timedelta(days=730),
    fields=(
        FeatureField("owned_set", "string", "compact set of all items with the target kind (purchases), base64"),
        FeatureField("seen_set", "string", "compact set of all items with any other action, base64"),
    ),
)


def columns(state: KnownItemsState) -> dict[str, Value]:
    """The state as `SCHEMA`'s fields; text, because golden requests keep rows as JSON."""
    return {"owned_set": b64encode(state.owned).decode(), "seen_set": b64encode(state.seen).decode()}
