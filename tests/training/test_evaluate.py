"""The evaluation ships the method that the gate lets pass, judged on lists as a slot would give them."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from recommndr_engine.arrays import NO_ROW
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.pipeline_config import methods_of
from recommndr_engine.retrievers import BY_NAME
from recommndr_training.judging.evaluate import best_singles, gate_report, usual_orders
from recommndr_training.judging.gate import GatePolicy
from recommndr_training.judging.gate_evidence import probability_error
from recommndr_training.judging.judged import LENGTH, Judged
from recommndr_training.judging.request_sets import request_sets

N_SHOPPERS, N_ITEMS = 60, 50
RELEVANT = [np.array([user % N_ITEMS], np.int32) for user in range(N_SHOPPERS)]
METHODS = methods_of(BY_NAME)
POLICY = GatePolicy(n_draws=50)
TUNING = {name: {"ndcg_all": 0.5 if name == "popularity" else 0.1} for name in BY_NAME}


def judged(right: set[str], n: int = N_SHOPPERS) -> Judged:
    """Lists that begin with the relevant item by the methods of `right`, and hold nothing relevant by the others."""
    empty = np.full((n, LENGTH), NO_ROW, np.int32)
    relevant = [RELEVANT[place % len(RELEVANT)] for place in range(n)]
    hit = empty.copy()
    hit[:, 0] = [wanted[0] for wanted in relevant]
    return Judged({method: hit if method in right else empty for method in METHODS}, relevant, np.ones(n, np.int64))


@pytest.mark.parametrize(
    ("best", "shipped"),
    [
        ({"ranker"}, "ranker"),
        (set(METHODS), "ranker"),
        ({"weighted", "popularity"}, "weighted"),
        ({"popularity", "als"}, "popularity"),
        ({"als"}, "als"),
    ],
)
def test_the_first_method_that_no_simple_one_beats_is_shipped(best: set[str], shipped: str) -> None:
    report = gate_report({"all": judged(best), "new": judged(best)}, usual_orders(TUNING), POLICY)
    assert (report.method, report.passed) == (shipped, True)


def test_a_method_that_the_tuning_cut_found_better_is_tried_before_the_ranker() -> None:
    both = judged({"ranker", "als"})
    order = ["als", "ranker", *(name for name in METHODS if name not in ("als", "ranker"))]
    orders = {"all": list(METHODS), "new": order}
    assert gate_report({"all": both, "new": both}, orders, POLICY).methods == {"all": "ranker", "new": "als"}
    only = judged({"ranker", "popularity"})
    assert gate_report({"all": only, "new": only}, orders, POLICY).methods == {"all": "ranker", "new": "ranker"}


@pytest.mark.parametrize(("n", "noted"), [(749, True), (750, False)])
def test_a_decision_by_few_shoppers_says_so_and_what_to_do(n: int, noted: bool) -> None:
    report = gate_report({"all": judged({"ranker"}, n)}, usual_orders(TUNING), POLICY)
    assert report.passed
    assert ("`recommndr judge --windows 2` trains for earlier gate periods" in report.summary()) is noted


def test_the_single_method_to_compare_with_is_the_best_that_the_version_has() -> None:
    tuning = {"ease": {"ndcg_all": 0.4, "ndcg_new": 0.1}, "als": {"ndcg_all": 0.3, "ndcg_new": 0.2}}
    assert best_singles(tuning, ["ease", "als", "popularity"]) == {"all": "ease", "new": "als", "cold": "popularity"}
    assert best_singles(tuning, ["als", "popularity"]) == {"all": "als", "new": "als", "cold": "popularity"}


@pytest.mark.parametrize(("best_of_all", "best_of_new"), [("ranker", "popularity"), ("als", "popularity"), ("als", "ranker")])
def test_where_another_method_is_better_for_each_set_each_is_ordered_by_its_own(best_of_all: str, best_of_new: str) -> None:
    report = gate_report({"all": judged({best_of_all}), "new": judged({best_of_new})}, usual_orders(TUNING), POLICY)
    assert (report.passed, report.methods) == (True, {"all": best_of_all, "new": best_of_new})
    assert report.scope_methods == {"discover": best_of_new, "unseen": best_of_new}


def test_new_items_that_too_few_were_asked_about_follow_all_items() -> None:
    report = gate_report({"all": judged({"als"}), "new": judged({"popularity"}, 9)}, usual_orders(TUNING), POLICY)
    assert (report.passed, report.methods) == (True, {"all": "als", "new": "als"})


def test_a_shop_without_anything_new_is_judged_by_all_items() -> None:
    report = gate_report({"all": judged({"ranker"})}, usual_orders(TUNING), POLICY)
    assert (report.method, report.passed) == ("ranker", True)


@pytest.mark.parametrize("target", ["purchase", "view"])
def test_shoppers_without_history_are_a_set_of_their_own(target: str) -> None:
    columns = ["user_id", "item_id", "kind"]
    train = pd.DataFrame([("known", "a", target), ("shown", "a", "impression")], columns=columns)
    gate = pd.DataFrame([("known", "b", target), ("shown", "a", target), ("unseen", "c", target)], columns=columns)
    asked = request_sets(train, gate, BundleItems(["a", "b"]), target)
    assert {user: rows.tolist() for user, rows in asked["cold"].relevant.items()} == {"shown": [0], "unseen": [NO_ROW]}
    assert set(asked["all"].relevant) == set(asked["new"].relevant) == {"known"}


def test_a_shopper_without_history_asks_from_where_the_first_event_came() -> None:
    columns = ["user_id", "item_id", "kind", "event_id", "at_s", "country", "os"]
    train = pd.DataFrame([("known", "a", "purchase", "e0", 1.0, "DE", None)], columns=columns)
    gate = [
        ("new", "b", "purchase", "e3", 9.0, "AT", None),
        ("new", "a", "view", "e1", 7.0, "CH", "ios"),
        ("hidden", "a", "purchase", "e2", 8.0, None, None),
        ("hidden", "b", "purchase", "e4", 9.0, "AT", None),
        ("known", "a", "purchase", "e5", 9.0, "AT", None),
    ]
    asked = request_sets(train, pd.DataFrame(gate, columns=columns), BundleItems(["a", "b"]), "purchase")
    assert asked["cold"].contexts == {"new": ("", "ios", "CH", "")}
    assert not asked["all"].contexts


@pytest.mark.parametrize("target", ["purchase", "view"])
def test_new_items_and_repeats_are_asked_for_by_scope_whatever_the_target(target: str) -> None:
    columns = ["user_id", "item_id", "kind"]
    train = pd.DataFrame([("u", "a", target)], columns=columns)
    gate = pd.DataFrame([("u", "a", target), ("u", "b", target)], columns=columns)
    asked = request_sets(train, gate, BundleItems(["a", "b"]), target)
    scopes = {name: (each.scope, [rows.tolist() for rows in each.relevant.values()]) for name, each in asked.items()}
    expected = {"all": ("mixed", [[0, 1]]), "new": ("discover", [[1]]), "repeat": ("buy_again", [[0]]), "cold": ("mixed", [])}
    assert scopes == expected


def test_probabilities_are_judged_on_what_was_taken_and_as_much_that_was_not() -> None:
    rows = np.arange(40, dtype=np.int32)
    sure = np.where(rows < 4, 30.0, -30.0).astype(np.float32)
    relevant = {"u": rows[:4]}

    def error(scores: np.ndarray, wanted: dict[str, np.ndarray] = relevant) -> float:
        found = probability_error(_Scored(rows, scores), _Moment(), wanted, 1.0)  # type: ignore[arg-type]
        assert found is not None
        return found

    assert error(sure) == pytest.approx(0.0, abs=1e-6)
    assert error(-sure) == pytest.approx(1.0, abs=1e-6)
    assert error(np.zeros(40, np.float32)) == pytest.approx(0.5)
    assert error(sure, {"u": np.array([0, 1, 2, NO_ROW], np.int32)}) > 0.3  # an item that is no candidate has no chance
    unsampled = np.full(40, np.log(4.0), np.float32)  # a quarter of the negatives was learnt: these odds are even
    assert probability_error(_Scored(rows, unsampled), _Moment(), relevant, 0.25) == pytest.approx(0.5)  # type: ignore[arg-type]
    assert probability_error(_Scored(rows, sure), _Moment(), relevant, None) is None  # type: ignore[arg-type]


class _Moment:
    shoppers: ClassVar = {"u": None}
    cut_s = 0.0


class _Scored:
    """A pipeline that gives everyone the same scores."""

    ranker = True

    def __init__(self, rows: np.ndarray, scores: np.ndarray) -> None:
        self.rows, self.scores = rows, scores

    def recommend(self, *_: object) -> "_Scored":
        return self
