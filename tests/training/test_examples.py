"""Training examples are what serving would have seen: same columns to the last bit, and nothing of the future."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recommndr.features import item, shopper
from recommndr.tenancy import TenantPolicy
from recommndr_engine.columns import NAMES
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.retriever import Retriever
from recommndr_training import params
from recommndr_training.data.history import iter_actions, of_lines
from recommndr_training.data.interactions import Interactions
from recommndr_training.examples import examples, retriever_costs, rolling
from recommndr_training.examples.examples import Examples
from recommndr_training.ranking import ranker_report, ranker_training, tuning_quality
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.retrieval.retriever_fits import fit_retrievers
from tests.training.fit_options import OPTIONS
from tests.training.orders import CUT_S, DAY_S, Order, table

DATA = params.data("tiny", Path(__file__).parents[2] / "params.yaml")
HORIZON_S = 14 * DAY_S


def year(n_users: int = 12, n_items: int = 40, seed: int = 2) -> list[Order]:
    """Ninety days of orders on both sides of the cut; low items are popular, each shopper has favourites."""
    random = np.random.default_rng(seed)
    orders = []
    for number in range(n_users * 20):
        user = number % n_users
        favourites = (user * 3 + np.arange(5)) % n_items
        chosen = {int(favourites[random.integers(5)]), *(n_items * random.random(3) ** 2).astype(int).tolist()}
        at_s = CUT_S + float(random.integers(-75 * 86_400, 14 * 86_400))
        orders.append(Order(f"o{number}", f"u{user}", at_s, tuple(f"i{n:02d}" for n in sorted(chosen))))
    return orders


ORDERS = year()
ENTRIES = examples.catalogue(
    pd.DataFrame(
        {
            "item_id": [f"i{n:02d}" for n in range(40)],
            "title": "thing",
            "category_path": [["food", f"shelf {n % 3}", f"kind {n % 7}"] for n in range(40)],
            "brand": [f"brand {n % 4}" for n in range(40)],
            "price_minor": pd.array([100 + n if n else pd.NA for n in range(40)], "Int32"),
            "currency": "USD",
            "group_id": None,
            "tags": [[]] * 40,
            "available_from": None,
            "available_until": None,
        }
    )
)


def task(orders: Sequence[Order]) -> rolling.Task:
    known = Interactions.from_lines(table(list(orders)), DATA.policy)
    return rolling.Task(known, ENTRIES, OPTIONS, HORIZON_S, share_of_negatives=0.25, seed=0, policy=DATA.policy)


def moments_at(lines: pd.DataFrame, data: params.DataParams, cut_s: float) -> Iterator[rolling.Moment]:
    """The moment of the cut for all shoppers."""
    return rolling.moments(lines, data, {cut_s: sorted(set(lines["user_id"]))})


def made(orders: Sequence[Order]) -> Examples:
    (moment,) = moments_at(table(list(orders)), DATA, CUT_S)
    return rolling.make_examples(task(orders), moment)


def pipeline_of(orders: Sequence[Order], live: LiveItems, found_by: list[Retriever]) -> Pipeline:
    return Pipeline(examples.bundle_items(task(orders).known), found_by, None, live)


def test_the_matrix_of_states_folded_live_is_that_of_replayed_history() -> None:
    offline = made(ORDERS)
    live, shoppers = LiveItems(capacity=1), {}
    item_states: dict[str, item.ItemState] = {}
    (moment,) = moments_at(table(ORDERS), DATA, CUT_S)
    live.apply_catalog(examples.priced(ENTRIES, moment.price_minor))
    for action in iter_actions(of_lines(table(ORDERS))):
        if action.at_s >= CUT_S:
            break
        before = shopper.from_bytes(shoppers[action.user_id]) if action.user_id in shoppers else shopper.EMPTY
        shoppers[action.user_id] = shopper.to_bytes(shopper.merge(before, shopper.lift(action)))
        for item_id, state in item.lift(action).items():
            item_states[item_id] = item.merge(item_states.get(item_id, item.EMPTY), state)
            live.apply_features([item_id], [item.to_bytes(item_states[item_id])])
    online = pipeline_of(ORDERS, live, fit_retrievers(task(ORDERS).known, CUT_S, OPTIONS))
    for request, user_id in enumerate(offline.user_ids):
        row = shopper.read(shopper.columns(shopper.from_bytes(shoppers[user_id])))
        seen = online.shopper(row, CUT_S)
        found = online.retrieve(online.open(seen), online.allowed(ListRequest(), CUT_S, seen.row))
        mine = offline.requests == request
        assert found.candidates.rows.tolist() == offline.rows[mine].tolist()
        _assert_same(online.inputs(seen, found), offline.matrix[mine])


def _assert_same(actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> None:
    for place, name in enumerate(NAMES):
        np.testing.assert_allclose(actual[:, place], expected[:, place], rtol=1e-6, atol=1e-9, err_msg=name)


def test_examples_are_made_with_the_weights_of_the_tenant() -> None:
    (moment,) = moments_at(table(ORDERS), DATA, CUT_S)
    heavy = replace(task(ORDERS), policy=TenantPolicy(weights={"view": 10.0}, target_kind="view"))
    place = NAMES.index("recent_weight")
    usual, weighed = (rolling.make_examples(each, moment).matrix[:, place] for each in (task(ORDERS), heavy))
    assert (set(usual.tolist()), set(weighed.tolist())) == ({0.0, 1.0}, {0.0, 0.5})


def test_every_retriever_s_milliseconds_of_a_request_are_measured() -> None:
    (moment,) = moments_at(table(ORDERS), DATA, CUT_S)
    found_by = fit_retrievers(task(ORDERS).known, CUT_S, OPTIONS)
    pipeline = pipeline_of(ORDERS, LiveItems(capacity=1), found_by)
    ticks = count()
    costs_ms = retriever_costs.measure(pipeline, moment.asked, lambda: next(ticks) * 0.002)
    assert costs_ms == pytest.approx({retriever.name: 2.0 for retriever in found_by})
    assert set(made(ORDERS).costs_ms) == set(costs_ms)
    assert retriever_costs.measure(pipeline, []) == {}


def test_no_column_sees_what_happened_at_the_cut_or_later() -> None:
    past = [order for order in ORDERS if order.at_s < CUT_S]
    everyone = {order.user_id for order in ORDERS}
    other_future = [Order(f"x{user}", user, CUT_S, ("i00", "i39")) for user in sorted(everyone)]
    actual, expected = made([*past, *other_future]), made(ORDERS)
    assert actual.user_ids == expected.user_ids
    assert actual.rows.tolist() == expected.rows.tolist()
    _assert_same(actual.matrix, expected.matrix)
    assert actual.bought.tolist() != expected.bought.tolist()


def test_a_price_seen_only_later_is_not_known() -> None:
    rare = [*ORDERS, Order("r", "u0", CUT_S + DAY_S, ("i-rare",))]
    (before,) = moments_at(table(rare), DATA, CUT_S)
    (after,) = moments_at(table(rare), DATA, CUT_S + 2 * DAY_S)
    assert "i-rare" not in before.price_minor
    assert after.price_minor["i-rare"] == 900
    assert set(before.price_minor.values()) == {100}
    entries = examples.priced(ENTRIES, {"i01": 100})
    assert (entries["i01"].price_minor, entries["i02"].price_minor, entries["i02"].currency) == (100, None, None)


def test_shoppers_are_folded_with_the_half_life_of_their_tenant() -> None:
    quick = replace(DATA, policy=DATA.policy.model_copy(update={"purchase_half_life_days": 30.0}))
    (slow_at, quick_at) = (next(moments_at(table(ORDERS), data, CUT_S)) for data in (DATA, quick))
    slow, fast = slow_at.shoppers["u1"], quick_at.shoppers["u1"]
    assert (slow.purchased_half_life_s, fast.purchased_half_life_s) == (90 * DAY_S, 30 * DAY_S)


def test_labels_are_what_was_bought_within_the_horizon() -> None:
    found = made(ORDERS)
    for request, user_id in enumerate(found.user_ids):
        mine = [order for order in ORDERS if order.user_id == user_id]
        wanted = {i for order in mine if CUT_S <= order.at_s < CUT_S + HORIZON_S for i in order.item_ids}
        owned = {i for order in mine if order.at_s < CUT_S for i in order.item_ids}
        here = found.requests == request
        ids = [f"i{n:02d}" for n in range(40)]
        assert [ids[row] in wanted for row in found.rows[here]] == found.bought[here].tolist()
        assert [ids[row] not in owned for row in found.rows[here]] == found.new[here].tolist()
        assert (found.n_relevant[request], found.n_relevant_new[request]) == (len(wanted), len(wanted - owned))


def test_sampling_keeps_all_that_was_bought() -> None:
    found = made(ORDERS)
    kept = examples.sample(found, 0.25, seed=1)
    assert kept.bought.sum() == found.bought.sum()
    assert (~kept.bought).mean() < (~found.bought).mean()
    assert len(kept.matrix) == len(kept.bought) == len(kept.requests) == len(kept.rows)


def test_a_cut_after_which_nobody_bought_has_no_examples_but_all_columns() -> None:
    found = made([order for order in ORDERS if order.at_s < CUT_S])
    assert found.matrix.shape == (0, len(NAMES))
    assert (len(found.bought), len(found.new), len(found.rows), found.user_ids) == (0, 0, 0, [])


def test_a_ranker_learns_and_is_proven_equal_in_onnx() -> None:
    found = made(ORDERS)
    options = RankerParams(max_trees=20, min_leaf_examples=5, n_processes=1, variants=("binary",))
    trained = ranker_training.train([examples.sample(found, 0.9, 1)], found, options)
    assert 1 <= trained.n_trees <= 20
    assert trained.parity <= 1e-5
    assert sum(trained.gains.values()) == pytest.approx(1.0, abs=1e-2)
    report = ranker_report.report(trained, found)
    assert set(report["best_single"]) == {"all", "new"}
    assert report["tuning"]["buy_again"]["ndcg_new"] == 0.0


def test_labels_of_the_tuning_period_do_not_choose_the_trees_but_the_shipped_ranker_learns_them() -> None:
    found = made(ORDERS)
    lying = replace(found, bought=~found.bought)
    options = RankerParams(max_trees=20, min_leaf_examples=5, n_processes=1, variants=("binary",))
    without, with_them = (ranker_training.train([found], found, options, overlapping) for overlapping in ((), (lying, lying)))
    assert without
    assert with_them
    assert with_them.n_trees == without.n_trees
    assert with_them.onnx != without.onnx


def test_quality_of_the_truth_is_perfect_when_all_of_it_is_a_candidate() -> None:
    found = made(ORDERS)
    complete = found.n_relevant == np.bincount(found.requests, found.bought)
    assert complete.any()
    assert np.nanmean(tuning_quality.figures(found, found.bought.astype(np.float32))["all"]) >= complete.mean() * 0.99
