"""The newest outcomes as samples of the exporter, as new as the scrape."""

from collections.abc import Callable, Iterator
from typing import Protocol

from recommndr.outcomes.act import MEASURES, REVENUE
from recommndr.outcomes.partial import Partial
from recommndr.outcomes.totals import Of
from recommndr_monitoring.source import Sample
from recommndr_monitoring.watch import FORGET_AFTER_S, Reading

# They bound the number of series: some 25 for each arm and list of a release.
N_RELEASES = 5
N_CURRENCIES = 5


class Outcomes(Protocol):
    """What knows the newest sums; `recommndr_tail.outcomes_tail.OutcomesTail` is one."""

    @property
    def read_at_s(self) -> float | None:
        """When it last had read everything."""
        ...

    def newest(self, n_releases: int) -> list[tuple[Of, Partial]]:
        """The sums by label of each tenant's newest releases."""
        ...


class OutcomeWatch:
    """Outcomes beside the other sources; without them while they cannot be read."""

    name = "outcomes"

    def __init__(self, outcomes: Outcomes, monotonic_s: Callable[[], float]) -> None:
        self._outcomes = outcomes
        self._monotonic_s = monotonic_s

    def newest(self) -> Reading | None:
        """As of now; None when the topic has not been read for some seconds."""
        read_at_s, now_s = self._outcomes.read_at_s, self._monotonic_s()
        if read_at_s is None or now_s - read_at_s > FORGET_AFTER_S:
            return None
        samples = [one for of, sums in self._outcomes.newest(N_RELEASES) for one in samples_of(of, sums)]
        return Reading(samples, read_at_s, self._monotonic_s() - now_s)


def samples_of(of: Of, sums: Partial) -> Iterator[Sample]:
    """The samples of a label; every count has one from the first on, so that ratios exist."""
    labels = (of.tenant, of.label.release, of.label.arm, of.label.list_name)
    yield Sample("recommndr_outcomes_shoppers", sums.n_shoppers, labels)
    currencies = sorted(
        (measure for measure in sums.sums if measure.startswith(REVENUE)), key=lambda measure: -sums.sums[measure].n
    )[:N_CURRENCIES]
    for currency in currencies:
        amount = sums.sums[currency].n
        yield Sample("recommndr_outcomes_revenue_minor", amount, (*labels, currency.removeprefix(REVENUE)))
    for measure in MEASURES:
        counted = sums.sums.get(measure)
        yield Sample("recommndr_outcomes", 0 if counted is None else counted.n, (*labels, measure))
    for measure in (*MEASURES, *currencies):
        counted = sums.sums.get(measure)
        if counted is not None:
            yield Sample("recommndr_outcomes_squares", counted.squares, (*labels, measure))
            yield Sample("recommndr_outcomes_with_impressions", counted.with_impressions, (*labels, measure))
