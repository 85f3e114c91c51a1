"""Gate windows and seeds judged together: laws of the pooled figures, and what a leak looks like in them."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_engine.list_metrics import bootstrap_interval
from recommndr_training.judging import pooled_report
from recommndr_training.judging.pooled import SHIPPED, Run, apart, compare, seed_noise
from recommndr_training.judging.window_run import Window
from tests.training.orders import CUT_S

N_DRAWS = 100
CUT = datetime.fromtimestamp(CUT_S, UTC)
METHODS = ("ranker", "als", "popularity")


def run_of(window: int, seed: int, users: list[str], values: np.ndarray, shipped: str = "ranker") -> Run:
    """`values` are (n_users, n_methods)."""
    ndcg = pd.DataFrame(values, columns=list(METHODS)).assign(requests="all", user_id=users)
    return Run(window, seed, {"all": shipped, "new": shipped}, ndcg)


@st.composite
def runs(draw: st.DrawFn) -> list[Run]:
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    found = []
    for window in range(1, draw(st.integers(1, 3)) + 1):
        users = [f"u{number}" for number in random.permutation(12)[: draw(st.integers(2, 12))]]
        found += [run_of(window, seed, users, random.random((len(users), 3))) for seed in range(draw(st.integers(1, 3)))]
    return found


@settings(max_examples=20)
@given(runs())
def test_one_run_alone_has_its_own_mean_and_interval(made: list[Run]) -> None:
    one = made[0]
    own = one.ndcg.sort_values("user_id")
    found = compare([one], "all", N_DRAWS)
    assert found is not None
    for name, values in (("als", own["als"]), (SHIPPED, own["ranker"])):
        low, high = bootstrap_interval(values.to_numpy(), N_DRAWS)
        assert (found.ndcg[name].mean, found.ndcg[name].low, found.ndcg[name].high) == pytest.approx((values.mean(), low, high))
    low, high = bootstrap_interval((own["ranker"] - own["popularity"]).to_numpy(), N_DRAWS)
    assert (found.shipped_minus["popularity"].low, found.shipped_minus["popularity"].high) == pytest.approx((low, high))


@settings(max_examples=20)
@given(runs(), st.data())
def test_neither_the_order_of_runs_nor_that_of_shoppers_matters(made: list[Run], data: st.DataObject) -> None:
    shuffled = [
        Run(run.window, run.seed, run.shipped, run.ndcg.iloc[data.draw(st.permutations(range(len(run.ndcg))))])
        for run in data.draw(st.permutations(made))
    ]
    assert compare(shuffled, "all", N_DRAWS) == compare(made, "all", N_DRAWS)
    assert seed_noise(shuffled, "all") == seed_noise(made, "all")


@settings(max_examples=20)
@given(runs())
def test_the_same_finding_again_makes_no_interval_narrower(made: list[Run]) -> None:
    one = made[0]
    once = compare([one], "all", N_DRAWS)
    repeated = [Run(window, seed, one.shipped, one.ndcg) for window in (1, 2) for seed in (0, 1)]
    again = compare(repeated, "all", N_DRAWS)
    assert once is not None
    assert again is not None
    for name, value in once.shipped_minus.items():
        found = again.shipped_minus[name]
        assert (found.mean, found.low, found.high) == pytest.approx((value.mean, value.low, value.high), abs=1e-12)
        assert found.n_shoppers == value.n_shoppers


@settings(max_examples=20)
@given(runs())
def test_a_pooled_mean_lies_between_the_windows(made: list[Run]) -> None:
    numbers = {run.window for run in made}
    each = [compare([run for run in made if run.window == number], "all", N_DRAWS) for number in numbers]
    means = [found.ndcg["als"].mean for found in each if found is not None]
    whole = compare(made, "all", N_DRAWS)
    assert whole is not None
    assert min(means) - 1e-9 <= whole.ndcg["als"].mean <= max(means) + 1e-9


def test_what_ships_is_each_runs_own_method() -> None:
    users, values = ["u1", "u2"], np.array([[0.5, 0.1, 0.0], [0.5, 0.3, 0.0]])
    found = compare([run_of(1, 0, users, values), run_of(2, 0, users, values, shipped="als")], "all", N_DRAWS)
    assert found is not None
    assert found.ndcg[SHIPPED].mean == pytest.approx((0.5 + 0.2) / 2)
    assert found.shipped_minus["ranker"].mean == pytest.approx(-0.15)


def test_what_ships_may_be_another_method_for_new_items_and_repeats_follow_all_items() -> None:
    values = np.array([[0.5, 0.1, 0.0]])
    parts = [run_of(1, 0, ["u1"], values).ndcg.assign(requests=question) for question in ("all", "new", "repeat")]
    run = Run(1, 0, {"all": "ranker", "new": "als"}, pd.concat(parts))
    found = {question: compare([run], question, N_DRAWS) for question in ("all", "new", "repeat")}
    assert {question: each and each.ndcg[SHIPPED].mean for question, each in found.items()} == {
        "all": 0.5,
        "new": 0.1,
        "repeat": 0.5,
    }
    told = pooled_report.markdown("shop", pooled_report.figures([run], [Window(1, CUT)], N_DRAWS))
    assert "ships ranker, those of new items (discover, unseen) by als (seed 0)" in told


def test_a_method_that_one_window_lacks_is_judged_by_the_others() -> None:
    users, values = ["u1", "u2"], np.array([[0.5, 0.1, 0.0], [0.5, 0.3, 0.0]])
    without = run_of(2, 0, users, values)
    lacking = Run(2, 0, {"all": "ranker", "new": "ranker"}, without.ndcg.drop(columns="als"))
    found = compare([run_of(1, 0, users, values), lacking], "all", N_DRAWS)
    assert found is not None
    assert (found.ndcg["als"].n_windows, found.ndcg["popularity"].n_windows) == (1, 2)
    assert found.shipped_minus["als"].mean == pytest.approx(0.3)


def test_nobody_asked_gives_no_figures() -> None:
    assert compare([run_of(1, 0, ["u1"], np.zeros((1, 3)))], "new", N_DRAWS) is None
    assert seed_noise([run_of(1, 0, ["u1"], np.zeros((1, 3)))], "all") is None


def test_the_noise_of_seeds_is_that_within_windows() -> None:
    users = ["u1", "u2"]
    made = [run_of(window, seed, users, np.full((2, 3), window * 0.2 + seed * 0.01)) for window in (1, 2) for seed in (0, 1, 2)]
    assert seed_noise(made, "all") == pytest.approx(0.01)


def shop(leak: float, n_users: int = 60) -> list[Run]:
    """Three windows of a shop whose ranker leads by .05; in window 2 by `leak` more."""
    random, users = np.random.default_rng(1), [f"u{number}" for number in range(n_users)]
    made = []
    for window in (1, 2, 3):
        als = random.random(n_users) * 0.4
        lead = 0.05 + random.normal(0, 0.05, n_users) + (leak if window == 2 else 0.0)
        made.append(run_of(window, 0, users, np.column_stack([als + lead, als, als / 2])))
    return made


def test_a_leak_planted_in_one_window_is_seen_there_and_in_the_report() -> None:
    made = shop(leak=0.3)
    assert set(apart(made, "all", N_DRAWS)) == {2}
    text = pooled_report.markdown("tiny", pooled_report.figures(made, [Window(number, CUT) for number in (1, 2, 3)], N_DRAWS))
    assert "**window 2 stands apart** for all items" in text


def test_windows_without_a_leak_do_not_stand_apart() -> None:
    assert apart(shop(leak=0.0), "all", N_DRAWS) == {}


def test_the_report_marks_a_method_that_beats_what_ships() -> None:
    users = [f"u{number}" for number in range(20)]
    losing = [run_of(1, 0, users, np.tile([0.1, 0.3, 0.05], (20, 1)))]
    text = pooled_report.markdown("tiny", pooled_report.figures(losing, [Window(1, CUT)], N_DRAWS))
    (line,) = (line for line in text.splitlines() if line.startswith("| als "))
    assert "**loses**" in line
    assert "one seed says nothing" in text
