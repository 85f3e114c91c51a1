"""The oracle knows the planted truth: nothing else comes near, and it knows how often things happen."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from recommndr.events import KIND_CODE
from recommndr_engine.list_metrics import ndcg_at_k
from recommndr_simulation import choice, generation
from recommndr_simulation.arrays import Doubles
from recommndr_simulation.history import history_of
from recommndr_simulation.moves import KIND_NAMES
from recommndr_simulation.oracle import Oracle, Question, oracle_ndcg, oracle_top_k
from recommndr_simulation.titles import item_ids, user_ids
from recommndr_simulation.world import World
from tests.simulation.shops import TINY

DAY_S = 86_400.0
HORIZON_S = 20 * DAY_S
LOOKS = Question(TINY.end_s - HORIZON_S, HORIZON_S, purchases=False)
PURCHASES = Question(TINY.end_s - HORIZON_S, HORIZON_S, purchases=True)


def relevant_items(lines: pd.DataFrame, question: Question) -> dict[str, list[str]]:
    """Items by user id of events in `lines` within the horizon."""
    kinds = ("purchase",) if question.purchases else ("view", "click")
    inside = (lines["at_s"] >= question.at_s) & (lines["at_s"] < question.at_s + question.horizon_s) & lines["kind"].isin(kinds)
    by_user = lines[inside].groupby("user_id")["item_id"].unique()
    return {str(user): [str(item) for item in items] for user, items in by_user.items()}


@dataclass(frozen=True)
class Shop:
    world: World
    lines: pd.DataFrame
    items: list[str]
    users: list[str]


@pytest.fixture(scope="module")
def shop() -> Shop:
    world = World.plant(TINY)
    chunks = [
        generation.lines_of_chunk(world, chunk, generation.mean_returns(world)) for chunk in range(generation.n_chunks(world))
    ]
    raw = np.concatenate(chunks)
    action = (raw["item"] >= 0) & (raw["kind"] != KIND_CODE["impression"]) & ~raw["guest"]
    raw = raw[action & (raw["user"] < world.shoppers.n_shoppers)]
    users, items = user_ids(world.shoppers.n_shoppers).to_pylist(), item_ids(world.catalogue).to_pylist()
    lines = pd.DataFrame(
        {
            "user_id": np.array(users)[raw["user"]],
            "item_id": np.array(items)[raw["item"]],
            "kind": np.array(KIND_NAMES)[raw["kind"]],
            "at_s": raw["at_us"] / 1e6,
        }
    )
    return Shop(world, lines, items, users)


def ndcg(lists: list[list[str]], relevant: dict[str, list[str]]) -> Doubles:
    hits = np.array([[item in wanted for item in row] for row, wanted in zip(lists, relevant.values(), strict=True)])
    return ndcg_at_k(hits, np.array([len(wanted) for wanted in relevant.values()]), 10)


@pytest.mark.parametrize("question", [LOOKS, PURCHASES], ids=["looks", "purchases"])
def test_the_oracle_is_far_above_popularity_and_chance(shop: Shop, question: Question) -> None:
    relevant = relevant_items(shop.lines, question)
    past = shop.lines[shop.lines["at_s"] < question.at_s]
    best_sellers = past["item_id"].value_counts().index[:10].tolist()
    rng = np.random.default_rng(0)
    by_chance = [rng.choice(shop.items, 10, replace=False).tolist() for _ in relevant]
    oracle = oracle_ndcg(shop.world, shop.lines, relevant, question).mean()
    assert oracle > 2 * ndcg([best_sellers] * len(relevant), relevant).mean()
    assert oracle > 8 * ndcg(by_chance, relevant).mean()


@pytest.mark.parametrize("seed", range(3))
def test_the_likings_of_somebody_else_are_no_oracle(shop: Shop, seed: int) -> None:
    relevant = relevant_items(shop.lines, LOOKS)
    order = np.random.default_rng(seed).permutation(shop.world.shoppers.n_shoppers)
    shuffled = replace(shop.world, shoppers=shop.world.shoppers.take(order))
    past = shop.lines[shop.lines["at_s"] < LOOKS.at_s]
    best_sellers = past["item_id"].value_counts().index[:10].tolist()
    nothing_known = shop.lines[:0]
    planted = oracle_ndcg(shop.world, nothing_known, relevant, LOOKS).mean()
    of_others = oracle_ndcg(shuffled, nothing_known, relevant, LOOKS).mean()
    assert planted > 1.5 * of_others
    assert of_others < 1.5 * ndcg([best_sellers] * len(relevant), relevant).mean()


def test_what_is_known_of_the_past_helps(shop: Shop) -> None:
    relevant = relevant_items(shop.lines, PURCHASES)
    with_past = oracle_ndcg(shop.world, shop.lines, relevant, PURCHASES).mean()
    assert with_past > oracle_ndcg(shop.world, shop.lines[:0], relevant, PURCHASES).mean()


def test_the_oracle_reads_nothing_of_the_time_it_is_asked_about(shop: Shop) -> None:
    wanted = (shop.users[:50], shop.items)
    past = shop.lines[shop.lines["at_s"] < LOOKS.at_s]
    with_future = oracle_top_k(shop.world, shop.lines, wanted, LOOKS, 10)
    assert np.array_equal(with_future, oracle_top_k(shop.world, past, wanted, LOOKS, 10))


def test_rows_are_those_of_the_ids_that_were_given(shop: Shop) -> None:
    backwards = shop.items[::-1]
    asked = [*shop.users[:5], "a stranger"]
    forth = oracle_top_k(shop.world, shop.lines, (asked, shop.items), LOOKS, 4)
    back = oracle_top_k(shop.world, shop.lines, (asked, backwards), LOOKS, 4)
    assert (forth[-1] == -1).all()
    for row, other in zip(forth[:-1], back[:-1], strict=True):
        assert [shop.items[i] for i in row] == [backwards[i] for i in other]


def test_expected_looks_are_as_many_as_there_really_are(shop: Shop) -> None:
    """By item, over all shoppers: the planted expectation predicts the counts of the log, up to their scale."""
    users, items = pd.Index(shop.users), pd.Index(shop.items)
    oracle = Oracle(shop.world, history_of(shop.lines[:0], users, items))
    whole = Question(TINY.end_s - 30 * DAY_S, 30 * DAY_S, purchases=False)
    expected = oracle.expectation(np.arange(len(users)), whole).sum(axis=0)
    inside = shop.lines[(shop.lines["at_s"] >= whole.at_s) & shop.lines["kind"].isin(("view", "click"))]
    seen = np.bincount(items.get_indexer(pd.Index(inside["item_id"])), minlength=len(items))
    rows = np.arange(len(items))
    days = (TINY.days - 30, TINY.days - 1)
    on_sale = np.logical_and.reduce([choice.available(shop.world, rows, np.full(len(rows), day)) for day in days])
    assert np.corrcoef(expected[on_sale], seen[on_sale])[0, 1] > 0.9
    assert expected[on_sale].sum() == pytest.approx(seen[on_sale].sum(), rel=0.5)
