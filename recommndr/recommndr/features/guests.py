"""Guests group: the ids under which a shopper acted before logging in (`identify`).

A guest keeps a state of its own, under its id. Who reads the shopper merges the guests' states in (`merged_row`), so what comes
for a guest later counts too, and order and repeats do not matter. The newest `CAPACITY` guests count; the laws hold above that.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

import msgpack

from recommndr.features.action import IDENTIFY, Action
from recommndr.features.schema import FeatureField, FeatureSchema, Value

CAPACITY = 8  # each costs a read of a row per list
_FORMAT_VERSION = 1


class Guest(NamedTuple):
    """A guest id, and when it was last named; the tuple's order decides which are newest."""

    at_s: float
    guest_id: str


GuestsState = tuple[Guest, ...]  # newest first, distinct ids
EMPTY: GuestsState = ()


def takes(action: Action) -> bool:
    """Whether the action can change the state."""
    return action.kind == IDENTIFY


def fold(state: GuestsState, actions: Iterable[Action]) -> GuestsState:
    """`state` with a shopper's actions merged in; the same object when nothing is new to it."""
    named = [Guest(one.at_s, one.guest_id) for one in actions if takes(one) and one.guest_id not in (None, one.user_id)]
    merged = _newest((*state, *named))
    return state if merged == state else merged


def merge(a: GuestsState, b: GuestsState) -> GuestsState:
    """The merged state; associative, commutative and idempotent."""
    return _newest((*a, *b))


def _newest(guests: Iterable[Guest]) -> GuestsState:
    newest: dict[str, Guest] = {}
    for guest in guests:
        newest[guest.guest_id] = max(guest, newest.get(guest.guest_id, guest))
    return tuple(sorted(newest.values(), reverse=True)[:CAPACITY])


def to_bytes(state: GuestsState) -> bytes:
    """Versioned bytes, the same for equal states."""
    packed: bytes = msgpack.packb([_FORMAT_VERSION, state])
    return packed


def from_bytes(value: bytes) -> GuestsState:
    """Inverse of `to_bytes`; raises `ValueError` for any other bytes."""
    try:
        version, guests = msgpack.unpackb(value)
        if version != _FORMAT_VERSION:
            raise ValueError(f"format {version}, expected {_FORMAT_VERSION}")  # noqa: TRY301
        return tuple(Guest(float(at_s), str(guest_id)) for at_s, guest_id in guests)
    except (ValueError, TypeError, msgpack.UnpackException) as cause:
        raise ValueError(f"guests of {len(value)} bytes cannot be read: {cause}") from cause


SCHEMA = FeatureSchema(
    name="guests",
    entity="user",
    ttl=timedelta(days=730),
    fields=(FeatureField("guest_ids", "string_list", f"up to {CAPACITY} guest ids that became this shopper, newest first"),),
)


def columns(state: GuestsState) -> dict[str, Value]:
    """The state as `SCHEMA`'s fields."""
    return {"guest_ids": [guest.guest_id for guest in state]}
