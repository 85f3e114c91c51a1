"""The lists of one page in one call."""

from typing import Any

import httpx

from tests.engine.bundles import item_id
from tests.serving.shops import Shop, attribution_of, headers, ids, token


async def batch(shop: Shop, user_id: str = "anna", **asked: Any) -> httpx.Response:
    return await shop.client.post("/recommend/batch", json={"user_id": user_id} | asked, headers=headers(user_id))


async def page(shop: Shop, **asked: Any) -> list[dict[str, Any]]:
    response = await batch(shop, **asked)
    assert response.status_code == 200, response.text
    lists: list[dict[str, Any]] = response.json()["lists"]
    return lists


async def test_no_item_is_in_two_lists(shop: Shop) -> None:
    lists = await page(shop, lists=[{"k": 5}, {"k": 5}, {"k": 5, "scope": "discover"}])
    shown = [item for one in lists for item in ids(one)]
    assert len(shown) == len(set(shown)) == 15


async def test_the_first_list_is_what_recommend_answers(shop: Shop) -> None:
    first, *_ = await page(shop, lists=[{"k": 5}, {"k": 3}])
    alone = await shop.list_for(k=5)
    assert ids(first) == ids(alone)
    assert set(alone) - set(first) == {"took_ms"}


async def test_each_list_has_its_own_filters_and_all_share_the_visit(shop: Shop) -> None:
    rails = [
        {"k": 4, "filters": {"category": ["food", "bread"]}},
        {"k": 4, "filters": {"brand": "brand 0"}, "fields": ["brand"]},
    ]
    bread, brand = await page(shop, lists=rails, cart=[item_id(4)], viewed=[item_id(5)])
    assert all(int(item[1:]) % 2 for item in ids(bread))
    assert {item["brand"] for item in brand["items"]} == {"brand 0"}
    assert item_id(4) not in ids(brand)
    assert bread["user_profile"]["used"]["n_events"] == brand["user_profile"]["used"]["n_events"] == 4


async def test_each_list_is_attributed_and_logged_as_a_list_of_its_own(shop: Shop) -> None:
    first, second = await page(shop, lists=[{"k": 3}, {"k": 3}])
    assert first["request_id"] != second["request_id"]
    assert attribution_of(second).request_id == second["request_id"]
    logged = [answer for _, _, answer in shop.served.records]
    assert [(one.request_id, one.list_name) for one in logged] == [(one["request_id"], "recommend") for one in (first, second)]
    assert logged[1].asked == {"exclude": tuple(ids(first))}  # so that its candidates can be found again


async def test_a_page_reads_the_shopper_once(shop: Shop) -> None:
    before = shop.rows.n_asked
    await page(shop, lists=[{}, {}, {}])
    assert shop.rows.n_asked == before + 1


async def test_a_page_without_lists_or_with_too_many_is_refused(shop: Shop) -> None:
    for lists in ([], [{}] * 11):
        refused = await batch(shop, lists=lists)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "lists")


async def test_a_browser_asks_for_its_own_shopper_only(shop: Shop) -> None:
    as_anna = {"authorization": f"Bearer {token('anna')}", "x-recommndr-tenant": "grocer", "x-recommndr-user": "ben"}
    refused = await shop.client.post("/recommend/batch", json={"user_id": "ben", "lists": [{}]}, headers=as_anna)
    assert refused.status_code == 403
