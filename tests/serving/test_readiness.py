"""What a slot answers before it has read the shop: a list that it can give, and never an empty or a static one too early."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.engine.bundles import WrittenBundle, catalog_item, item_id
from tests.serving.shops import BOOKS_KEY, Shop, headers, ids, open_shop

TAILS, RELEASES = "tails", "releases"
LISTS = [("POST", "/recommend"), ("GET", "/recommend?user_id=anna"), ("GET", f"/similar_items?item_id={item_id(4)}")]
LISTS += [("GET", "/popular")]


def awaiting(shop: Shop, *awaited: str) -> None:
    waits_for(shop, lambda: list(awaited))


def waits_for(shop: Shop, awaited: Callable[[], list[str]]) -> None:
    state = shop.client._transport.app.state  # type: ignore[attr-defined]
    state.slot = replace(shop.slot, awaited=awaited)


async def ask(shop: Shop, method: str, path: str, **more: Any) -> httpx.Response:
    body = {"user_id": "anna"} if method == "POST" else None
    named = headers("anna" if path.startswith("/recommend") else None) | more
    return await shop.client.request(method, path, json=body, headers=named)


def assert_not_ready(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "ask again" in answer.json()["detail"]


async def test_what_is_awaited_is_named(shop: Shop) -> None:
    awaiting(shop, TAILS)
    response = await shop.client.get("/health/ready")
    assert (response.status_code, response.json()["awaited"]) == (503, [TAILS])


@pytest.mark.parametrize("path", ["/items/nowhere", "/items", "/search", "/similar_items?item_id=nowhere"])
async def test_a_part_of_the_catalogue_never_passes_for_the_whole(shop: Shop, path: str) -> None:
    awaiting(shop, TAILS)
    assert_not_ready(await ask(shop, "GET", path))


@pytest.mark.parametrize("stocked", [False, True])
@pytest.mark.parametrize(("method", "path"), LISTS)
async def test_a_shop_whose_release_was_not_tried_does_not_look_like_one_without(method: str, path: str, stocked: bool) -> None:
    async with open_shop(bundle=None, stocked=stocked) as shop:
        awaiting(shop, TAILS, RELEASES)
        assert_not_ready(await ask(shop, method, path))
        awaiting(shop, RELEASES)
        assert_not_ready(await ask(shop, method, path))
        assert shop.count("recommndr_serving_degraded_total", tenant="grocer", reason="no_release") == 0


@pytest.mark.parametrize(("method", "path"), LISTS)
async def test_once_ready_a_shop_without_a_release_gets_the_static_list(method: str, path: str) -> None:
    async with open_shop(bundle=None) as shop:
        awaiting(shop)
        answer = await ask(shop, method, path)
        assert (answer.status_code, answer.json()["ladder"]) == (200, "static")
        assert ids(answer.json())


async def test_once_ready_a_shop_without_anything_gets_an_empty_list(shop: Shop) -> None:
    books = {"authorization": f"Bearer {BOOKS_KEY}", "x-recommndr-tenant": "books"}
    awaiting(shop)
    answer = await ask(shop, "GET", "/popular", **books)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


@pytest.mark.parametrize("with_bundle", [False, True])
@pytest.mark.parametrize(("method", "path"), LISTS)
async def test_an_empty_list_is_not_given_before_the_catalogue_was_read(
    bundle: WrittenBundle, method: str, path: str, with_bundle: bool
) -> None:
    async with open_shop(bundle if with_bundle else None, stocked=False) as shop:
        awaiting(shop, TAILS)
        assert_not_ready(await ask(shop, method, path))


@pytest.mark.parametrize("awaited", [(TAILS,), (RELEASES,), (TAILS, RELEASES)])
@pytest.mark.parametrize(("method", "path"), LISTS)
async def test_a_bundle_answers_from_what_was_read_while_the_rest_is_awaited(
    bundle: WrittenBundle, method: str, path: str, awaited: tuple[str, ...]
) -> None:
    async with open_shop(bundle, stocked=False) as shop:
        shop.grocer.items.apply_catalog({item_id(n): catalog_item(n) for n in (6, 7)})
        awaiting(shop, *awaited)
        answer = await ask(shop, method, path)
        assert answer.status_code == 200
        assert set(ids(answer.json())) == {item_id(6), item_id(7)}


async def test_without_a_bundle_that_can_be_had_a_list_is_given_from_what_was_read() -> None:
    async with open_shop(bundle=None) as shop:
        awaiting(shop, TAILS)
        assert len(ids(await shop.list_for())) == 10


async def test_an_empty_list_of_the_whole_catalogue_is_given_while_releases_are_awaited(shop: Shop) -> None:
    awaiting(shop, RELEASES)
    assert ids(await shop.list_for(filters={"category": ["shoes"]})) == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/popular"), ("GET", f"/items/{item_id(4)}"), ("GET", f"/similar_items?item_id={item_id(4)}")]
)
async def test_what_is_read_up_to_the_look_at_the_state_is_in_the_answer(method: str, path: str) -> None:
    async with open_shop(bundle=None, stocked=False) as shop:

        def read_to_the_end() -> list[str]:
            shop.grocer.items.apply_catalog({item_id(n): catalog_item(n) for n in (4, 6)})
            return []

        waits_for(shop, read_to_the_end)
        answer = await ask(shop, method, path)
        assert answer.status_code == 200
        assert answer.json().get("items") != []
