"""Seen-items group: everything a shopper ever saw, as one compact set.

The user group keeps the newest 50 items; what fell out of them must not come back as new. **Seen** are the items with any event
but those of the tenant's target kind (`purchased_items` has these) and impressions.

The state is a value of `item_set`, so it changes only when an item is new to it: most views change nothing here.
"""

from base64 import b64encode
from collections.abc import Iterable
from datetime import timedelta

from recommndr.features import item_set
from recommndr.features.action import IMPRESSION, PURCHASE, Action
from recommndr.features.schema import FeatureField, FeatureSchema, Value

_FORMAT = b"\x01"
EMPTY = item_set.EMPTY


def takes(action: Action, target: int = PURCHASE) -> bool:
    """Whether the action can change the state; `target` is the code of the tenant's target kind."""
    return action.kind not in (IMPRESSION, target) and bool(action.item_ids)


def fold(state: bytes, actions: Iterable[Action], target: int = PURCHASE) -> bytes:
    """`state` with a shopper's actions merged in; the same object when nothing is new to it."""
    seen = {item_id for action in actions if takes(action, target) for item_id in action.item_ids}
    return item_set.add(state, seen) if seen else state


def merge(a: bytes, b: bytes) -> bytes:
    """The merged state; associative, commutative and idempotent."""
    return item_set.merge(a, b)


def to_bytes(state: bytes) -> bytes:
    """Versioned bytes, the same for equal states."""
    return _FORMAT + state


def from_bytes(value: bytes) -> bytes:
    """Inverse of `to_bytes`; raises `ValueError` for any other bytes."""
    if value[:1] != _FORMAT:
        raise ValueError(f"seen items of {len(value)} bytes, format {value[:1]!r}: expected {_FORMAT!r}")
    return item_set.check(value[1:])


SCHEMA = FeatureSchema(
    name="seen_items",
    entity="user",
    ttl=timedelta(days=730),
    fields=(FeatureField("seen_set", "string", "compact set of all items with any action but the target kind, base64"),),
)


def columns(state: bytes) -> dict[str, Value]:
    """The state as `SCHEMA`'s fields; text, because golden requests keep rows as JSON."""
    return {"seen_set": b64encode(state).decode()}
