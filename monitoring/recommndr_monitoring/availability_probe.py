"""Measures how long it takes until answers know that an item is sold out, or back in stock: at most 2 s are promised.

A turn sells the probe's own item out and back in, by the collector as a shop does, and asks both slots until each says so.
`/items/{id}` reads the same mask that every list is filtered by as its last step.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from recommndr_monitoring.source import Sample, SourceUnavailable

PROMISED_S = 2.0
LIMIT_S = 10.0  # a slot that takes longer is not waited for; it counts as this long
_PAUSE_S = 0.05


class ProbedShop(Protocol):
    """The shop of the probe's item; every call raises `SourceUnavailable` when nobody answers."""

    @property
    def slots(self) -> Collection[str]:
        """Names of the slots."""
        ...

    def stock(self) -> None:
        """Put the item into the catalogue."""
        ...

    def set_available(self, available: bool) -> None:
        """Sell the item out or put it back in stock; returns when that is acknowledged."""
        ...

    def available(self, slot: str) -> bool | None:
        """Whether the slot's answers say that it is in stock; None: the slot does not know the item."""
        ...


@dataclass(frozen=True, slots=True)
class Clock:
    """The probe's time, in seconds."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


class AvailabilityProbe:
    """A turn for each read; implements `recommndr_monitoring.source.Source`."""

    name = "availability"

    def __init__(self, shop: ProbedShop, clock: Clock) -> None:
        self._shop = shop
        self._clock = clock

    def samples(self) -> list[Sample]:
        """See `Source.samples`: for each slot the slower of the two changes. A slot that does not answer has no sample."""
        slowest: dict[str, float] = {}
        self._stock()
        try:
            for slot, took_s in self._change(False):
                slowest[slot] = took_s
        finally:
            for slot, took_s in self._change(True):  # the item must not stay sold out
                slowest[slot] = max(took_s, slowest.get(slot, 0.0))
        if not slowest:
            raise SourceUnavailable("no slot answers, so nothing could be measured")
        return [Sample("recommndr_availability_seconds", took_s, (slot,)) for slot, took_s in sorted(slowest.items())]

    def _stock(self) -> None:
        """The shop may be new, or its catalogue replaced."""
        if None in [self._said(slot) for slot in self._shop.slots]:
            self._shop.stock()
            dict(self._seconds(True))

    def _change(self, available: bool) -> Iterator[tuple[str, float]]:
        began_s = self._clock.now()
        self._shop.set_available(available)
        return self._seconds(available, began_s)

    def _seconds(self, available: bool, began_s: float | None = None) -> Iterator[tuple[str, float]]:
        """By slot that answers, the seconds until it said so; `LIMIT_S` when it did not."""
        began_s = self._clock.now() if began_s is None else began_s
        waiting, answered = set(self._shop.slots), set[str]()
        while waiting and self._clock.now() - began_s < LIMIT_S:
            for slot in sorted(waiting):
                said = self._said(slot)
                if isinstance(said, SourceUnavailable):
                    continue
                answered.add(slot)
                if said is available:
                    waiting.discard(slot)
                    yield slot, self._clock.now() - began_s
            if waiting:
                self._clock.sleep(_PAUSE_S)
        yield from ((slot, LIMIT_S) for slot in sorted(waiting & answered))

    def _said(self, slot: str) -> bool | SourceUnavailable | None:
        try:
            return self._shop.available(slot)
        except SourceUnavailable as cause:  # its own alert says that the slot is down
            return cause
