"""`/similar_items`, `/frequently_bought_together`, `/popular`, `/items`, health, metrics and `/models`."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.attribution import digest
from recommndr.features import item, segment
from recommndr.features.action import PURCHASE
from recommndr.features.decay import one
from recommndr_engine.filters import ItemFilters
from recommndr_engine.live_items import LiveItems
from recommndr_serving.http import cursor
from recommndr_serving.live.id_order import IdOrder
from recommndr_serving.live.item_pages import ItemPages
from tests.engine.bundles import N_ITEMS, NOW, catalog_item, item_id
from tests.serving.shops import Shop, attribution_of, headers, ids, open_shop, token


async def get(shop: Shop, path: str, **query: Any) -> dict[str, Any]:
    response = await shop.client.get(path, params=query, headers=headers())
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize(("by", "camp"), [("als", {0}), ("neighbours", {0, 1}), ("blend", {0, 1})])
async def test_similar_items_are_of_the_same_camp_or_bought_by_the_same_shoppers(shop: Shop, by: str, camp: set[int]) -> None:
    answer = await get(shop, "/similar_items", item_id=item_id(4), k=5, by=by)
    assert {int(name[1:]) % 2 for name in ids(answer)} <= camp
    assert item_id(4) not in ids(answer)
    assert answer["method_used"] == f"similar_{by}"
    if by == "neighbours":
        assert ids(answer) == [item_id(5), item_id(6), item_id(7)]


async def test_an_item_newer_than_the_bundle_gets_what_sells_in_its_category(shop: Shop) -> None:
    shop.grocer.items.apply_catalog({"new": catalog_item(1, item_id="new")})
    answer = await get(shop, "/similar_items", item_id="new", k=3)
    assert ids(answer) == [item_id(1), item_id(3), item_id(5)]
    assert answer["ladder"] == "contextual_popularity"


async def test_similar_items_without_a_bundle_are_what_can_be_had() -> None:
    async with open_shop(bundle=None) as shop:
        answer = await get(shop, "/similar_items", item_id=item_id(4), k=3)
        assert answer["ladder"] == "static"
        assert item_id(4) not in ids(answer)


async def test_items_bought_together_come_with_their_evidence_and_price(shop: Shop) -> None:
    answer = await get(shop, "/frequently_bought_together", item_id=item_id(4), k=5, fields="price_minor")
    assert ids(answer) == [item_id(5), item_id(6)]
    assert (answer["method_used"], answer["ladder"]) == ("bought_together", "full")
    first = answer["items"][0]
    assert (first["sources"], first["reason"]) == (["bought_together"], "Often bought together")
    evidence = first["evidence"]
    assert (evidence["with_item_id"], evidence["baskets"], evidence["share"]) == (item_id(4), 5, 0.5)
    low, high = evidence["lift_interval"]
    assert 1.0 < low < evidence["lift"] < high
    prices = [price_of(shop, item_id(n)) for n in (4, 5, 6)]
    assert answer["bundle"] == {"item_ids": [item_id(4), item_id(5), item_id(6)], "price_minor": sum(prices), "currency": "EUR"}


def price_of(shop: Shop, name: str) -> int:
    known = shop.grocer.items.get(name)
    assert known is not None
    assert known.price_minor is not None
    return known.price_minor


async def test_what_goes_with_a_whole_cart_goes_with_most_of_it_and_is_none_of_it(shop: Shop) -> None:
    answer = await get(shop, "/frequently_bought_together", item_id=[item_id(4), item_id(5)], k=5)
    assert ids(answer) == [item_id(6), item_id(7)]  # 6 goes with both
    assert answer["items"][0]["score"] == pytest.approx(0.8)
    assert answer["items"][0]["evidence"]["with_item_id"] == item_id(5)


async def test_without_evidence_the_list_has_similar_items_and_no_bundle(shop: Shop) -> None:
    answer = await get(shop, "/frequently_bought_together", item_id=item_id(N_ITEMS - 1), k=3)
    assert answer["method_used"] == "similar_blend"
    assert len(ids(answer)) == 3
    assert answer["bundle"] is None
    assert not any("evidence" in entry for entry in answer["items"])


async def test_a_bundle_without_a_price_has_none(shop: Shop) -> None:
    shop.grocer.items.apply_catalog({item_id(5): catalog_item(5, price_minor=None)})
    answer = await get(shop, "/frequently_bought_together", item_id=item_id(4))
    assert (answer["bundle"]["price_minor"], answer["bundle"]["currency"]) == (None, None)


async def test_an_item_newer_than_the_bundle_goes_with_what_sells_in_its_category(shop: Shop) -> None:
    shop.grocer.items.apply_catalog({"new": catalog_item(1, item_id="new")})
    answer = await get(shop, "/frequently_bought_together", item_id="new", k=3)
    assert ids(answer) == [item_id(1), item_id(3), item_id(5)]
    assert answer["ladder"] == "contextual_popularity"


async def test_a_cart_that_nobody_knows_is_a_404_and_one_known_item_is_enough(shop: Shop) -> None:
    path = "/frequently_bought_together"
    assert (await shop.client.get(path, params={"item_id": "nowhere"}, headers=headers())).status_code == 404
    answer = await get(shop, path, item_id=["nowhere", item_id(4)])
    assert ids(answer) == [item_id(5), item_id(6)]


LISTS = {
    "popular": "/popular?k=3",
    "trending": "/trending?k=3",
    "similar_items": f"/similar_items?item_id={item_id(4)}&k=3",
    "frequently_bought_together": f"/frequently_bought_together?item_id={item_id(4)}&k=3",
}


@pytest.mark.parametrize(("name", "path"), LISTS.items())
async def test_every_list_has_a_token_for_the_shopper_it_is_shown_to(shop: Shop, name: str, path: str) -> None:
    from_server = await shop.client.get(path, headers={**headers(), "x-recommndr-user": "änna".encode()})
    from_browser = await shop.client.get(path, headers=headers("anna", key=token("anna")))
    assert [user_id for _, user_id, _ in shop.served.records] == ["änna", "anna"]
    for shopper, response in (("änna", from_server), ("anna", from_browser)):
        answer = response.json()
        attribution = attribution_of(answer, shopper)
        assert (attribution.request_id, attribution.list_name) == (answer["request_id"], name)
        assert attribution.items == digest(ids(answer))


@pytest.mark.parametrize("path", LISTS.values())
async def test_a_list_for_nobody_known_has_no_token(shop: Shop, path: str) -> None:
    assert (await shop.client.get(path, headers=headers())).json()["attribution"] is None
    assert shop.served.records == []
    refused = await shop.client.get(path, headers=headers("u" * 129))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "x-recommndr-user")


async def test_popular_items_of_all_and_of_a_category(shop: Shop) -> None:
    assert ids(await get(shop, "/popular", k=3)) == [item_id(0), item_id(1), item_id(2)]
    assert ids(await get(shop, "/popular", k=2, category=["food", "bread"])) == [item_id(1), item_id(3)]
    assert ids(await get(shop, "/popular", k=2, category="food")) == [item_id(0), item_id(1)]
    for nowhere in ("shoes", "bread", ["bread", "food"], ["food", "bread", "white"]):
        assert ids(await get(shop, "/popular", category=nowhere)) == []


async def test_popular_items_are_those_of_the_shoppers_place_where_it_is_known(shop: Shop) -> None:
    answer = await get(shop, "/popular", k=3, country="DE")
    assert ids(answer) == [item_id(1), item_id(3), item_id(5)]  # bread sells better there
    assert (answer["method_used"], answer["ladder"]) == ("segment_popularity", "full")
    assert ids(await get(shop, "/popular", k=3, country="FR")) == [item_id(0), item_id(1), item_id(2)]


async def test_popular_items_of_a_place_are_those_of_now_once_live_counters_say_enough(shop: Shop) -> None:
    bought = segment.to_bytes(segment.fold(segment.EMPTY, PURCHASE, NOW.timestamp() - 60.0, 50.0))
    shop.grocer.items.apply_segments(["country=DE"], [item_id(30)], [bought])
    answer = await get(shop, "/popular", k=3, country="DE")
    assert (answer["method_used"], answer["ladder"]) == ("segment_popularity_now", "full")
    first = answer["items"][0]
    assert (first["item_id"], first["sources"]) == (item_id(30), ["segment_popularity_now"])
    assert first["reason"] == "Popular where you are"
    assert len(ids(answer)) == 3
    assert (await get(shop, "/popular", k=3, country="AT"))["method_used"] == "segment_popularity"  # the bundle's day


async def test_popular_items_follow_brand_and_price(shop: Shop) -> None:
    assert ids(await get(shop, "/popular", k=2, brand="brand 3")) == [item_id(3), item_id(7)]
    assert ids(await get(shop, "/popular", k=2, price_min=110, price_max=111)) == [item_id(10), item_id(11)]


async def test_what_rises_comes_first_and_best_sellers_follow(shop: Shop) -> None:
    now_s = NOW.timestamp()
    seen = item.ItemState(now_s - 60.0, {PURCHASE: one(now_s - 60.0, 50.0)})
    shop.grocer.items.apply_features([item_id(30)], [item.to_bytes(seen)])
    answer = await get(shop, "/trending", k=3)
    assert ids(answer)[0] == item_id(30)
    assert (answer["method_used"], answer["items"][0]["sources"]) == ("trending", ["trending"])
    assert len(ids(answer)) == 3


async def test_a_category_is_its_path_so_shoes_for_men_are_not_shoes_for_women(shop: Shop) -> None:
    for n, root in ((4, "Men"), (5, "Women"), (6, "Men")):
        shop.grocer.items.apply_catalog({item_id(n): catalog_item(n, category_path=(root, "Shoes"))})
    for path, numbers in ((["Men", "Shoes"], (4, 6)), (["Women", "Shoes"], (5,)), ("Men", (4, 6)), ("Shoes", ())):
        wanted = [item_id(n) for n in numbers]
        for endpoint in ("/popular", "/items", "/search"):
            assert ids(await get(shop, endpoint, category=path)) == wanted
        query = {"user_id": "anna", "category": path}
        answer = await shop.client.get("/recommend", params=query, headers=headers("anna"))
        assert ids(answer.json()) == wanted
        filters = {"category": [path] if isinstance(path, str) else path}
        assert ids(await shop.list_for(filters=filters)) == wanted
    shop.grocer.items.apply_catalog({"new": catalog_item(4, item_id="new", category_path=("Women", "Shoes"))})
    assert ids(await get(shop, "/similar_items", item_id="new")) == [item_id(5)]


WITH_ITEM_1 = [
    "/similar_items?item_id=i00&k=100",
    "/frequently_bought_together?item_id=i00",
    "/popular?k=100",
    "/items?limit=100",
]


@pytest.mark.parametrize("path", WITH_ITEM_1)
async def test_what_cannot_be_had_is_in_no_list(shop: Shop, path: str) -> None:
    shop.grocer.items.apply_availability({item_id(2): False})
    response = await shop.client.get(path, headers=headers())
    assert item_id(2) not in ids(response.json())
    assert item_id(1) in ids(response.json())


async def test_the_catalogue_in_pages_is_the_whole_catalogue(shop: Shop) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await get(shop, "/items", limit=7, cursor=cursor)
        seen += ids(page)
        cursor = page["next_cursor"]
    assert seen == sorted(item_id(n) for n in range(N_ITEMS))


async def test_ids_as_long_as_ids_may_be_are_paged_and_found(shop: Shop) -> None:
    longest = ["x" * 127 + end for end in "ab"]
    shop.grocer.items.apply_catalog({one: catalog_item(0).model_copy(update={"item_id": one}) for one in [*longest, "SKU/12"]})
    page = await get(shop, "/items", limit=100)
    assert longest[0] in ids(page)
    first = await get(shop, "/items", limit=len(ids(page)) - 1)
    assert ids(await get(shop, "/items", limit=7, cursor=first["next_cursor"])) == longest[1:]
    assert (await get(shop, "/items/SKU%2F12"))["item_id"] == "SKU/12"


async def test_the_catalogue_by_brand_price_and_words(shop: Shop) -> None:
    page = await get(shop, "/search", brand="brand 2", price_min=110, price_max=130, q="milk 1")
    assert ids(page) == [item_id(n) for n in (10, 14, 18)]
    page = await get(shop, "/search", brand="brand 2", price_min=110, price_max=130, q="MILK num")
    assert ids(page) == [item_id(n) for n in (10, 14, 18, 22, 26, 30)]
    assert page["items"][0]["title"] == "Milk number 10"


async def test_one_item_says_whether_it_can_be_had(shop: Shop) -> None:
    shop.grocer.items.apply_availability({item_id(3): False})
    assert (await get(shop, f"/items/{item_id(3)}"))["available"] is False
    assert (await get(shop, f"/items/{item_id(4)}"))["available"] is True


numbers = st.lists(st.integers(0, 60), max_size=40)


@given(numbers, numbers, st.integers(1, 10))
def test_pages_hold_every_item_once_whatever_came_and_went(came: list[int], went: list[int], limit: int) -> None:
    live = LiveItems(capacity=2)
    pages = ItemPages(live, IdOrder(live))
    for n in came:
        live.apply_catalog({item_id(n): catalog_item(n)})
        pages.page(ItemFilters(), "", 1, NOW.timestamp())
    for n in went:
        live.apply_catalog({item_id(n): None})
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = pages.page(ItemFilters(), after, limit, NOW.timestamp())
        seen += [item.item_id for item in page.items]
        after = page.items[-1].item_id if page.more else None
    assert seen == sorted(item_id(n) for n in set(came) - set(went))


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable()))
def test_a_cursor_survives_its_text(item_id: str) -> None:
    assert cursor.read(cursor.written(item_id)) == item_id


async def test_a_slot_is_live_at_once_and_ready_when_nothing_is_awaited(shop: Shop) -> None:
    assert (await shop.client.get("/health/live")).status_code == 200
    assert (await shop.client.get("/health/ready")).status_code == 200


async def test_models_says_what_answers_the_tenant(shop: Shop) -> None:
    answer = await get(shop, "/models")
    serving = shop.grocer.serving
    assert serving is not None
    assert (answer["tenant"], answer["version"], answer["model_version"]) == ("grocer", serving.placement.version, 1)
    assert answer["since"] == NOW.isoformat()
    assert answer["release"]["weights"] == {"blue": 10_000, "green": 0}
    assert answer["metrics"]["all.methods.ranker.ndcg@10"] == 0.3


async def test_metrics_and_assignments_are_for_this_machine_not_for_the_edge(shop: Shop) -> None:
    await shop.recommend()
    inside: httpx.Response = await shop.client.get("/metrics")
    assert 'recommndr_serving_answers_total{endpoint="/recommend",ladder="full",tenant="grocer"} 1.0' in inside.text
    assert f'recommndr_serving_items{{tenant="grocer"}} {N_ITEMS}.0' in inside.text
    held = (await shop.client.get("/slot")).json()["tenants"]["grocer"]
    assert held["model_version"] == 1
    assert held["quality"] == {"metric": "ndcg@10", "value": 0.3, "low": 0.2, "high": None}
    for path in ("/metrics", "/slot"):
        assert (await shop.client.get(path, headers={"x-forwarded-proto": "https"})).status_code == 404
