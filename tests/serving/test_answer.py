"""The recommender's answers, without HTTP: routes only translate."""

import pytest

from recommndr.identity import UserId
from recommndr_serving.http.requests import PopularQuery, RecommendRequest, SimilarQuery
from recommndr_serving.recommend import Recommender, UnknownItem
from tests.engine.bundles import NOW, item_id
from tests.serving.shops import Shop, ids


class GaveUp(Exception):
    """The caller no longer waits."""


@pytest.fixture
def recommender(shop: Shop) -> Recommender:
    return Recommender(shop.rows, shop.slot.metrics, shop.slot.now)


async def test_the_same_list_as_over_http(shop: Shop, recommender: Recommender) -> None:
    outcome = await recommender.answer(shop.grocer, RecommendRequest(user_id=UserId("anna"), k=5))
    assert [each.item_id for each in outcome.recommendations] == ids(await shop.list_for(k=5))
    assert (outcome.step, outcome.method, outcome.arm, outcome.at_s) == ("full", "ranker", "stable", NOW.timestamp())
    assert outcome.profile.stored is not None


async def test_a_caller_who_gave_up_costs_no_read_and_keeps_no_turn(shop: Shop, recommender: Recommender) -> None:
    async def gone() -> None:
        raise GaveUp

    asked = RecommendRequest(user_id=UserId("anna"))
    for _ in range(20):
        with pytest.raises(GaveUp):
            await recommender.answer(shop.grocer, asked, gone)
    assert shop.rows.n_asked == 0
    assert (await recommender.answer(shop.grocer, asked)).step == "full"


async def test_lists_without_a_shopper_ask_for_no_row_and_have_no_profile(shop: Shop, recommender: Recommender) -> None:
    for asked in (PopularQuery(k=3), SimilarQuery(item_id=item_id(4))):  # type: ignore[arg-type]
        outcome = await recommender.answer(shop.grocer, asked)
        assert outcome.recommendations
        assert outcome.profile.stored is None
    assert shop.rows.n_asked == 0


async def test_similar_items_of_an_unknown_item_are_refused_by_name(shop: Shop, recommender: Recommender) -> None:
    with pytest.raises(UnknownItem, match="nowhere"):
        await recommender.answer(shop.grocer, SimilarQuery(item_id="nowhere"))  # type: ignore[arg-type]
