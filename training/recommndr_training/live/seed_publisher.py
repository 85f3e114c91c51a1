"""Publishes a tenant's seeds: imported history, shifted to now, and everything that the lake has of live events.

The order makes it exact (`recommndr.generation`): announce, wait until the job has heard of it, look how far the events are,
wait until the lake is as far, announce the cut, replay the lake as of that version, write the seeds, announce their number.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import groupby
from typing import Any

from recommndr.features import added, guests, item, segment, shopper
from recommndr.generation import Generation
from recommndr.identity import entity_key
from recommndr.seed import (
    GROUP_GUESTS,
    GROUP_ITEM,
    GROUP_SEGMENT,
    GROUP_USER,
    N_SHARES,
    SEEDED,
    SHOPPER_GROUPS,
    Seed,
    share_of,
)
from recommndr.tenancy import TenantPolicy
from recommndr.topics import seed_key
from recommndr_lake_writer.snapshot import Snapshot
from recommndr_training.live.live_lake import LiveLake
from recommndr_training.live.seed_log import Reach, SeedLog, SeedsNotPublished
from recommndr_training.live.time_shift import shift_guests, shift_item, shift_segment, shift_shopper
from recommndr_training.shipping.seed import EntityState

# A running job hears of a generation within a second. One that has not heard of it by then refuses it and says so.
_HEARD_AFTER_S = 10.0
_POLL_S = 1.0
_MOST_POLLS = 300
# What replay gives, in the order in which it gives them; each module has from_bytes, merge and to_bytes.
_ADDED = dict(zip(added.NAMES, added.groups(), strict=True))
_STATES = {GROUP_USER: shopper, GROUP_GUESTS: guests, **_ADDED, GROUP_ITEM: item, GROUP_SEGMENT: segment}


@dataclass(frozen=True, slots=True)
class Shop:
    """Whose seeds, and its imported history: states by group and id, and how much later they are made."""

    tenant: str
    policy: TenantPolicy
    imported: Sequence[EntityState] = ()
    shift_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes seeds; raises `SeedsNotPublished`, and `ValueError` for imported states that count in another way."""

    log: SeedLog
    lake: LiveLake
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    progress: Callable[[int], None] = field(default=lambda _: None)

    def publish(self, shop: Shop) -> Generation:
        """Return the complete generation."""
        check_counting(shop)
        begun = self._begin(shop)
        self.sleep(_HEARD_AFTER_S)
        snapshot, cut = self._cut(shop.tenant, begun, self.log.reach())
        return self._write(shop, snapshot, cut)

    def _begin(self, shop: Shop) -> Generation:
        known = self.log.announced(shop.tenant)
        complete = [one for one in known if one.step == "complete"]
        newest = max([one.number for one in known], default=0)
        begun = Generation(
            number=max(int(self.now().timestamp() * 1_000), newest + 1),
            step="begun",
            side=1 - complete[-1].side if complete else 0,  # the newest complete seeds stay until these are
            counting=shop.policy.counting,
            own_kinds=tuple(shop.policy.own_kinds),
            shift_s=_shift_s(shop, complete),
        )
        self.log.announce(shop.tenant, begun)
        return begun

    def _cut(self, tenant: str, begun: Generation, reach: Reach) -> tuple[Snapshot | None, Generation]:
        """Wait until the lake has all events that there are, and has carried out all erasures."""
        for _ in range(_MOST_POLLS):
            snapshot = self.lake.newest(reach.topic_id)
            pending = [one for one in self.lake.erasures(tenant) if one.done_at is None]
            offsets = _cut_at(snapshot, reach)
            if offsets is not None and not pending:
                cut = begun.model_copy(update={"step": "cut", "topic_id": reach.topic_id, "offsets": offsets})
                self.log.announce(tenant, cut)
                return snapshot, cut
            self.sleep(_POLL_S)
        have = "there is no lake" if snapshot is None else f"the lake has {snapshot.offsets}, {len(pending)} erasures wait"
        raise SeedsNotPublished(f"the events are at {reach.ends}, and {have}; check that the lake writer runs")

    def _write(self, shop: Shop, snapshot: Snapshot | None, cut: Generation) -> Generation:
        erased = {one.user_id for one in self.lake.erasures(shop.tenant)}
        imported = _shifted(_without(erased, shop.imported), cut.shift_s or 0.0)
        live = self.lake.states(shop.tenant, shop.policy, snapshot.version) if snapshot is not None else ()
        counts = [0] * N_SHARES
        for state in merged(imported, live):
            for key, value in records(state, shop.tenant, cut):
                self.log.append(key, value)
                counts[share_of(SEEDED[state.group], entity_key(shop.tenant, state.entity).decode())] += 1
            self.progress(1)
        for one in self.lake.erasures(shop.tenant):
            if one.user_id not in erased:  # it came meanwhile, and its tombstones may lie before these seeds
                for group in SHOPPER_GROUPS:
                    self.log.append(seed_key(shop.tenant, group, cut.side, one.user_id), None)
        complete = cut.model_copy(update={"step": "complete", "n_seeds": tuple(counts)})
        self.log.announce(shop.tenant, complete)
        return complete


