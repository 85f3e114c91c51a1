"""What a request tells of the visit counts at once, before any event arrives."""

from recommndr.features import shopper
from recommndr.tenancy import TenantPolicy
from recommndr_engine.visit import Visit
from tests.engine.bundles import NOW, item_id
from tests.serving.shops import Shop, ids

COUNTING = TenantPolicy().counting
NOBODY = shopper.read({})


async def test_what_is_in_the_cart_is_not_in_the_list(shop: Shop) -> None:
    first = ids(await shop.list_for(k=20))[0]
    assert first not in ids(await shop.list_for(k=20, cart=[first]))


async def test_a_shopper_without_a_history_gets_a_list_by_what_was_viewed(shop: Shop) -> None:
    before = await shop.list_for("stranger")
    after = await shop.list_for("stranger", viewed=[item_id(10), item_id(11)])
    assert before["method_used"] == "popularity"
    assert after["method_used"] == "ranker"
    assert after["ladder"] == "full"
    assert after["user_profile"]["stored"]["n_events"] == 0
    assert after["user_profile"]["used"]["n_events"] == 2


async def test_the_visit_is_in_the_log_of_answers_so_that_its_inputs_can_be_computed_again(shop: Shop) -> None:
    await shop.list_for(viewed=[item_id(3)], cart=[item_id(4)])
    assert shop.served.records[-1][2].asked == {"viewed": (item_id(3),), "cart": (item_id(4),)}


async def test_an_endless_cart_is_refused(shop: Shop) -> None:
    answer = await shop.recommend(cart=[f"i{n}" for n in range(101)])
    assert answer.status_code == 400
    assert "cart" in answer.text


def test_the_newest_item_is_the_first_and_the_cart_is_newer_than_views() -> None:
    row = Visit(viewed=("a", "b"), cart=("c",)).added_to(NOBODY, NOW.timestamp(), COUNTING)
    assert row.recent_item_ids == ["c", "a", "b"]
    assert row.recent_at_s[0] == NOW.timestamp()


def test_without_a_visit_the_row_is_the_stored_one() -> None:
    assert Visit().added_to(NOBODY, NOW.timestamp(), COUNTING) is NOBODY
