"""User group: the shopper's activity by kind, newest items and last context.

Counters are unweighted; a tenant's weights are applied when reading, so changing a weight changes no stored state.

An impression is counted under its kind and updates the last context, but it is neither among the recent items nor in
`n_events`: a shopper who only scrolls would otherwise look like one who acts. A search is only counted under its kind, because
training reads actions with items.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

from recommndr.features.action import IMPRESSION, Action
from recommndr.features.decay import N_HALF_LIVES, Counter, Counters, fold_instants, merge_counters, to_arrays
from recommndr.features.schema import FeatureField, FeatureSchema, Value

RECENT_CAPACITY = 50


class Recent(NamedTuple):
    """The newest action of a shopper with one item; the tuple order decides which action is newest.

    A tuple, because a merge sorts these and dataclasses compare twenty times slower.
    """

    at_s: float
    kind: int
    event_id: str
    item_id: str


class LastContext(NamedTuple):
    """The shopper's last context; equal times are ordered by event id, then by the values."""

    at_s: float
    event_id: str
    device: str
    os: str
    country: str
    region: str = ""  # states of format 1 have none


NOWHERE = LastContext(0.0, "", "", "", "")


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
    newest = {recent.item_id: recent for recent in state.recent}
    at_s: dict[int, list[float]] = {}
    for action in actions:
        at_s.setdefault(action.kind, []).append(action.at_s)
        context = max(context, _context(action))
        if action.kind != IMPRESSION and action.item_ids:
            n_events += 1
            _remember(newest, action)
    counters = {kind: fold_instants(state.counters.get(kind), instants_s) for kind, instants_s in at_s.items()}
    return UserState(n_events, {**state.counters, **counters}, _newest(newest), context)


def _remember(newest: dict[str, Recent], action: Action) -> None:
    for item_id in action.item_ids:
        recent, known = Recent(action.at_s, action.kind, action.event_id, item_id), newest.get(item_id)
        if known is None or recent > known:
            newest[item_id] = recent


def _context(action: Action) -> LastContext:
    where = (action.device or "", action.os or "", action.country or "", action.region or "")
    return LastContext(action.at_s, action.event_id, *where) if any(where) else NOWHERE


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
        [[r.at_s, r.kind, r.event_id, r.item_id] for r in state.recent],
        list(state.context),
    ]


def unpack(values: list[object]) -> UserState:
    """Inverse of `pack`."""
    n_events, counters, recent, context = values
    return UserState(
        n_events=n_events,  # type: ignore[arg-type]
        counters={kind: Counter(at_s, tuple(sums)) for kind, at_s, *sums in counters},  # type: ignore[attr-defined]
        recent=tuple(Recent(*r) for r in recent),  # type: ignore[attr-defined]
        context=LastContext(*context),  # type: ignore[misc]
    )


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
