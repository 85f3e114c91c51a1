"""A catalogue as the shop knew it at a cut: an item that was created later tells nothing, one without sales is there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.tenancy import TenantPolicy
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import LiveItems
from recommndr_engine.retrievers.als import FactorIndex
from recommndr_engine.shopper import Shopper
from recommndr_training import params
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.known_items import known_before, known_since
from recommndr_training.examples import examples, rolling
from recommndr_training.retrieval import als, buy_again, item_neighbours, popularity
from recommndr_training.retrieval.retriever_fits import FITS
from tests.training import prepared_tables
from tests.training.orders import CUT_S, DAY_S, ITEMS, Order, histories, table
from tests.training.replayed import replay, shopper_rows

POLICY = TenantPolicy()
DATA = params.data("tiny", Path(__file__).parents[2] / "params.yaml")
OPTIONS = {
    "als": als.AlsParams(n_factors=8),
    "item_neighbours": item_neighbours.ItemNeighboursParams(min_shoppers=1),
    "buy_again": buy_again.BuyAgainParams(),
    "popularity": popularity.PopularityParams(),
}
SOLD = table([Order("1", "u1", CUT_S - 9 * DAY_S, ("a",)), Order("2", "u1", CUT_S + DAY_S, ("b",))])


def catalogue(**from_days: float | None) -> pd.DataFrame:
    """Items with the days after the cut from which they are for sale; None = the catalogue does not say."""
    at = {
        item: None if days is None else pd.Timestamp(CUT_S + days * DAY_S, unit="s", tz="UTC")
        for item, days in from_days.items()
    }
    rows = [prepared_tables.item(0, item_id=item, available_from=from_s, tags=[]) for item, from_s in at.items()]
    return prepared_tables.items(rows).to_pandas()


@pytest.mark.parametrize(
    ("items", "known"),
    [
        ({"a": None, "b": None}, ["a"]),  # every item has an event: the catalogue was made from the log
        ({"a": None, "b": None, "unsold": None}, ["a", "b", "unsold"]),  # the shop's own catalogue, without dates
        ({"a": -20.0, "b": -1.0, "unsold": 3.0}, ["a", "b"]),
        ({"a": None, "b": 1.0}, ["a"]),
        ({"a": 5.0, "b": None}, ["a"]),  # sold before its date: then it was known
        ({}, []),
    ],
)
def test_the_catalogue_at_the_cut_has_what_was_known_then(items: dict[str, float | None], known: list[str]) -> None:
    assert known_before(catalogue(**items), SOLD, CUT_S)["item_id"].tolist() == known


@given(histories(), st.integers(0, 3))
def test_an_item_is_known_when_something_happens_to_it(orders: list[Order], n_unsold: int) -> None:
    lines = table(orders)
    sold = sorted(set(lines["item_id"]))
    items = catalogue(**dict.fromkeys([*sold, *(f"unsold{n}" for n in range(n_unsold))]))
    known_s = dict(zip(items["item_id"], known_since(items, lines), strict=True))
    assert all(known_s[item_id] <= known for item_id, known in zip(lines["item_id"], lines["known_s"], strict=True))


@given(histories(), st.sets(st.sampled_from(ITEMS)))
def test_items_that_nothing_happened_to_are_rows_and_change_nothing_else(orders: list[Order], hidden: set[str]) -> None:
    lines = table(orders)
    lines = lines[~lines["item_id"].isin(hidden)]
    bare, whole = Interactions.from_lines(lines, POLICY), Interactions.from_lines(lines, POLICY, ITEMS)
    assert whole.item_ids == sorted(ITEMS)
    assert [whole.item_ids[item] for item in whole.items] == [bare.item_ids[item] for item in bare.items]
    kept = np.isin(whole.item_ids, bare.item_ids)
    for with_all, without in zip(
        popularity.fit(whole, CUT_S, OPTIONS["popularity"]), popularity.fit(bare, CUT_S, OPTIONS["popularity"]), strict=True
    ):
        assert with_all[kept].tolist() == without.tolist()
        assert not with_all[~kept].any()


def shop() -> tuple[list[Order], list[str]]:
    """Orders of twelve shoppers, and the tenth of the items that is hidden from them."""
    random = np.random.default_rng(3)
    orders = [
        Order(f"o{n}", f"u{n % 12}", CUT_S - random.integers(1, 60) * DAY_S, tuple({f"i{n % 12 + k:02d}" for k in range(4)}))
        for n in range(200)
    ]
    return orders, [f"hidden{n}" for n in range(2)]


def test_a_tenth_of_the_items_hidden_from_training_are_rows_that_no_retriever_stumbles_over() -> None:
    orders, hidden = shop()
    known = Interactions.from_lines(table(orders), POLICY, hidden)
    items = BundleItems(known.item_ids)
    rows = items.rows_of(hidden)
    assert (rows >= 0).all()
    row = shopper_rows(replay(table(orders), CUT_S))["u1"]
    shopper = Shopper.from_row(row, items, CUT_S, POLICY.relative_weights())
    live = LiveItems()
    live_rows = live.rows_of(known.item_ids, create=True)
    view = ItemView(live.table, live_rows, live.n_feature_changes)
    by_deeds = [found for stage, options in OPTIONS.items() for found in FITS[stage].retrievers(known, CUT_S, options)]
    for retriever in by_deeds:
        scores = retriever.open(shopper, view)
        assert (scores.for_rows(rows) == 0.0).all(), retriever.name
        everything = np.ones(len(items), np.bool_)
        assert not set(scores.top(len(items), everything)[0].tolist()) & set(rows.tolist()), retriever.name


def test_items_without_interactions_take_no_place_of_a_factor_search() -> None:
    orders, _ = shop()
    known = Interactions.from_lines(table(orders), POLICY)
    many = Interactions.from_lines(table(orders), POLICY, [f"a{n:04d}" for n in range(500)])
    (few_items,), (many_items,) = (als.FIT.retrievers(each, CUT_S, OPTIONS["als"]) for each in (known, many))
    assert not many_items.factors[:500].any()
    vector = few_items.fold_in(np.array([0, 1], np.int32), np.ones(2, np.float32))
    found = FactorIndex(many_items.factors).nearest(vector, 500, None)
    assert sorted(many.item_ids[row] for row in found) == known.item_ids


def test_an_item_that_is_created_after_a_learning_cut_is_no_candidate_there() -> None:
    orders, _ = shop()
    items = catalogue(**dict.fromkeys(sorted({item for order in orders for item in order.item_ids}), -70.0), created=3.0)
    known_s = dict(zip(items["item_id"], known_since(items, table(orders)), strict=True))
    entries = examples.catalogue(items)
    known = Interactions.from_lines(table(orders), POLICY, items["item_id"])
    task = rolling.Task(known, entries, OPTIONS, 14 * DAY_S, share_of_negatives=1.0, seed=0, policy=POLICY, known_s=known_s)
    (moment,) = rolling.moments(table(orders), DATA, {CUT_S: ["u1"]})
    live = rolling.live_items_at(task, moment)
    shown = [item_id for item_id in items["item_id"] if live.get(item_id) is not None]
    assert shown == sorted(set(items["item_id"]) - {"created"})
