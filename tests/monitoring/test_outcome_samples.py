"""Outcomes as the exporter shows them."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from recommndr.outcomes.act import MEASURES, Label
from recommndr.outcomes.partial import Partial, Sums
from recommndr.outcomes.totals import Of
from recommndr_monitoring.exporter import Exporter
from recommndr_monitoring.outcome_samples import N_CURRENCIES, N_RELEASES, OutcomeWatch
from recommndr_monitoring.watch import FORGET_AFTER_S

OF = Of("grocer", Label("v1", "stable", "recommend"))
LABELS = {"tenant": "grocer", "release": "v1", "arm": "stable", "list": "recommend"}


@dataclass
class Known:
    """Sums that are known, and a clock."""

    sums: Partial = field(default_factory=Partial)
    read_at_s: float | None = 100.0
    asked: int = 0

    def newest(self, n_releases: int) -> list[tuple[Of, Partial]]:
        self.asked = n_releases
        return [(OF, self.sums)]


def registry_of(known: Known, now_s: float = 100.0) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Exporter([OutcomeWatch(known, lambda: now_s)]))
    return registry


def test_sums_are_shown_by_label_and_a_missing_count_is_0() -> None:
    known = Known(
        Partial(3, {"impressions": Sums(20, 200, 200), "clicks": Sums(2, 4, 9), "revenue.EUR": Sums(2**70, 2**90, 5)})
    )
    value = registry_of(known).get_sample_value
    assert value("recommndr_outcomes_shoppers", LABELS) == 3
    assert {measure: value("recommndr_outcomes", LABELS | {"outcome": measure}) for measure in MEASURES} == {
        "impressions": 20, "clicks": 2, "carts": 0, "likes": 0, "dislikes": 0, "purchases": 0,
    }  # fmt: skip
    assert value("recommndr_outcomes_squares", LABELS | {"outcome": "clicks"}) == 4
    assert value("recommndr_outcomes_with_impressions", LABELS | {"outcome": "clicks"}) == 9
    assert value("recommndr_outcomes_revenue_minor", LABELS | {"currency": "EUR"}) == 2.0**70
    assert value("recommndr_outcomes_squares", LABELS | {"outcome": "revenue.EUR"}) == 2.0**90
    assert known.asked == N_RELEASES


def test_the_number_of_currencies_is_bounded() -> None:
    known = Known(Partial(1, {f"revenue.C{n}": Sums(n, n, n) for n in range(20)}))
    value = registry_of(known).get_sample_value
    shown = {n for n in range(20) if value("recommndr_outcomes_revenue_minor", LABELS | {"currency": f"C{n}"}) is not None}
    assert shown == set(range(20 - N_CURRENCIES, 20))


def test_outcomes_that_are_not_read_any_more_are_not_shown() -> None:
    for known, now_s in ((Known(read_at_s=None), 100.0), (Known(), 100.1 + FORGET_AFTER_S)):
        value = registry_of(known, now_s).get_sample_value
        assert value("recommndr_monitoring_source_up", {"source": "outcomes"}) == 0
        assert value("recommndr_outcomes_shoppers", LABELS) is None
    assert registry_of(Known()).get_sample_value("recommndr_monitoring_source_up", {"source": "outcomes"}) == 1
