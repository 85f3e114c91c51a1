"""What is fitted follows from the history by reasoning: two camps of shoppers who never buy the other camp's items."""

import pickle
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommndr.tenancy import TenantPolicy
from recommndr_engine import retrievers
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import LiveItems
from recommndr_engine.retrievers import UnusableRetrievers
from recommndr_engine.retrievers.ease import Ease
from recommndr_engine.shopper import Shopper
from recommndr_engine.sparse_rows import SparseRows
from recommndr_training.data.interactions import Interactions, pairs
from recommndr_training.retrieval import (
    als,
    buy_again,
    content,
    ease,
    item_neighbours,
    popularity,
    seen_together,
    session_neighbours,
    shopper_matrix,
)
from recommndr_training.retrieval.retriever_fit import Axis
from recommndr_training.retrieval.retriever_fits import EVERY_RETRIEVER, FITS, fit_retrievers
from tests.training.fit_options import OPTIONS
from tests.training.orders import CUT_S, DAY_S, Order, histories, table
from tests.training.replayed import replay, shopper_rows

N_ITEMS = 20
POLICY = TenantPolicy()
HALF_LIFE_S = 90 * DAY_S


def checkerboard() -> Interactions:
    """40 shoppers, 5 orders each of 4 items; shopper and item camps are their parities. Each shopper skips item camp + 2."""
    random, orders = np.random.default_rng(5), []
    for user in range(40):
        camp = [item for item in range(N_ITEMS) if item % 2 == user % 2 and item != user % 2 + 2 * (user // 2 % 10)]
        for order in range(5):
            chosen = random.choice(camp, 4, replace=False)
            at_s = CUT_S - (order * 10 + user / 10 + 1) * DAY_S
            orders.append(Order(f"{user}-{order}", f"u{user:02d}", at_s, tuple(f"i{item:02d}" for item in sorted(chosen))))
    return Interactions.from_lines(table(orders), POLICY)


KNOWN = checkerboard()


def test_als_scores_the_own_camp_above_the_other() -> None:
    options = als.AlsParams(n_factors=2, regularisation=0.1)
    (retriever,) = als.FIT.retrievers(KNOWN, CUT_S, options)
    vector = retriever.fold_in(np.array([0, 4, 8], np.int32), np.ones(3, np.float32))
    scores = retriever.factors @ vector
    assert scores[0::2].min() > scores[1::2].max()


@given(seed=st.integers(0, 10**6), sizes=st.lists(st.integers(0, 6), max_size=12))
def test_the_neighbours_of_an_item_are_by_value_and_equal_ones_by_column(seed: int, sizes: list[int]) -> None:
    random = np.random.default_rng(seed)
    rows = np.repeat(random.permutation(len(sizes)), sizes)
    columns = np.concatenate([np.zeros(0, np.int64), *(random.permutation(20)[:size] for size in sizes)])
    values = random.integers(1, 4, len(rows)) / 3.0
    found = item_neighbours.best_first(rows, columns, values, len(sizes) + 2)
    order = np.lexsort((columns, -values, rows))
    assert found.starts.tolist() == [0, *np.cumsum(np.bincount(rows, minlength=len(sizes) + 2))]
    assert found.columns.tolist() == columns[order].tolist()
    assert found.values.tolist() == values[order].astype(np.float32).tolist()


def test_neighbours_are_of_the_own_camp_and_never_the_item_itself() -> None:
    for matrix in item_neighbours.fit(KNOWN, CUT_S, item_neighbours.ItemNeighboursParams(damping=0.1, co_visits_damping=0.1)):
        for item in range(N_ITEMS):
            of_item = slice(matrix.starts[item], matrix.starts[item + 1])
            columns, values = matrix.columns[of_item], matrix.values[of_item]
            assert len(columns)
            assert (columns % 2 == item % 2).all()
            assert item not in columns
            assert (np.diff(values) <= 0).all()


def test_items_that_too_few_bought_have_no_neighbours() -> None:
    options = item_neighbours.ItemNeighboursParams(min_shoppers=41)
    assert all(len(matrix.columns) == 0 for matrix in item_neighbours.fit(KNOWN, CUT_S, options))


def test_a_robot_adds_no_more_pairs_than_its_items_of_most_interest() -> None:
    """It took every item once and the first three twice; with a limit of three only these have neighbours through it."""
    once = Order("once", "robot", CUT_S - 50 * DAY_S, tuple(f"i{item:02d}" for item in range(N_ITEMS)))
    again = Order("again", "robot", CUT_S - DAY_S, ("i00", "i01", "i02"))
    known = Interactions.from_lines(table([once, again]), POLICY)
    options = item_neighbours.ItemNeighboursParams(min_shoppers=1, max_shopper_items=3)
    neighbours, _ = item_neighbours.fit(known, CUT_S, options)
    assert np.flatnonzero(np.diff(neighbours.starts)).tolist() == [0, 1, 2]
    assert sorted(neighbours.columns.tolist()) == [0, 0, 1, 1, 2, 2]
    unlimited, _ = item_neighbours.fit(known, CUT_S, replace(options, max_shopper_items=N_ITEMS))
    assert (np.diff(unlimited.starts) == N_ITEMS - 1).all()


def test_popularity_counts_orders_and_first_purchases_count_shoppers() -> None:
    every, first = popularity.fit(KNOWN, CUT_S, popularity.PopularityParams(half_life_days=1e9, first_half_life_days=1e9))
    frame = pd.DataFrame({"user": KNOWN.users, "item": KNOWN.items})
    assert every.tolist() == pytest.approx(np.bincount(KNOWN.items).tolist())
    assert first.tolist() == pytest.approx(frame.groupby("item")["user"].nunique().tolist())


def test_buy_again_learns_that_what_was_due_is_bought() -> None:
    orders = []
    for user in range(60):
        gap_days, last_days = (20.0, 35.0 if user % 2 else 15.0)  # by the horizon's start: one day since, or overdue by one gap
        orders += [Order(f"{user}-{n}", f"u{user}", CUT_S - (last_days + n * gap_days) * DAY_S, ("milk",)) for n in range(4)]
        if user % 2:
            orders.append(Order(f"{user}-x", f"u{user}", CUT_S - 3 * DAY_S, ("milk",)))
    options = buy_again.BuyAgainParams(edges=(0.5,), prior=1.0)
    _, lift = buy_again.fit(Interactions.from_lines(table(orders), POLICY), CUT_S, options)
    assert lift[0] < 0.2
    assert lift[1] > 1.0


def test_without_anything_to_learn_from_no_item_is_lifted() -> None:
    history = Interactions.from_lines(table([Order("o", "u", CUT_S - DAY_S, ("a",))]), POLICY)
    assert set(buy_again.fit(history, CUT_S, buy_again.BuyAgainParams())[1].tolist()) == {1.0}


@settings(deadline=None, max_examples=20)
@given(histories(), st.integers(0, 10))
def test_no_fit_sees_what_happened_at_the_cut_or_later(orders: list[Order], later_days: int) -> None:
    past = [order for order in orders if order.at_s < CUT_S]
    future = [Order("later", "u1", CUT_S + later_days * DAY_S, tuple(f"i{n}" for n in range(12)))]
    everything = [Order("first", "u1", CUT_S - 81 * DAY_S, tuple(f"i{n}" for n in range(12))), *past]
    for fit in (_popularity, _neighbours, _buy_again, _seen_together):
        for with_future, without in zip(fit(everything + future), fit(everything), strict=True):
            assert np.array_equal(with_future, without)


def _popularity(orders: list[Order]) -> list[np.ndarray]:
    return list(popularity.fit(Interactions.from_lines(table(orders), POLICY), CUT_S, popularity.PopularityParams()))


def _neighbours(orders: list[Order]) -> list[np.ndarray]:
    options = item_neighbours.ItemNeighboursParams(min_shoppers=1)
    fitted = item_neighbours.fit(Interactions.from_lines(table(orders), POLICY), CUT_S, options)
    return [array for matrix in fitted for array in (matrix.starts, matrix.columns, matrix.values)]


def _seen_together(orders: list[Order]) -> list[np.ndarray]:
    found = seen_together.pairs_of(Interactions.from_lines(table(orders), POLICY), CUT_S, seen_together.SeenTogetherParams())
    return [found.earlier, found.later, found.weights]


def _buy_again(orders: list[Order]) -> list[np.ndarray]:
    return list(buy_again.fit(Interactions.from_lines(table(orders), POLICY), CUT_S, buy_again.BuyAgainParams()))


@settings(deadline=None, max_examples=20)
@given(histories())
def test_pairs_are_what_the_shopper_states_hold(orders: list[Order]) -> None:
    lines = table(orders)
    known = Interactions.from_lines(lines, POLICY)
    rows = shopper_rows(replay(lines, np.inf))
    at_s = CUT_S + 20 * DAY_S
    found = pairs(known, at_s, HALF_LIFE_S)
    for place, (user, item) in enumerate(zip(found.users, found.items, strict=True)):
        row = rows[known.user_ids[user]]
        mine = row.purchased_item_ids.index(known.item_ids[item])
        assert found.n_orders[place] == row.purchased_n_orders[mine]
        assert found.first_s[place] == row.purchased_first_s[mine]
        assert found.last_s[place] == row.purchased_last_s[mine]
        decayed = row.purchased_decayed[mine] * 2.0 ** -((at_s - row.purchased_last_s[mine]) / HALF_LIFE_S)
        assert found.decayed[place] == pytest.approx(decayed)


KINDS = ("view", "add_to_cart", "purchase")
JOBS = TenantPolicy(own_kinds=("apply",), weights={"apply": 8.0, "view": 0.5}, target_kind="apply")


@st.composite
def mixed_histories(draw: st.DrawFn, own_kinds: tuple[str, ...] = ()) -> list[Order]:
    """Orders that may be views, carts or of a tenant's own kinds, each at an instant of its own."""
    return [
        replace(order, kind=draw(st.sampled_from(KINDS + own_kinds)), at_s=order.at_s + n / 64)
        for n, order in enumerate(draw(histories()))
    ]


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([POLICY, JOBS]), st.data())
def test_what_is_fitted_on_is_what_serving_folds_in(policy: TenantPolicy, data: st.DataObject) -> None:
    orders = data.draw(mixed_histories(policy.own_kinds))
    lines, at_s = table(orders), CUT_S + 20 * DAY_S
    known = Interactions.from_lines(lines, policy)
    matrix, items = known.interests(at_s, HALF_LIFE_S), BundleItems(known.item_ids)
    for user_id, row in shopper_rows(replay(lines, np.inf, policy=policy)).items():
        rows, values = Shopper.from_row(row, items, at_s, policy.relative_weights(), policy.counting.kind).interests
        expected = np.zeros(len(known.item_ids))
        expected[rows] = values
        assert matrix[known.user_ids.index(user_id)].toarray()[0] == pytest.approx(expected, rel=1e-5)


def test_a_visit_ends_with_a_pause_and_joins_what_was_done_in_it() -> None:
    def at(order_id: str, user_id: str, minutes: float, *items: str) -> Order:
        return Order(order_id, user_id, CUT_S - DAY_S + minutes * 60.0, items, kind="view")

    orders = [at("1", "u", 0, "a"), at("2", "u", 29, "b"), at("3", "u", 60, "c"), at("4", "v", 1, "a"), at("5", "u", 90, "d")]
    known = Interactions.from_lines(table(orders), POLICY)
    visits = {
        known.item_ids[item]: visit
        for user, item, visit in zip(known.users, known.items, known.visits, strict=True)
        if user == 0
    }
    assert visits["a"] == visits["b"] != visits["c"] == visits["d"]
    assert len(set(known.visits.tolist())) == 3


def test_dislikes_and_what_was_only_shown_speak_for_no_item() -> None:
    orders = [
        Order(kind, "u", CUT_S - DAY_S, (kind,), kind=kind) for kind in ("view", "dislike", "impression", "remove_from_cart")
    ]
    known = Interactions.from_lines(table(orders), POLICY)
    assert "impression" not in known.item_ids
    found = known.interests(CUT_S, HALF_LIFE_S)
    assert [known.item_ids[item] for item in found.indices] == ["view"]


@pytest.mark.parametrize("ends", ["remove_from_cart", "dislike"])
def test_what_speaks_against_an_item_ends_what_spoke_for_it(ends: str) -> None:
    orders = [Order("1", "u", CUT_S - 2.0, ("a",), kind="add_to_cart"), Order("2", "u", CUT_S - 1.0, ("a",), kind=ends)]
    assert Interactions.from_lines(table(orders), POLICY).interests(CUT_S, HALF_LIFE_S).nnz == 0
    assert Interactions.from_lines(table(orders[:1]), POLICY).interests(CUT_S, HALF_LIFE_S).nnz == 1


def test_a_tenant_whose_target_is_a_view_is_judged_by_views() -> None:
    orders = [Order("1", "u", CUT_S - DAY_S, ("a",), kind="view"), Order("2", "u", CUT_S - DAY_S, ("b",))]
    known = Interactions.from_lines(table(orders), TenantPolicy(target_kind="view"))
    assert known.targets.items.tolist() == [0]
    assert known.of_kind("purchase").items.tolist() == [1]


def test_a_late_event_is_fitted_on_only_once_it_was_received() -> None:
    known = Interactions.from_lines(table([Order("1", "u", CUT_S - 60.0, ("a",), late_s=90.0)]), POLICY)
    assert len(known.before(CUT_S)) == 0
    assert len(known.before(CUT_S + 31.0)) == len(known.between(CUT_S - 61.0, CUT_S)) == 1


LEFT_OUT = ("led_to_target", "segment_popularity")  # here all actions are purchases of unknown context

VIEW = Order("only", "u1", CUT_S - DAY_S, ("i01",), kind="view")
LATER = Order("later", "u2", CUT_S + DAY_S, ("i02",))
POOR = {
    "views only": [VIEW, Order("more", "u2", CUT_S - 20 * DAY_S, ("i01", "i02"), kind="view")],
    "one view of one item": [VIEW],
    "one purchase of one item": [Order("one", "u1", CUT_S - 20 * DAY_S, ("i01",))],
    "dislikes only": [Order("no", "u1", CUT_S - DAY_S, ("i01",), kind="dislike")],
    "nothing before the cut": [LATER],
}


@pytest.mark.parametrize("what", POOR)
def test_every_retriever_is_fitted_to_a_poor_history_and_answers(what: str) -> None:
    known = Interactions.from_lines(table(POOR[what]), POLICY)
    items = BundleItems(known.item_ids)
    row = shopper_rows(replay(table([VIEW, LATER]), CUT_S))["u1"]
    shopper = Shopper.from_row(row, items, CUT_S, POLICY.relative_weights())
    live = LiveItems()
    live_rows = live.rows_of(known.item_ids, create=True)
    view = ItemView(live.table, live_rows, live.n_feature_changes)
    for retriever in fit_retrievers(known, CUT_S, OPTIONS):
        scores = retriever.open(shopper, view)
        rows, values = scores.top(5, np.ones(len(items), np.bool_))
        assert len(rows) <= len(items) and np.isfinite(values).all(), retriever.name
        assert np.isfinite(scores.for_rows(np.arange(len(items), dtype=np.int32))).all(), retriever.name


def test_only_the_named_retrievers_are_fitted_and_in_their_order() -> None:
    names = ("popularity", "recent", "co_visits")
    needed = {stage: OPTIONS[stage] for stage in ("popularity", "item_neighbours")}
    assert tuple(each.name for each in fit_retrievers(KNOWN, CUT_S, needed, names)) == names
    every = tuple(each.name for each in fit_retrievers(KNOWN, CUT_S, OPTIONS))
    assert every == tuple(name for name in EVERY_RETRIEVER if name not in LEFT_OUT)
    with pytest.raises(UnusableRetrievers, match="no such retriever"):
        fit_retrievers(KNOWN, CUT_S, OPTIONS, ("popularity", "crystal_ball"))


@pytest.mark.parametrize(("history_days", "half_life_days"), [(2, 1 / 24), (5, 1), (40, 7), (365, 30), (3_000, 30)])
def test_what_is_popular_now_follows_the_length_of_the_shops_history(history_days: float, half_life_days: float) -> None:
    known = Interactions.from_lines(table([Order("1", "u", CUT_S - history_days * DAY_S, ("a",))]), POLICY)
    options = popularity.PopularityParams()
    assert popularity.live_half_life_s(known, CUT_S, options) == pytest.approx(half_life_days * DAY_S)
    chosen = popularity.PopularityParams(live_half_life_days=120.0)
    assert popularity.live_half_life_s(known, CUT_S, chosen) == 120 * DAY_S


def test_a_shop_that_grows_beyond_the_limit_between_two_cuts_has_ease_at_both() -> None:
    """Twelve shoppers came early and twelve came later; ten are the most that EASE takes."""
    orders = [Order(f"{n}", f"u{n:02d}", CUT_S - (24 - n) * DAY_S, (f"i{n % 5}", f"i{n % 7 + 5}")) for n in range(24)]
    known = Interactions.from_lines(table(orders), POLICY)
    options = OPTIONS | {"ease": ease.EaseParams(max_shoppers=10)}
    sizes = []
    for cut_s in (CUT_S - 17.5 * DAY_S, CUT_S - 14.5 * DAY_S, CUT_S):
        fitted = {one.name: one for one in fit_retrievers(known, cut_s, options)}
        assert isinstance(fitted["ease"], Ease)
        sizes.append(fitted["ease"].matrix.n_shoppers)
        newest = shopper_matrix.fit(known, cut_s, HALF_LIFE_S, 10).by_shopper
        assert (fitted["ease"].matrix.by_shopper != newest).nnz == 0
    assert sizes == [7, 10, 10]


def test_there_is_no_ease_where_nobody_has_two_items(tmp_path: Path) -> None:
    ease.FIT.write(KNOWN, CUT_S, ease.EaseParams(), tmp_path)
    alone = Interactions.from_lines(table([Order(f"{n}", f"u{n}", CUT_S - DAY_S, ("a",)) for n in range(3)]), POLICY)
    assert not ease.FIT.retrievers(alone, CUT_S, ease.EaseParams())
    assert "ease" in retrievers.found(tmp_path)
    ease.FIT.write(alone, CUT_S, ease.EaseParams(), tmp_path)
    assert "ease" not in retrievers.found(tmp_path)


def test_the_inverse_does_not_depend_on_the_size_of_its_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = shopper_matrix.fit(KNOWN, CUT_S, HALF_LIFE_S, max_shoppers=40)
    inverse, scale = ease.fit(matrix, regularisation=2.0)
    monkeypatch.setattr(ease, "_BLOCK_SHOPPERS", 7)
    monkeypatch.setattr(ease, "_BLOCK_ITEMS", 3)
    blocks = ease.fit(matrix, regularisation=2.0)
    assert blocks[0] == pytest.approx(inverse, abs=1e-6)
    assert blocks[1] == pytest.approx(scale, abs=1e-6)


def test_ease_inverts_what_was_known_and_scores_the_own_camp_above_the_other() -> None:
    few = KNOWN.of_kind("purchase")
    matrix = shopper_matrix.fit(few, CUT_S, HALF_LIFE_S, max_shoppers=12)
    inverse, scale = ease.fit(matrix, regularisation=2.0)
    held = matrix.by_shopper.toarray().astype(np.float64)
    assert inverse @ (held @ held.T + 2.0 * np.eye(12)) == pytest.approx(np.eye(12), abs=1e-4)
    scores = Ease(matrix, inverse, scale).scores(np.array([0, 4, 8], np.int32), np.ones(3, np.float32))
    assert scores[1::2] == pytest.approx(0.0, abs=1e-6)
    assert (scores[0::2] > 0.05).sum() >= 9


def test_the_matrix_of_shoppers_holds_the_newest_of_those_with_two_items_and_none_of_later_events() -> None:
    orders = [
        Order("1", "old", CUT_S - 9 * DAY_S, ("a", "b")),
        Order("2", "single", CUT_S - DAY_S, ("a",)),
        Order("3", "new", CUT_S - 2 * DAY_S, ("b", "c")),
        Order("4", "single", CUT_S + DAY_S, ("b",)),
    ]
    known = Interactions.from_lines(table(orders), POLICY)
    assert shopper_matrix.fit(known, CUT_S, HALF_LIFE_S, 9).by_shopper.astype(bool).toarray().tolist() == [
        [False, True, True],
        [True, True, False],
    ]
    assert shopper_matrix.fit(known, CUT_S, HALF_LIFE_S, 1).by_shopper.astype(bool).toarray().tolist() == [[False, True, True]]


def sequence(*actions: tuple[str, str, float]) -> Interactions:
    """One shopper's actions: kind, item, days before the cut."""
    orders = [Order(f"{n}", "u", CUT_S - days * DAY_S, (item,), kind=kind) for n, (kind, item, days) in enumerate(actions)]
    return Interactions.from_lines(table(orders), POLICY)


TOGETHER = seen_together.SeenTogetherParams(window_days=3.0, n_following=2, half_life_days=1e9, damping=1.0)


def related_to(known: Interactions, matrix: SparseRows, item: str) -> set[str]:
    row = known.item_ids.index(item)
    return {known.item_ids[column] for column in matrix.columns[matrix.starts[row] : matrix.starts[row + 1]].tolist()}


@given(st.integers(0, 2**32 - 1))
def test_each_item_keeps_the_best_by_damped_cosine_and_of_equals_those_of_smaller_rows(seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = np.where(random.random((9, 9)) < 0.6, random.choice([0.25, 1.0, 3.0], (9, 9)), 0.0)
    options = replace(TOGETHER, n_related=3)
    found = seen_together.related(sparse.csr_matrix(weights), options)
    of_row, of_column = (weights.sum(axis=axis) for axis in (1, 0))
    of_row, of_column = (each + options.damping * each[each > 0.0].mean() for each in (of_row, of_column))
    scores = (weights / np.sqrt(of_row[:, np.newaxis] * of_column)).astype(np.float32)
    best = [[column for column in np.argsort(-row, kind="stable")[:3] if row[column] > 0.0] for row in scores]
    assert [found.columns[start:stop].tolist() for start, stop in pairwise(found.starts)] == best


def test_items_are_seen_together_within_the_window_and_the_next_few_actions_across_visits() -> None:
    days = {"a": 9.0, "b": 7.0, "x": 6.9, "c": 6.8, "d": 6.7, "e": 1.0}
    known = sequence(*(("view", item, ago) for item, ago in days.items()))
    together, _ = seen_together.fit(known, CUT_S, TOGETHER)
    assert related_to(known, together, "b") == {"a", "x", "c"}  # d is the third after it
    assert related_to(known, together, "d") == {"x", "c"}  # both directions
    assert related_to(known, together, "e") == set()  # too late


def test_only_what_came_before_a_purchase_led_to_it() -> None:
    known = sequence(("purchase", "before", 3.0), ("view", "look", 2.0), ("purchase", "bought", 1.0), ("view", "after", 0.5))
    _, led = seen_together.fit(known, CUT_S, TOGETHER)
    assert led is not None
    assert related_to(known, led, "look") == {"bought"}
    assert related_to(known, led, "before") == {"bought"}
    assert related_to(known, led, "bought") == related_to(known, led, "after") == set()


def test_where_every_action_is_one_of_the_target_nothing_leads_to_it() -> None:
    assert seen_together.fit(KNOWN, CUT_S, TOGETHER)[1] is None


def test_what_is_seen_together_most_comes_first_and_no_item_is_related_to_itself() -> None:
    together, _ = seen_together.fit(KNOWN, CUT_S, seen_together.SeenTogetherParams(n_related=4))
    for item in range(N_ITEMS):
        columns = together.columns[together.starts[item] : together.starts[item + 1]]
        values = together.values[together.starts[item] : together.starts[item + 1]]
        assert len(columns) == 4 and (columns % 2 == item % 2).all() and item not in columns
        assert (np.diff(values) <= 0).all() and (values <= 1.0).all()


def test_a_robot_makes_as_many_pairs_as_it_has_actions_and_not_their_square() -> None:
    robot = sequence(*(("view", f"i{n:04d}", 2.0 - n / 1e4) for n in range(1_000)))
    assert len(seen_together.pairs_of(robot, CUT_S, TOGETHER).weights) == 1_000 * 2 - 3


def items(*titles: str, **columns: list[object]) -> pd.DataFrame:
    n = len(titles)
    empty = {"category_path": [() for _ in titles], "brand": [None] * n}
    return pd.DataFrame({"item_id": [f"{place}" for place in range(n)], "title": list(titles)} | empty | columns)


def cosines(catalogue: pd.DataFrame) -> np.ndarray:
    vectors = content.fit(catalogue["item_id"].tolist(), catalogue)
    return (vectors @ vectors.T).toarray()


def test_items_with_the_same_rare_word_are_more_alike_than_those_with_a_common_one() -> None:
    alike = cosines(items("blue fox", "blue fox", "blue mug", "blue cup", "red owl"))
    assert alike[0, 1] == pytest.approx(1.0)
    assert 0.0 < alike[0, 2] < alike[0, 1]
    assert alike[0, 4] == 0.0


def test_category_and_brand_are_words_and_a_level_is_its_path() -> None:
    paths = [("Men", "Shoes"), ("Women", "Shoes"), ("Men", "Hats"), (), ()]
    alike = cosines(items("a1", "b2", "c3", "d4", "e5", category_path=paths, brand=[None, None, None, "Ohm", "Ohm"]))
    assert alike[0, 2] > 0.0
    assert alike[0, 1] == 0.0
    assert alike[3, 4] == pytest.approx(1.0)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_vectors_have_length_one_or_zero_whatever_the_titles(titles: list[str]) -> None:
    lengths = np.sqrt(np.diag(cosines(items(*titles))))
    assert np.all(np.isclose(lengths, 1.0, atol=1e-5) | (lengths == 0.0))


def test_items_that_are_not_in_the_catalogue_say_nothing() -> None:
    vectors = content.fit(["0", "1", "gone"], items("blue fox", "blue fox"))
    assert np.diff(vectors.indptr).tolist()[2] == 0


def test_visits_are_kept_newest_first_with_two_to_a_hundred_different_items() -> None:
    orders = [
        Order("1", "u", CUT_S - 9 * DAY_S, ("a", "b")),
        Order("2", "u", CUT_S - 5 * DAY_S, ("a",)),
        Order("3", "v", CUT_S - 2 * DAY_S, ("b", "c")),
        Order("4", "w", CUT_S - 1 * DAY_S, tuple(f"i{n:03d}" for n in range(101))),
        Order("5", "v", CUT_S + DAY_S, ("a", "c")),
    ]
    known = Interactions.from_lines(table(orders), POLICY)
    found = session_neighbours.fit(known, CUT_S, session_neighbours.SessionNeighboursParams())
    assert [[known.item_ids[item] for item in row.indices] for row in found.by_shopper] == [["b", "c"], ["a", "b"]]
    one = session_neighbours.SessionNeighboursParams(max_visits=1)
    assert session_neighbours.fit(known, CUT_S, one).n_shoppers == 1


PARTLY = [(stage, axis) for stage, fit in FITS.items() for axis in fit.grid if axis.changed is not None]


@pytest.mark.parametrize(("stage", "axis"), PARTLY, ids=[f"{stage}.{axis.name}" for stage, axis in PARTLY])
def test_a_setting_changes_the_retrievers_that_it_says_and_no_others(stage: str, axis: Axis) -> None:
    fit, options = FITS[stage], OPTIONS[stage]
    assert axis.changed is not None
    (value, *_) = [value for value in axis.values if value != getattr(options, axis.name)]
    set_to = replace(options, **{axis.name: value})
    before, after = ({one.name: pickle.dumps(one) for one in fit.retrievers(KNOWN, CUT_S, each)} for each in (options, set_to))
    changed = {one.name: pickle.dumps(one) for one in axis.changed(KNOWN, CUT_S, set_to)}
    assert before | changed == after
    assert changed.items() <= after.items() and before != after
