"""The gate lets through what is better or equal, for each question alone, and names why it refuses."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_training.judging import gate
from recommndr_training.judging.gate import Champion, Evidence, GatePolicy
from recommndr_training.judging.gate_report import GateReport

N = 1_000
QUICK = GatePolicy(n_draws=200)


def evidence(
    mean_all: float, mean_new: float, *, seed: int = 0, n: int = N, coverage: float = 0.2, rmse: float = 0.4
) -> Evidence:
    """Shoppers of whom some buy much: two ways differ by their means alone, shopper by shopper."""
    spread = np.random.default_rng(0).exponential(1.0, n)
    spread /= spread.mean()
    return Evidence({"all": mean_all * spread, "new": mean_new * spread}, {"coverage": coverage}, rmse)


def decide(
    method: str, shipped: Evidence, simple: dict[str, Evidence], champion: Champion | None = None, policy: GatePolicy = QUICK
) -> GateReport:
    """The report where `method` is the only one that is tried, for each question."""
    return gate.decide({question: [method] for question in shipped.ndcg}, {**simple, method: shipped}, champion, policy)


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


ORDER = ("ranker", "weighted", "als", "popularity")
BOTH = dict.fromkeys(("all", "new"), ORDER)


def test_the_first_method_that_passes_is_shipped() -> None:
    found = {"ranker": evidence(0.25, 0.03), "weighted": evidence(0.3, 0.03), "als": evidence(0.2, 0.02)}
    report = gate.decide(dict.fromkeys(("all", "new"), tuple(found)), found, policy=QUICK)
    assert (report.methods, report.passed) == ({"all": "weighted", "new": "ranker"}, True)
    assert "ordered by weighted, those of new items (discover, unseen) by ranker" in report.summary()


def test_each_question_ships_its_own_method_and_the_report_says_what_was_refused() -> None:
    found = {"ranker": evidence(0.3, 0.02), "weighted": evidence(0.25, 0.02), "als": evidence(0.2, 0.04)}
    found["popularity"] = evidence(0.1, 0.01)
    report = gate.decide(BOTH, found, policy=QUICK)
    assert (report.methods, report.passed) == ({"all": "ranker", "new": "als"}, True)
    assert report.scope_methods == {"discover": "als", "unseen": "als"}
    ranker, weighted = report.instead
    assert ranker.startswith("als orders lists of new items instead of ranker, which is refused: new items: NDCG@10 minus that")
    assert "of als is -0.0200" in ranker
    assert "instead of weighted" in weighted
    assert f"\n- {ranker}\n" in report.summary()


def test_one_method_for_both_questions_names_no_scope() -> None:
    report = gate.decide(BOTH, dict.fromkeys(ORDER, evidence(0.3, 0.03)), policy=QUICK)
    assert (report.method, report.new_method, report.scope_methods, report.instead) == ("ranker", None, {}, ())
    assert report.summary() == "gate: passed, lists are ordered by ranker"


@st.composite
def anything(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, Evidence]]:
    """Any evidence of all methods, and any order of them for each question."""
    n = draw(st.integers(10, 40))
    questions = draw(st.sampled_from([("all",), ("all", "new")]))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    height = {method: draw(st.integers(0, 16)) for method in ORDER}
    ndcg = {
        method: {
            question: random.integers(0, height[method] + 1, n) / 16.0 * (random.random(n) < 0.5) for question in questions
        }
        for method in ORDER
    }
    orders = {question: draw(st.permutations(ORDER)) for question in questions}
    return orders, {method: Evidence(of) for method, of in ndcg.items()}


@given(anything())
def test_without_a_champion_something_ships_for_each_question_and_it_is_the_first_that_may(
    given_: tuple[dict[str, list[str]], dict[str, Evidence]],
) -> None:
    orders, found = given_
    report = gate.decide(orders, found, policy=QUICK)
    assert report.passed
    for question, order in orders.items():
        shipped = report.methods[question]
        alone = {method: Evidence({question: each.ndcg[question]}) for method, each in found.items()}
        may = [gate.decide({question: [method], "all": [method]}, both_of(alone), policy=QUICK).passed for method in order]
        assert order[may.index(True)] == shipped
        assert len([one for one in report.instead if f"lists of {question} items" in one]) == order.index(shipped)


def both_of(found: dict[str, Evidence]) -> dict[str, Evidence]:
    """The one question of this evidence, asked as that of all items too."""
    return {method: Evidence({"all": next(iter(each.ndcg.values())), **each.ndcg}) for method, each in found.items()}


def test_a_method_that_loses_to_the_champion_for_one_question_makes_room_for_the_next() -> None:
    champion = Champion(evidence(0.3, 0.04, coverage=0.2))
    found = {"ranker": evidence(0.33, 0.035), "als": evidence(0.1, 0.0351, coverage=0.01)}
    refused = gate.decide({"all": ["ranker", "als"], "new": ["ranker", "als"]}, found, champion, QUICK)
    assert not refused.passed and refused.methods == {"all": "ranker", "new": "ranker"}
    found["als"] = evidence(0.1, 0.045, coverage=0.01)  # variety is of all items
    report = gate.decide({"all": ["ranker", "als"], "new": ["ranker", "als"]}, found, champion, QUICK)
    assert (report.passed, report.methods) == (True, {"all": "ranker", "new": "als"})


def test_a_gain_for_one_question_is_enough_whichever_method_has_it() -> None:
    champion, orders = Champion(evidence(0.3, 0.04)), {"all": ["ranker"], "new": ["als"]}
    found = {"ranker": evidence(0.3, 0.01), "als": evidence(0.1, 0.05)}
    assert gate.decide(orders, found, champion, QUICK).passed
    found["als"] = evidence(0.1, 0.04)
    assert refusals(gate.decide(orders, found, champion, QUICK)) == ["champion.gain"]


@pytest.mark.parametrize(("orders", "refused"), [(["ranker", "als"], True), (["als", "ranker"], False)])
def test_probabilities_are_compared_only_where_a_ranker_orders_all_items(orders: list[str], refused: bool) -> None:
    champion = Champion(evidence(0.3, 0.04, rmse=0.3))
    without = evidence(0.33, 0.05)
    found = {"ranker": evidence(0.33, 0.05, rmse=0.4), "als": Evidence(without.ndcg, without.variety)}
    report = gate.decide({"all": orders[:1], "new": ["ranker"]}, found, champion, QUICK)
    assert refusals(report) == (["rmse"] if refused else [])


def test_a_segment_is_judged_by_the_method_of_its_question() -> None:
    champion, cold = evidence(0.3, 0.04), np.arange(N) < 250
    shipped = Evidence({"all": champion.ndcg["all"] * 1.2, "new": champion.ndcg["new"] * np.where(cold, 0.8, 1.4)})
    other = Evidence({question: champion.ndcg[question] * 1.2 for question in ("all", "new")})
    rival = Champion(Evidence(champion.ndcg), {question: {"cold": cold, "warm": ~cold} for question in ("all", "new")})
    found = {"ranker": shipped, "als": other}
    assert refusals(gate.decide({"all": ["ranker"], "new": ["ranker"]}, found, rival, QUICK)) == ["segment.new.cold"]
    report = gate.decide({"all": ["ranker"], "new": ["ranker", "als"]}, found, rival, QUICK)
    assert (report.passed, report.methods) == (True, {"all": "ranker", "new": "als"})


def test_when_nothing_passes_the_report_says_why_the_first_did_not() -> None:
    champion = Champion(evidence(0.5, 0.05))
    found = {"ranker": evidence(0.25, 0.06), "als": evidence(0.2, 0.02)}
    report = gate.decide({"all": ["ranker", "als"], "new": ["ranker", "als"]}, found, champion, QUICK)
    assert (report.method, report.passed) == ("ranker", False)
    assert report.summary().startswith("gate: refused; figures of ranker:\n- all items: NDCG@10 minus the champion's is -0.25")


def test_a_report_is_read_as_it_was_written() -> None:
    report = decide("als", evidence(0.1, 0.02), {"popularity": evidence(0.2, 0.01)})
    assert GateReport.from_json(report.to_json()) == report
    both = gate.decide({"all": ["als"], "new": ["ranker"]}, dict.fromkeys(("als", "ranker"), evidence(0.1, 0.02)), policy=QUICK)
    assert GateReport.from_json(both.to_json()) == both


def test_a_report_from_before_there_was_a_method_of_new_items_is_read_as_one_of_a_single_method() -> None:
    written = {"method": "als", "checks": [{"name": "a", "passed": True, "finding": "b"}], "passed": True}
    report = GateReport.from_json(written | {"judged_at": None, "learnt_until": None})
    assert (report.methods, report.scope_methods, report.passed) == ({"all": "als", "new": "als"}, {}, True)
