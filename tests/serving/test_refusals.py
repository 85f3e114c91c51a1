"""What a caller gets who asks wrongly: a problem that names the field, the value and what was expected."""

from typing import Any

import httpx
import pytest

from recommndr_serving.http.edge import MAX_BODY_BYTES
from tests.serving.shops import BOOKS_KEY, EVENTS_ONLY_KEY, Shop, headers


def problem_of(response: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem.get("field") == field
    return problem


@pytest.mark.parametrize(
    ("asked", "field", "value", "expected"),
    [
        ({"k": 101}, "k", "101", "less than or equal to 100"),
        ({"k": 0}, "k", "0", "greater than or equal to 1"),
        ({"k": "many"}, "k", "many", "integer"),
        ({"kk": 5}, "kk", "5", "no such field"),
        ({"scope": "new"}, "scope", "new", "'mixed', 'discover', 'unseen' or 'buy_again'"),
        ({"context": {"country": "Germany"}}, "context.country", "Germany", "pattern"),
        ({"filters": {"price_min": -1}}, "filters.price_min", "-1", "greater than or equal to 0"),
        ({"filters": {"available": False}}, "filters.available", "False", "true"),
        ({"exclude": ["x"] * 501}, "exclude", "['x', 'x'", "at most 500"),
        ({"exclude": [""]}, "exclude.0", "", "1-128 bytes"),
        ({"fields": ["weight"]}, "fields.0", "weight", "'title'"),
        ({"user_id": "a\x00b"}, "user_id", "a\x00b", "no control characters"),
        ({"user_id": "x" * 129}, "user_id", "xxx", "1-128 bytes"),
        ({"user_id": 7}, "user_id", "7", "string"),
    ],
)
async def test_a_field_that_is_not_as_expected_is_named(
    shop: Shop, asked: dict[str, Any], field: str, value: str, expected: str
) -> None:
    response = await shop.client.post("/recommend", json={"user_id": "anna"} | asked, headers=headers("anna"))
    problem = problem_of(response, 400, field)
    assert problem["value"].startswith(value)
    assert expected in problem["expected"]


async def test_every_wrong_field_is_named(shop: Shop) -> None:
    response = await shop.client.post("/recommend", json={"k": 0, "scope": 1}, headers=headers("anna"))
    assert {error["field"] for error in response.json()["errors"]} == {"k", "scope", "user_id"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"user_id": "anna"', b"null", b'"anna"'])
async def test_garbage_is_refused(shop: Shop, body: bytes) -> None:
    response = await shop.client.post("/recommend", content=body, headers=headers("anna"))
    problem_of(response, 400, "body")


@pytest.mark.parametrize(
    "query", [{}, {"user_id": "anna", "k": "x"}, {"user_id": "anna", "device": "x" * 65}, {"user_id": "anna", "z": 1}]
)
async def test_a_query_is_checked_like_a_body(shop: Shop, query: dict[str, Any]) -> None:
    response = await shop.client.get("/recommend", params=query, headers=headers("anna"))
    assert response.status_code == 400
    assert response.json()["field"] in {"user_id", "k", "device", "z"}


async def test_a_body_over_the_limit_is_refused_before_it_is_parsed(shop: Shop) -> None:
    response = await shop.client.post("/recommend", content=b" " * (MAX_BODY_BYTES + 1), headers=headers("anna"))
    problem = problem_of(response, 413, "body")
    assert str(MAX_BODY_BYTES) in problem["expected"]


async def test_a_body_that_does_not_say_how_long_it_is_is_limited_too(shop: Shop) -> None:
    async def endless() -> Any:
        for _ in range(3):
            yield b" " * (MAX_BODY_BYTES // 2)

    response = await shop.client.post("/recommend", content=endless(), headers=headers("anna"))
    problem_of(response, 413, "body")


@pytest.mark.parametrize(
    "credential", [None, "", "Basic abc", "Bearer ", "Bearer rk_grocer_wrong", "Bearer rk_nobody_x", "Bearer x"]
)
@pytest.mark.parametrize(
    "path", ["/recommend?user_id=anna", "/similar_items?item_id=i00", "/popular", "/items", "/search", "/models"]
)
async def test_an_unknown_credential_is_refused_everywhere(shop: Shop, path: str, credential: str | None) -> None:
    sent = headers("anna") | {"authorization": credential or ""}
    if credential is None:
        del sent["authorization"]
    response = await shop.client.get(path, headers=sent)
    problem_of(response, 401)
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_key_without_the_scope_is_refused(shop: Shop) -> None:
    response = await shop.client.get("/popular", headers=headers(key=EVENTS_ONLY_KEY))
    assert "'read'" in problem_of(response, 403)["detail"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"x-recommndr-user": "berta"}, "x-recommndr-user"),
        ({"x-recommndr-user": None}, "x-recommndr-user"),
        ({"x-recommndr-tenant": "books"}, "x-recommndr-tenant"),
        ({"x-recommndr-tenant": None}, "x-recommndr-tenant"),
    ],
)
async def test_headers_that_routed_the_request_must_say_what_it_says(
    shop: Shop, changes: dict[str, str | None], field: str
) -> None:
    sent = {name: value for name, value in (headers("anna") | changes).items() if value is not None}
    problem_of(await shop.client.post("/recommend", json={"user_id": "anna"}, headers=sent), 400, field)