def _shift_s(shop: Shop, complete: Sequence[Generation]) -> float | None:
    """History stays where it was put first: moved on by weeks, it would jump over live events."""
    before = [one.shift_s for one in complete if one.shift_s is not None]
    return None if not shop.imported else before[-1] if before else shop.shift_s


def check_counting(shop: Shop) -> None:
    """Raises `ValueError` when imported states count purchases in another way than the tenant does now."""
    for row in shop.imported:
        if row.group != GROUP_USER:
            return
        purchased = shopper.from_bytes(row.state).purchased
        if purchased.items:
            if purchased.counting != shop.policy.counting:
                raise ValueError(
                    f"the seed file of {shop.tenant!r} counts {purchased.counting}, and the tenants file says "
                    f"{shop.policy.counting}; train the profile again (recommndr train --profile …)"
                )
            return


def _cut_at(snapshot: Snapshot | None, reach: Reach) -> tuple[int, ...] | None:
    """The first offsets that the version does not contain; None if it is not as far as the events are.

    A partition whose events are all gone cannot be waited for.
    """
    found = (0,) * len(reach.ends) if snapshot is None else snapshot.offsets
    offsets = tuple(end if first == end else at for first, end, at in zip(reach.beginnings, reach.ends, found, strict=True))
    return offsets if all(at >= end for at, end in zip(offsets, reach.ends, strict=True)) else None


def merged(imported: Iterable[EntityState], live: Iterable[EntityState]) -> Iterator[EntityState]:
    """Both, merged where an entity is in both; each comes shoppers first, by id, and so does the result."""
    for (_, group, entity), states in groupby(merge(imported, live, key=_place), _place):
        first, *rest = states
        if not rest:
            yield first
            continue
        read: Any = _STATES[group]
        both = (read.from_bytes(state.state) for state in (first, *rest))
        yield EntityState(group, entity, read.to_bytes(read.merge(*both)))


def _place(state: EntityState) -> tuple[int, str, str]:
    if state.group not in _STATES:
        raise ValueError(f"seed group {state.group!r} of {state.entity!r}: expected one of {[*_STATES]}")
    return [*_STATES].index(state.group), state.group, state.entity


def _without(erased: set[str], states: Iterable[EntityState]) -> Iterator[EntityState]:
    return (state for state in states if SEEDED.get(state.group) != "user" or state.entity not in erased)


def _shifted(states: Iterable[EntityState], shift_s: float) -> Iterator[EntityState]:
    for one in states:
        _place(one)
        if one.group == GROUP_USER:
            moved = shopper.to_bytes(shift_shopper(shopper.from_bytes(one.state), shift_s))
        elif one.group == GROUP_GUESTS:
            moved = guests.to_bytes(shift_guests(guests.from_bytes(one.state), shift_s))
        elif one.group == GROUP_SEGMENT:
            moved = segment.to_bytes(shift_segment(segment.from_bytes(one.state), shift_s))
        elif added_group := _ADDED.get(one.group):
            moved = added_group.to_bytes(added_group.shifted(added_group.from_bytes(one.state), shift_s))
        else:
            moved = item.to_bytes(shift_item(item.from_bytes(one.state), shift_s))
        yield EntityState(one.group, one.entity, moved)


def records(state: EntityState, tenant: str, generation: Generation) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of an entity's seeds, one for each of its groups: those of a shopper live apart."""
    parts = shopper.parts(shopper.from_bytes(state.state)) if state.group == GROUP_USER else {state.group: state.state}
    for group, part in parts.items():
        yield seed_key(tenant, group, generation.side, state.entity), Seed(generation.number, part).to_bytes()
