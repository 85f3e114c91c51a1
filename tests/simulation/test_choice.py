"""Shoppers choose as planted: by liking, price, place and season, and no item twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_simulation import choice
from recommndr_simulation.arrays import Ints
from recommndr_simulation.choice import BROWSE, COMPARE, TARGET
from recommndr_simulation.world import World
from tests.simulation.shops import SMALLEST

WORLD = World.plant(SMALLEST)
GOODS = WORLD.catalogue
EVERYONE = WORLD.shoppers.take(slice(None))
LAST_DAY = np.full(EVERYONE.n_shoppers, WORLD.calendar.n_days - 1)
NOON_S = np.full(EVERYONE.n_shoppers, WORLD.profile.end_s - 43_200)


def everything(n: int) -> Ints:
    return np.tile(np.arange(GOODS.n_items), (n, 1))


def test_a_liked_brand_raises_utility_and_a_disliked_one_lowers_it() -> None:
    value = choice.utility(WORLD, EVERYONE, everything(EVERYONE.n_shoppers), LAST_DAY)
    liked = (GOODS.brand[None, :, None] == EVERYONE.favourite_brands[:, None, :]).any(axis=2)
    disliked = GOODS.brand[None, :] == EVERYONE.disliked_brand[:, None]
    assert value[liked].mean() > value[~liked & ~disliked].mean() + 0.5
    assert value[disliked].mean() < value[~liked & ~disliked].mean() - 0.5


def test_a_price_at_ones_own_level_is_the_best_price() -> None:
    value = choice.utility(WORLD, EVERYONE, everything(EVERYONE.n_shoppers), LAST_DAY)
    off = np.abs(GOODS.price_z[None, :] - EVERYONE.price_level[:, None])
    strict = EVERYONE.price_strictness > np.median(EVERYONE.price_strictness)
    assert value[strict][off[strict] < 0.5].mean() > value[strict][off[strict] > 1.5].mean() + 0.5


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_a_slate_holds_items_of_its_leaf_on_sale_and_none_twice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    leaf, day = rng.integers(0, GOODS.n_leaves, 50), rng.integers(0, WORLD.calendar.n_days, 50)
    items, filled = choice.draw_slate(WORLD, leaf, day, rng)
    assert (GOODS.leaf[items] == leaf[:, None])[filled].all()
    assert choice.available(WORLD, items, day[:, None])[filled].all()
    for row, places in zip(items, filled, strict=True):
        assert len(set(row[places])) == places.sum()
        assert places[: places.sum()].all(), "filled places come first"


def test_looks_are_drawn_as_often_as_the_multinomial_logit_says() -> None:
    rng = np.random.default_rng(3)
    appeal = np.tile(np.array([0.0, 1.0, -0.5, 2.0], np.float32), (40_000, 1))
    filled = np.ones(appeal.shape, bool)
    filled[:, 1] = False
    first = choice.rank_looks(appeal, filled, 2, rng)[:, 0]
    weight = np.exp(appeal[0]) * filled[0]
    assert np.bincount(first, minlength=4) / len(first) == pytest.approx(weight / weight.sum(), abs=0.01)


def test_the_same_item_is_clicked_less_the_further_down_it_stands() -> None:
    who = EVERYONE.take(np.zeros(1, np.int64))
    on_sale = np.flatnonzero(choice.available(WORLD, np.arange(GOODS.n_items), LAST_DAY[0]))[:10]
    best_last = choice.click_probabilities(WORLD, who, on_sale[None, :], LAST_DAY[:1])[0]
    turned = choice.click_probabilities(WORLD, who, on_sale[None, ::-1], LAST_DAY[:1])[0][::-1]
    assert turned[-1] > best_last[-1]
    assert turned[0] < best_last[0]
    assert 0 < best_last.sum() < 1


def test_what_is_not_on_sale_is_never_clicked() -> None:
    day = np.zeros(1, np.int64)
    chances = choice.click_probabilities(WORLD, EVERYONE.take(np.zeros(1, np.int64)), everything(1), day)[0]
    gone = ~choice.available(WORLD, np.arange(GOODS.n_items), day[0])
    assert gone.any()
    assert (chances[gone] == 0).all()


def test_what_a_visit_is_for_and_liking_decide_about_the_cart() -> None:
    value = np.zeros(EVERYONE.n_shoppers, np.float32)
    chances = [
        choice.cart_probability(EVERYONE, value, np.full(len(value), intent), NOON_S).mean()
        for intent in (BROWSE, COMPARE, TARGET)
    ]
    assert chances == sorted(chances)
    better = choice.cart_probability(EVERYONE, value + 1, np.full(len(value), BROWSE), NOON_S)
    assert (better > choice.cart_probability(EVERYONE, value, np.full(len(value), BROWSE), NOON_S)).all()


def test_a_list_of_values_is_judged_as_each_value_alone() -> None:
    value = np.random.default_rng(0).normal(size=(EVERYONE.n_shoppers, 3)).astype(np.float32)
    intent = np.full(EVERYONE.n_shoppers, COMPARE)
    together = choice.cart_probability(EVERYONE, value, intent, NOON_S)
    alone = [choice.cart_probability(EVERYONE, column, intent, NOON_S) for column in value.T]
    assert together == pytest.approx(np.stack(alone, axis=1))


def test_missions_go_to_favourites_as_faithfully_as_planted() -> None:
    rng = np.random.default_rng(1)
    rows = np.tile(np.arange(EVERYONE.n_shoppers), 40)
    who = EVERYONE.take(rows)
    leaf = choice.draw_leaf(WORLD, who, np.full(len(rows), 3), rng)
    mine = (leaf[:, None] == who.favourite_leaves).any(axis=1)
    assert mine.mean() > EVERYONE.faithful.mean()
    assert mine.mean() < EVERYONE.faithful.mean() + 0.2
