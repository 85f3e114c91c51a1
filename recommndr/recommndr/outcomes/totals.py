"""Totals: the newest partials of `recommndr.outcomes.v1`, summed.

A rebuild sums again, as a new generation, the days of lists of which the log still has every event. Until it has caught up with
the older generations, theirs are taken for these days, and afterwards its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from recommndr.outcomes.act import MEASURES, Label
from recommndr.outcomes.partial import Partial, PartialKey, Sums


class Of(NamedTuple):
    """A label of a tenant."""

    tenant: str
    label: Label


_Generations = dict[int, dict[int, dict[int, Partial]]]  # by generation, day and bucket


@dataclass(slots=True)
class Totals:
    """Partials by key, and their sums by label; a label is summed again only after one of its partials changed."""

    _partials: dict[Of, _Generations] = field(default_factory=dict)
    _summed: dict[Of, Partial] = field(default_factory=dict)

    def put(self, key: PartialKey, partial: Partial | None) -> None:
        """Take a record; None removes the partial."""
        of = Of(key.tenant, key.label)
        buckets = self._partials.setdefault(of, {}).setdefault(key.generation, {}).setdefault(key.day, {})
        if partial is None:
            buckets.pop(key.bucket, None)
        else:
            buckets[key.bucket] = partial
        self._summed.pop(of, None)

    def of(self, of: Of) -> Partial:
        """The sums of a label over all days and shoppers."""
        if of not in self._summed:
            self._summed[of] = _sum(_by_day(self._partials.get(of, {})).values())
        return self._summed[of]

    def of_arm(self, tenant: str, release: str, arm: str) -> Iterator[tuple[Of, Partial]]:
        """The sums of a release's arm, for each of its lists."""
        for of in self._partials:
            if of.tenant == tenant and of.label[:2] == (release, arm):
                yield of, self.of(of)

    def newest(self, n_releases: int) -> Iterator[tuple[Of, Partial]]:
        """The sums of the `n_releases` newest releases of each tenant, by the day of their newest list."""
        newest_day: dict[tuple[str, str], int] = {}
        for of, generations in self._partials.items():
            release = of.tenant, of.label.release
            newest_day[release] = max(newest_day.get(release, -1), *chain.from_iterable(generations.values()))
        kept = set()
        for tenant in {tenant for tenant, _ in newest_day}:
            ordered = sorted(((day, of) for of, day in newest_day.items() if of[0] == tenant), reverse=True)
            kept |= {of for _, of in ordered[:n_releases]}
        for of in self._partials:
            if (of.tenant, of.label.release) in kept:
                yield of, self.of(of)


def _sum(partials: Iterable[Partial]) -> Partial:
    total = Partial()
    for one in partials:
        total.n_shoppers += one.n_shoppers
        for measure, sums in one.sums.items():
            total.sums[measure] = Sums(*(a + b for a, b in zip(total.sums.get(measure, Sums()), sums, strict=True)))
    return total


def _by_day(generations: _Generations) -> dict[int, Partial]:
    taken: dict[int, Partial] = {}
    for _, days in sorted(generations.items()):
        newer = {day: _sum(buckets.values()) for day, buckets in days.items()}
        if _n(newer.values()) >= _n(taken[day] for day in newer if day in taken):
            taken |= newer
    return taken


def _n(partials: Iterable[Partial]) -> int:
    return sum(one.sums[measure].n for one in partials for measure in MEASURES if measure in one.sums)
