"""User group: the shopper's activity by kind, newest items and last context.

Counters are unweighted; a tenant's weights are applied when reading, so changing a weight changes no stored state.

An impression is counted under its kind and updates the last context, but it is neither among the recent items nor in
`n_events`: a shopper who only scrolls would otherwise look like one who acts. A search is only counted under its kind, because
training reads actions with items.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any, NamedTuple
from zlib import crc32

import msgpack

from recommndr.events import N_KIND_SLOTS
from recommndr.features.action import IMPRESSION, Action
from recommndr.features.decay import N_HALF_LIVES, Counter, Counters, fold_instants, merge_counters, to_arrays
from recommndr.features.schema import FeatureField, FeatureSchema, Value

RECENT_CAPACITY = 50
_FORMAT_VERSION = 5  # numbers up to 4 are those of whole shoppers (`recommndr.features.shopper`)
_COUNTER = struct.Struct(f"<B{1 + N_HALF_LIVES}d")


class Recent(NamedTuple):
    """The newest action of a shopper with one item; the tuple order decides which action is newest.

    A tuple, because a merge sorts these and dataclasses compare twenty times slower.
    """

    at_s: float
    kind: int
    tie: int
    item_id: str


class LastContext(NamedTuple):
    """The shopper's last context; equal times are ordered by event, then by the values."""

    at_s: float
    tie: int
    device: str
    os: str
    country: str
    region: str = ""  # states of format 1 have none


NOWHERE = LastContext(0.0, 0, "", "", "")


@dataclass(frozen=True, slots=True)
class UserState:
    """The user group's state."""

    n_events: int = 0
    counters: Counters = field(default_factory=dict)
    recent: tuple[Recent, ...] = ()  # newest first, distinct items, at most RECENT_CAPACITY
    context: LastContext = NOWHERE


EMPTY = UserState()


def lift(action: Action) -> UserState:
    """The state of a single event."""
    return fold(EMPTY, (action,))


def fold(state: UserState, actions: Iterable[Action]) -> UserState:
    """`state` with a shopper's actions merged in, one after the other: the bits of `merge`, in a third of its time."""
    n_events, context = state.n_events, state.context
    newest: dict[str, Recent] = {}
    at_s: dict[int, list[float]] = {}
    for action in actions:
        at_s.setdefault(action.kind, []).append(action.at_s)
        context = max(context, _context(action))
        if action.kind != IMPRESSION and action.item_ids:
            n_events += 1
            _remember(newest, action)
    counters = {kind: fold_instants(state.counters.get(kind), instants_s) for kind, instants_s in at_s.items()}
    return UserState(n_events, {**state.counters, **counters}, _merge_recent(_newest(newest), state.recent), context)


def tie_of(event_id: str) -> int:
    """The first 32 bits of an event's UUID: they order events of one instant as the whole id does, in an eighth of its bytes.

    >>> hex(tie_of("9f2c01aa-63f0-4b7e-9a6e-2f5a0c5d7a10"))
    '0x9f2c01aa'
    """
    try:
        return int(event_id[:8], 16) & 0xFFFFFFFF
    except ValueError:  # no UUID, so any fixed order will do
        return crc32(event_id.encode())


def _remember(newest: dict[str, Recent], action: Action) -> None:
    tie = tie_of(action.event_id)
    for item_id in action.item_ids:
        recent, known = Recent(action.at_s, action.kind, tie, item_id), newest.get(item_id)
        if known is None or recent > known:
            newest[item_id] = recent


def _context(action: Action) -> LastContext:
    where = (action.device or "", action.os or "", action.country or "", action.region or "")
    return LastContext(action.at_s, tie_of(action.event_id), *where) if any(where) else NOWHERE


def merge(a: UserState, b: UserState) -> UserState:
    """The merged state; associative and commutative (1e-9 relative for sums)."""
    return UserState(
        n_events=a.n_events + b.n_events,
        counters=merge_counters(a.counters, b.counters),
        recent=_merge_recent(a.recent, b.recent),
        context=max(a.context, b.context),
    )


def _merge_recent(a: tuple[Recent, ...], b: tuple[Recent, ...]) -> tuple[Recent, ...]:
    if not a or not b:
        return a or b
    if a[-1] > b[0]:  # events come in order, so this is the rule: no sorting
        items = {recent.item_id for recent in a}
        return (a + tuple([recent for recent in b if recent.item_id not in items]))[:RECENT_CAPACITY]
    newest: dict[str, Recent] = {}
    for recent in chain(a, b):
        mine = newest.get(recent.item_id)
        if mine is None or recent > mine:
            newest[recent.item_id] = recent
    return _newest(newest)


def _newest(by_item: dict[str, Recent]) -> tuple[Recent, ...]:
    return tuple(sorted(by_item.values(), reverse=True)[:RECENT_CAPACITY])


def pack(state: UserState) -> list[object]:
    """Plain values for msgpack, in a fixed order."""
    return [
        state.n_events,
        [[kind, counter.at_s, *counter.sums] for kind, counter in sorted(state.counters.items())],
        [list(recent) for recent in state.recent],
        list(state.context),
    ]


def unpack(values: list[Any]) -> UserState:
    """Inverse of `pack`; values with whole event ids are read too."""
    n_events, counters, recent, (context_s, of_context, *where) = values
    return UserState(
        n_events=n_events,
        counters={kind: Counter(at_s, tuple(sums)) for kind, at_s, *sums in counters},
        recent=tuple(Recent(at_s, kind, _tie(event), item_id) for at_s, kind, event, item_id in recent),
        context=LastContext(context_s, _tie(of_context) if of_context else 0, *where),
    )


