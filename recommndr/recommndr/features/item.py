"""Item group: all shoppers' actions with an item of a tenant. The unit is the event line.

Values are fixed width, so that a slot reads a batch of them with one `np.frombuffer` into its live item table.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from recommndr.events import N_KIND_SLOTS
from recommndr.features import fixed_width
from recommndr.features.action import Action
from recommndr.features.decay import N_HALF_LIVES, Counter, Counters, FloatArray, fold_instants, merge_counters
from recommndr.features.schema import FeatureField, FeatureSchema

_FORMAT_VERSION = 1
DTYPE = np.dtype(
    [
        ("version", "<u8"),
        ("first_at_s", "<f8"),
        ("at_s", "<f8", (N_KIND_SLOTS,)),
        ("sums", "<f8", (N_KIND_SLOTS, N_HALF_LIVES)),
    ]
)
Records = fixed_width.Records  # of `DTYPE`
# The same bytes for a single state, which numpy would need six times as long for.
_HEAD, _AT, _SUMS = struct.Struct("<Qd"), struct.Struct("<d"), struct.Struct(f"<{N_HALF_LIVES}d")
_ALL_AT = struct.Struct(f"<{N_KIND_SLOTS}d")
_AT_OFFSET, _SUMS_OFFSET = (DTYPE.fields[name][1] for name in ("at_s", "sums"))  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class ItemState:
    """The item group's state; `first_at_s` is infinite before the first event."""

    first_at_s: float = float("inf")
    counters: Counters = field(default_factory=dict)


EMPTY = ItemState()


def lift(action: Action) -> dict[str, ItemState]:
    """The states of a single event, by item; an item on two lines counts twice, and a doubted event does not count."""
    if action.doubted:
        return {}
    lines: dict[str, int] = {}
    for item_id in action.item_ids:
        lines[item_id] = lines.get(item_id, 0) + 1
    return {item_id: fold(EMPTY, action.kind, (action.at_s,), (float(n),)) for item_id, n in lines.items()}


def fold(state: ItemState, kind: int, at_s: Sequence[float], n_lines: Sequence[float]) -> ItemState:
    """`state` with events of one kind merged in: their instants, and the number of lines with the item in each."""
    counters = {**state.counters, kind: fold_instants(state.counters.get(kind), at_s, n_lines)}
    return ItemState(min(state.first_at_s, *at_s), counters)


def merge(a: ItemState, b: ItemState) -> ItemState:
    """The merged state; associative and commutative (1e-9 relative for sums)."""
    return ItemState(min(a.first_at_s, b.first_at_s), merge_counters(a.counters, b.counters))


def to_bytes(state: ItemState) -> bytes:
    """Versioned bytes of `DTYPE.itemsize`, the same for equal states."""
    value = bytearray(DTYPE.itemsize)
    _HEAD.pack_into(value, 0, _FORMAT_VERSION, state.first_at_s)
    for kind, counter in state.counters.items():
        _AT.pack_into(value, _AT_OFFSET + kind * _AT.size, counter.at_s)
        _SUMS.pack_into(value, _SUMS_OFFSET + kind * _SUMS.size, *counter.sums)
    return bytes(value)


def from_bytes(value: bytes) -> ItemState:
    """Inverse of `to_bytes`; raises `ValueError` for bytes of another format."""
    if len(value) != DTYPE.itemsize or _HEAD.unpack_from(value)[0] != _FORMAT_VERSION:
        read([value])  # raises
    _, first_at_s = _HEAD.unpack_from(value)
    of_kinds = zip(_ALL_AT.unpack_from(value, _AT_OFFSET), _SUMS.iter_unpack(value[_SUMS_OFFSET:]), strict=True)
    return ItemState(first_at_s, {kind: Counter(at_s, sums) for kind, (at_s, sums) in enumerate(of_kinds) if any(sums)})


def records(first_at_s: FloatArray, at_s: FloatArray, sums: FloatArray) -> Records:
    """(n,) records of `DTYPE` from its fields, each (n, ...): the same as `read` of the states' bytes."""
    made = np.empty(len(first_at_s), DTYPE)
    made["version"] = _FORMAT_VERSION
    made["first_at_s"], made["at_s"], made["sums"] = first_at_s, at_s, sums
    return made


def values(records: Records) -> list[bytes]:
    """The bytes of each record: the inverse of `read`."""
    return fixed_width.values(records)


def read(values: Sequence[bytes]) -> Records:
    """A batch of values -> (n,) structured array of `DTYPE`; raises `ValueError` when one is of another format."""
    return fixed_width.read(values, DTYPE, _FORMAT_VERSION, "item")


SCHEMA = FeatureSchema(
    name="item",
    entity="item",
    ttl=timedelta(days=730),
    fields=(
        FeatureField("first_at_s", "float64", "first event with the item, seconds"),
        FeatureField("counter_at_s", "float64_list", "per kind slot: reference time of the sums, seconds; 0 = never"),
        FeatureField("counter_sums", "float64_list", f"per kind slot and half-life ({N_HALF_LIVES}): decayed sums"),
    ),
)
