"""What is noted of an answer: an unbiased draw of what the ranker saw, and in a sample all places."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from recommndr.features import shopper
from recommndr.served_answer import ServedAnswer
from recommndr_engine.columns import NAMES
from recommndr_engine.list_request import ListRequest
from recommndr_engine.retrievers import BY_NAME
from recommndr_serving.http.answers import Issue
from recommndr_serving.http.requests import RecommendRequest
from recommndr_serving.live.served_record import served_record
from recommndr_serving.recommend import Outcome
from tests.engine.bundles import N_ITEMS, NOW, item_id
from tests.serving.shops import GROCER, Shop, ids

ASKED = RecommendRequest(user_id="anna", k=N_ITEMS)


def noted(shop: Shop) -> ServedAnswer:
    return shop.served.records[-1][2]


@pytest.fixture
async def outcome(shop: Shop) -> Outcome:
    """A list of all candidates, as the slot makes it."""
    await shop.list_for(k=N_ITEMS)
    serving = shop.slot.tenants[GROCER].serving
    assert serving is not None
    row = shopper.read(shop.rows.rows[GROCER, "anna"])
    ranked = serving.pipeline.recommend(row, ListRequest(N_ITEMS), NOW.timestamp())
    return Outcome([], "ranker", "full", NOW.timestamp(), serving, ranked)


def record(outcome: Outcome, request_id: str) -> ServedAnswer:
    return served_record(Issue("anna", request_id, "recommend", NOW.timestamp()), ASKED, outcome)


def request_ids(n: int) -> list[str]:
    random = np.random.default_rng(3)
    return [UUID(bytes=random.bytes(16), version=4).hex for _ in range(n)]


async def test_the_candidate_comes_with_its_own_inputs_and_score(shop: Shop) -> None:
    answer = await shop.list_for(k=N_ITEMS, explain="inputs")
    one = noted(shop)
    (place,) = [item for item in answer["items"] if item["item_id"] == one.drawn_item_id]
    assert one.drawn_inputs is not None
    assert one.columns == NAMES
    assert one.retrievers == tuple(BY_NAME)
    assert one.drawn_score == place["score"]
    assert [None if np.isnan(x) else x for x in one.drawn_inputs.tolist()] == list(place["explanation"]["inputs"].values())


def test_every_candidate_is_drawn_as_often_as_any_other(outcome: Outcome) -> None:
    assert outcome.ranked is not None
    n, n_draws = outcome.ranked.n_candidates, 8_000
    drawn = Counter(record(outcome, one).drawn_item_id for one in request_ids(n_draws))
    assert len(drawn) == n
    expected = n_draws / n
    chi_squared = sum((found - expected) ** 2 / expected for found in drawn.values())
    assert chi_squared < n + 4.0 * np.sqrt(2.0 * n)  # mean and deviation of a fair draw's


def test_the_sample_of_whole_lists_is_one_in_a_hundred_and_says_nothing_about_the_draw(outcome: Outcome) -> None:
    made = [record(outcome, one) for one in request_ids(20_000)]
    whole = [one for one in made if one.shown_inputs is not None]
    assert 130 <= len(whole) <= 270
    assert outcome.ranked is not None
    assert np.array_equal(whole[0].shown_inputs, outcome.ranked.inputs, equal_nan=True)
    assert len({one.drawn_item_id for one in whole}) > 0.8 * outcome.ranked.n_candidates


def test_the_same_answer_has_the_same_record(outcome: Outcome) -> None:
    (one,) = request_ids(1)
    assert record(outcome, one).to_bytes() == record(outcome, one).to_bytes()


async def test_a_record_does_not_keep_all_candidates_inputs_alive(shop: Shop) -> None:
    await shop.list_for(k=2)
    inputs = noted(shop).drawn_inputs
    assert inputs is not None and inputs.base is None


async def test_what_the_request_narrows_is_noted_and_nothing_usual(shop: Shop) -> None:
    await shop.list_for(k=2)
    assert noted(shop).asked == {}
    await shop.list_for(k=2, exclude=[item_id(10)], filters={"category": ["food"]}, context={"country": "PT"})
    narrowed = {"exclude": (item_id(10),), "filters": {"category": ("food",)}, "context": {"country": "PT"}}
    assert noted(shop).asked == narrowed


async def test_a_list_without_a_ranker_draws_nothing(shop: Shop) -> None:
    answer = await shop.list_for("nobody-known", k=3)
    one = noted(shop)
    assert list(one.item_ids) == ids(answer)
    assert (one.drawn_item_id, one.drawn_inputs, one.columns) == (None, None, ())


async def test_whom_the_list_is_for_is_noted_as_the_list_took_it(shop: Shop) -> None:
    await shop.list_for(k=2, context={"country": "PT", "device": "phone"})
    one = noted(shop)
    assert (one.country, one.device) == ("PT", "phone")
    assert one.n_events == shopper.read(shop.rows.rows[GROCER, "anna"]).n_events > 0
    await shop.list_for("nobody-known", k=2)
    assert (noted(shop).country, noted(shop).n_events) == (None, 0)


def test_the_drawn_ones_chance_is_one_in_those_that_the_ranker_scored(outcome: Outcome) -> None:
    assert outcome.ranked is not None and outcome.ranked.ranked is not None
    scored = outcome.ranked.ranked
    few = replace(scored, rows=scored.rows[:3], scores=scored.scores[:3], inputs=scored.inputs[:3])
    made = record(replace(outcome, ranked=replace(outcome.ranked, ranked=few)), request_ids(1)[0])
    assert made.n_candidates == 3