async def test_a_tenant_header_that_differs_from_the_key_is_refused_everywhere(shop: Shop) -> None:
    problem_of(await shop.client.get("/popular", headers=headers(tenant="books")), 400, "x-recommndr-tenant")


@pytest.mark.parametrize("path", ["/popular", "/similar_items?item_id=i", "/items", "/search", "/items/i"])
async def test_a_request_that_could_not_be_routed_by_tenant_is_refused(shop: Shop, path: str) -> None:
    routed = headers()
    del routed["x-recommndr-tenant"]
    problem_of(await shop.client.get(path, headers=routed), 400, "x-recommndr-tenant")


async def test_an_unknown_path_and_method_are_problems_too(shop: Shop) -> None:
    assert "/nowhere" in problem_of(await shop.client.get("/nowhere"), 404)["detail"]
    response = await shop.client.delete("/recommend")
    assert "DELETE" in problem_of(response, 405)["detail"]
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("path", ["/items/nothing", "/similar_items?item_id=nothing"])
async def test_an_unknown_item_is_not_found(shop: Shop, path: str) -> None:
    problem_of(await shop.client.get(path, headers=headers()), 404)


async def test_a_cursor_of_ones_own_making_is_refused(shop: Shop) -> None:
    problem_of(await shop.client.get("/items", params={"cursor": "!!"}, headers=headers()), 400, "cursor")


async def test_refusals_are_counted_by_status(shop: Shop) -> None:
    await shop.client.get("/popular")
    assert shop.count("recommndr_serving_requests_total", endpoint="/popular", tenant="-", status="401") == 1


@pytest.mark.parametrize("path", ["/recommend?user_id=anna&k=100", "/popular?k=100", "/items?limit=100", "/search?limit=100"])
async def test_a_tenant_sees_nothing_of_another(shop: Shop, path: str) -> None:
    response = await shop.client.get(path, headers=headers("anna", key=BOOKS_KEY, tenant="books"))
    assert response.status_code == 200
    answer = response.json()
    assert answer["items"] == []
    if "user_profile" in answer:
        assert answer["user_profile"]["stored"]["n_events"] == 0
    assert (await shop.client.get("/items/i10", headers=headers(key=BOOKS_KEY, tenant="books"))).status_code == 404
    models = (await shop.client.get("/models", headers=headers(key=BOOKS_KEY, tenant="books"))).text
    assert "grocer" not in models


@pytest.mark.parametrize("path", ["/recommend/", "/popular/", "/health/live/", "/models/"])
async def test_a_slash_too_many_leads_nowhere(shop: Shop, path: str) -> None:
    answer = await shop.client.get(path, headers=headers() | {"host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/popular?brand=a&brand=b", "/items?brand=a&brand=b", "/search?brand=a&brand=b"])
async def test_a_field_that_comes_twice_is_refused(shop: Shop, path: str) -> None:
    problem = problem_of(await shop.client.get(path, headers=headers()), 400, "brand")
    assert problem["value"] == "['a', 'b']"
