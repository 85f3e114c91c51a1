"""What shoppers see through the edge: an event changes the next answer, what is sold out is gone, there is always an answer."""

import time
from collections.abc import Iterator

import httpx
import pytest

from recommndr.events import Line
from recommndr_native.installation import Installation
from recommndr_native.shop import Shop, purchase
from recommndr_training.shipping.held_out import baskets
from tests.e2e.observed import answered_in_full, kept_away
from tests.patience import PATIENCE_S, eventually, quickest

pytestmark = pytest.mark.e2e
TENANT = "grocer"
GONE_WITHIN_S = 2.0


@pytest.fixture
def household() -> str:
    return next(basket.user_id for basket in baskets("tiny"))


def test_an_event_changes_the_next_answer(shop: Shop, household: str) -> None:
    before = answered_in_full(shop, household)
    basket = next(basket for basket in baskets("tiny") if basket.user_id == household)
    shop.send(purchase(household, basket.lines))
    # The items' own counters may change first; the test waits for an answer that contains the event.
    eventually(lambda: shop.recommend(household).n_events == before.n_events + 1, "the event is known", every_s=0.05)
    assert answered_in_full(shop, household).item_ids != before.item_ids


def test_an_unknown_shopper_becomes_known_by_one_purchase(shop: Shop) -> None:
    assert shop.recommend("newcomer").n_events == 0
    bought = shop.recommend("newcomer").item_ids[0]
    shop.send(purchase("newcomer", [Line(item_id=bought)]))
    eventually(lambda: shop.recommend("newcomer").n_events == 1, "the purchase is in the row", every_s=0.05)
    eventually(lambda: bought in shop.recommend("newcomer", k=100).item_ids, "what was bought is offered again")


def answers(client: httpx.Client, household: str, item_id: str) -> dict[str, list[str]]:
    """Every list there is, by the question."""
    user = {"x-recommndr-user": household}
    asked = {
        "recommend": client.post("/recommend", json={"user_id": household, "k": 100}, headers=user),
        "unknown": client.post("/recommend", json={"user_id": "nobody", "k": 100}, headers={"x-recommndr-user": "nobody"}),
        "similar": client.get("/similar_items", params={"item_id": item_id, "k": 100}),
        "popular": client.get("/popular", params={"k": 100}),
    }
    return {name: [item["item_id"] for item in answer.raise_for_status().json()["items"]] for name, answer in asked.items()}


@pytest.fixture
def edge(installation: Installation) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {installation.keys.server_keys[TENANT]}", "x-recommndr-tenant": TENANT}
    with httpx.Client(base_url=installation.settings.envoy_url, headers=headers, trust_env=False, timeout=PATIENCE_S) as client:
        yield client


def test_an_item_made_unavailable_is_in_no_answer_two_seconds_later(edge: httpx.Client, shop: Shop, household: str) -> None:
    def offered(item_id: str, similar_to: str) -> bool:
        return any(item_id in found for found in answers(edge, household, similar_to).values())

    def until_gone_s() -> float:
        sold_out, *others = answered_in_full(shop, household).item_ids
        assert offered(sold_out, others[0])
        shop.set_available(sold_out, False)
        began_s = time.monotonic()
        for other in others[:3]:
            eventually(lambda other=other: not offered(sold_out, other), "it is gone")
        took_s = time.monotonic() - began_s
        shop.set_available(sold_out, True)
        eventually(lambda: sold_out in shop.recommend(household, k=100).item_ids, "it is back")
        return took_s

    quickest(until_gone_s, within_s=GONE_WITHIN_S, tries=5)


def test_without_redis_there_is_still_an_answer_and_it_says_so(installation: Installation, shop: Shop, household: str) -> None:
    seen = set()

    def without_the_row() -> bool:
        seen.add(shop.recommend(household).ladder)
        return "no_user_features" in seen

    kept_away(installation, "redis", without_the_row)
    seen |= {shop.recommend(household).ladder for _ in range(100)}
    assert seen <= {"full", "no_user_features"}
    eventually(lambda: shop.recommend(household).ladder == "full", "personal again")


def test_while_the_slot_that_serves_is_killed_the_other_one_answers_in_full(
    installation: Installation, shop: Shop, household: str
) -> None:
    serving = answered_in_full(shop, household)
    installation.kill("blue")
    answers = [shop.recommend(household) for _ in range(100)]  # raises for anything but an answer
    assert {(one.ladder, one.model_version) for one in answers} == {("full", serving.model_version)}
    eventually(lambda: installation.is_ready("blue"), "the slot is back")
    assert answered_in_full(shop, household).model_version == serving.model_version