def _tie(event: int | str) -> int:
    return event if isinstance(event, int) else tie_of(event)


def to_bytes(state: UserState) -> bytes:
    """Versioned bytes, the same for equal states; every event writes them, so recent items are kept as columns."""
    at_s, kinds, ties, item_ids = zip(*state.recent, strict=True) if state.recent else ((), (), (), ())
    packed: bytes = msgpack.packb(
        [
            _FORMAT_VERSION,
            state.n_events,
            b"".join([_COUNTER.pack(kind, one.at_s, *one.sums) for kind, one in sorted(state.counters.items())]),
            struct.pack(f"<{len(at_s)}d", *at_s),
            bytes(kinds),
            struct.pack(f"<{len(ties)}I", *ties),
            item_ids,
            state.context,
        ]
    )
    return packed


def from_bytes(value: bytes) -> UserState:
    """Inverse of `to_bytes`, and the user's part of a whole shopper's bytes; raises `ValueError` for any other bytes."""
    try:
        return _read(*msgpack.unpackb(value))
    except (ValueError, TypeError, IndexError, struct.error, msgpack.UnpackException) as cause:
        raise ValueError(f"user state of {len(value)} bytes cannot be read: {cause}") from cause


def _read(version: int, *values: Any) -> UserState:
    if 1 <= version < _FORMAT_VERSION:
        return unpack(values[0])
    if version != _FORMAT_VERSION:
        raise ValueError(f"format {version}, expected {_FORMAT_VERSION}")
    n_events, counters, at_s, kinds, ties, item_ids, context = values
    n = len(item_ids)
    recent = zip(struct.unpack(f"<{n}d", at_s), kinds, struct.unpack(f"<{n}I", ties), item_ids, strict=True)
    return UserState(
        n_events,
        {kind: Counter(newest_s, tuple(sums)) for kind, newest_s, *sums in _COUNTER.iter_unpack(counters)},
        tuple([Recent(*row) for row in recent]),
        LastContext(*context),
    )


_NEWEST = bytes((0x98, _FORMAT_VERSION))  # how msgpack begins a list of eight with this number


def read_columns(value: bytes) -> dict[str, Value]:
    """`columns` of the state that `from_bytes` reads, without making the state: storing rows takes half the time."""
    if not value.startswith(_NEWEST):
        return columns(from_bytes(value))
    try:
        return _columns(*msgpack.unpackb(value))
    except (ValueError, TypeError, IndexError, struct.error, msgpack.UnpackException) as cause:
        raise ValueError(f"user state of {len(value)} bytes cannot be read: {cause}") from cause


def _columns(
    _version: int,
    n_events: int,
    counters: bytes,
    at_s: bytes,
    kinds: bytes,
    _ties: bytes,
    item_ids: list[str],
    context: list[Any],
) -> dict[str, Value]:
    counter_at_s, sums = [0.0] * N_KIND_SLOTS, [0.0] * (N_KIND_SLOTS * N_HALF_LIVES)
    for kind, newest_s, *of_kind in _COUNTER.iter_unpack(counters):
        counter_at_s[kind] = newest_s
        sums[kind * N_HALF_LIVES : (kind + 1) * N_HALF_LIVES] = of_kind
    if len(kinds) != len(item_ids):
        raise ValueError(f"{len(kinds)} kinds of {len(item_ids)} recent items")
    where = LastContext(*context)
    return {
        "n_events": n_events,
        "counter_at_s": counter_at_s,
        "counter_sums": sums,
        "recent_item_ids": item_ids,
        "recent_kinds": list(kinds),
        "recent_at_s": list(struct.unpack(f"<{len(item_ids)}d", at_s)),
        "device": where.device,
        "os": where.os,
        "country": where.country,
        "region": where.region,
    }


SCHEMA = FeatureSchema(
    name="user",
    entity="user",
    ttl=timedelta(days=730),
    fields=(
        FeatureField("n_events", "int64", "actions with items in the shopper's whole life; drives the router"),
        FeatureField("counter_at_s", "float64_list", "per kind slot: reference time of the sums, seconds; 0 = never"),
        FeatureField("counter_sums", "float64_list", f"per kind slot and half-life ({N_HALF_LIVES}): decayed sums"),
        FeatureField("recent_item_ids", "string_list", f"last {RECENT_CAPACITY} distinct items, newest first"),
        FeatureField("recent_kinds", "int64_list", "kind code of the newest action with each recent item"),
        FeatureField("recent_at_s", "float64_list", "when, seconds"),
        FeatureField("device", "string", "last known device"),
        FeatureField("os", "string", "last known operating system"),
        FeatureField("country", "string", "last known country"),
        FeatureField("region", "string", "last known region"),
    ),
)


def columns(state: UserState) -> dict[str, Value]:
    """The state as `SCHEMA`'s fields, as Feast stores it and readers get it."""
    at_s, sums = to_arrays(state.counters)
    return {
        "n_events": state.n_events,
        "counter_at_s": at_s.tolist(),
        "counter_sums": sums.ravel().tolist(),
        "recent_item_ids": [r.item_id for r in state.recent],
        "recent_kinds": [r.kind for r in state.recent],
        "recent_at_s": [r.at_s for r in state.recent],
        "device": state.context.device,
        "os": state.context.os,
        "country": state.context.country,
        "region": state.context.region,
    }
