"""The gate lets through what is better or equal, and names why it refuses."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_training.judging.gate import Champion, Evidence, GatePolicy, GateReport, decide, first_passed

N = 1_000
QUICK = GatePolicy(n_draws=200)


def evidence(
    mean_all: float, mean_new: float, *, seed: int = 0, n: int = N, coverage: float = 0.2, rmse: float = 0.4
) -> Evidence:
    """Shoppers of whom some buy much: two ways differ by their means alone, shopper by shopper."""
    spread = np.random.default_rng(0).exponential(1.0, n)
    spread /= spread.mean()
    return Evidence({"all": mean_all * spread, "new": mean_new * spread}, {"coverage": coverage}, rmse)


def refusals(report: GateReport) -> list[str]:
    """Names of the checks that failed."""
    return [check.name for check in report.checks if not check.passed]


def test_a_version_above_every_simple_method_passes_without_a_champion() -> None:
    simple = {"popularity": evidence(0.1, 0.02), "als": evidence(0.2, 0.03)}
    assert decide("ranker", evidence(0.3, 0.04), simple, policy=QUICK).passed


@pytest.mark.parametrize(("mean_all", "mean_new", "named"), [(0.28, 0.05, "all"), (0.35, 0.03, "new")])
def test_one_simple_method_that_is_better_for_one_question_refuses_it(mean_all: float, mean_new: float, named: str) -> None:
    simple = {"als": evidence(0.1, 0.01), "popularity": evidence(0.3, 0.04)}
    report = decide("ranker", evidence(mean_all, mean_new), simple, policy=QUICK)
    assert refusals(report) == [f"simple.{named}.popularity"]
    assert "popularity" in report.refusals[0]


def test_a_simple_method_that_is_better_within_the_interval_refuses_nothing() -> None:
    noise = np.random.default_rng(3).normal(0.0, 0.2, N)
    shipped = evidence(0.3, 0.04)
    other = Evidence({question: ndcg + 0.002 + noise for question, ndcg in shipped.ndcg.items()})
    assert decide("ranker", shipped, {"popularity": other}, policy=QUICK).passed


def test_a_changed_recipe_has_to_be_better_somewhere_and_a_refresh_does_not() -> None:
    champion, same = evidence(0.3, 0.04), evidence(0.3, 0.04)
    assert refusals(decide("ranker", same, {}, Champion(champion), QUICK)) == ["champion.gain"]
    assert decide("ranker", same, {}, Champion(champion, is_refresh=True), QUICK).passed
    assert decide("ranker", evidence(0.3, 0.05), {}, Champion(champion), QUICK).passed


def worse(field: str) -> Callable[[], Evidence]:
    """A version that is better than the champion (0.30, 0.04) but for one thing."""
    changed = {
        "champion.new.no_loss": lambda: evidence(0.33, 0.038),
        "champion.all.no_loss": lambda: evidence(0.28, 0.05),
        "variety.coverage": lambda: evidence(0.33, 0.05, coverage=0.17),
        "rmse": lambda: evidence(0.33, 0.05, rmse=0.43),
    }
    return changed[field]


@pytest.mark.parametrize("field", ["champion.new.no_loss", "champion.all.no_loss", "variety.coverage", "rmse"])
def test_each_loss_against_the_champion_is_refused_by_its_name(field: str) -> None:
    assert refusals(decide("ranker", worse(field)(), {}, Champion(evidence(0.30, 0.04)), QUICK)) == [field]


def test_a_segment_blocks_from_two_hundred_shoppers_on() -> None:
    champion = evidence(0.3, 0.04)
    cold = np.arange(N) < 250
    ndcg = champion.ndcg["all"] * np.where(cold, 0.8, 1.2)
    shipped = Evidence({"all": ndcg, "new": champion.ndcg["new"] * 1.2}, champion.variety, champion.rmse)
    segments = {"all": {"cold": cold, "warm": ~cold}}
    assert refusals(decide("ranker", shipped, {}, Champion(champion, segments), QUICK)) == ["segment.all.cold"]
    few = {"all": {"cold": cold & (np.arange(N) < 199)}}
    assert decide("ranker", shipped, {}, Champion(champion, few), QUICK).passed


def test_many_segments_without_a_difference_seldom_block() -> None:
    generator = np.random.default_rng(5)
    blocked = 0
    for _ in range(200):
        champion = Evidence({"all": generator.exponential(0.3, N)})
        shipped = Evidence({"all": champion.ndcg["all"] * 0.97 + generator.normal(0.0, 0.2, N)})
        segments = {"all": {f"s{i}": generator.random(N) < 0.5 for i in range(10)}}
        report = decide("ranker", shipped, {}, Champion(champion, segments, is_refresh=True), GatePolicy(n_draws=10))
        blocked += any(name.startswith("segment.") for name in refusals(report))
    assert blocked <= 20  # 2.5 % of 200 are expected at a loss that is just allowed


@given(st.floats(0.01, 0.5), st.floats(0.001, 0.1))
def test_a_version_is_never_refused_for_losing_to_itself(mean_all: float, mean_new: float) -> None:
    itself = evidence(mean_all, mean_new, n=50)
    report = decide("popularity", itself, {"popularity": itself}, Champion(itself, is_refresh=True), GatePolicy(n_draws=20))
    assert report.passed


def test_ways_that_were_asked_for_other_shoppers_are_not_compared() -> None:
    with pytest.raises(ValueError, match="999 and 1000 shoppers"):
        decide("ranker", evidence(0.3, 0.04, n=999), {"als": evidence(0.3, 0.04)}, policy=QUICK)


def test_the_first_method_that_passes_is_shipped() -> None:
    found = {"ranker": evidence(0.25, 0.03), "weighted": evidence(0.3, 0.03), "als": evidence(0.2, 0.02)}
    simple = {name: found[name] for name in ("weighted", "als")}
    report = first_passed(("ranker", "weighted", "als"), found, simple, QUICK)
    assert (report.method, report.passed) == ("weighted", True)
    assert "ordered by weighted" in report.summary()


def test_when_nothing_passes_the_report_says_why_the_ranker_did_not() -> None:
    found = {"ranker": evidence(0.25, 0.03), "weighted": evidence(0.3, 0.02), "als": evidence(0.2, 0.04)}
    simple = {name: found[name] for name in ("weighted", "als")}
    report = first_passed(("ranker", "weighted", "als"), found, simple, QUICK)
    assert (report.method, report.passed) == ("ranker", False)
    assert report.summary().startswith("gate: refused; figures of ranker:\n- all items: ")


def test_a_report_is_read_as_it_was_written() -> None:
    report = decide("als", evidence(0.1, 0.02), {"popularity": evidence(0.2, 0.01)}, policy=QUICK)
    assert GateReport.from_json(report.to_json()) == report
