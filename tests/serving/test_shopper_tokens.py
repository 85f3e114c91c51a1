"""What a browser with a shopper's token may ask of a slot."""

from datetime import timedelta
from typing import Any

import pytest

from recommndr.shopper_token import TOKEN_LIFETIME
from tests.engine.bundles import NOW
from tests.serving.shops import Shop, headers, ids, open_shop, token
from tests.serving.test_refusals import problem_of

BODY = {"user_id": "anna", "k": 5}


async def test_a_token_gets_what_the_server_key_gets(shop: Shop) -> None:
    by_key = await shop.client.post("/recommend", json=BODY, headers=headers("anna"))
    by_token = await shop.client.post("/recommend", json=BODY, headers=headers("anna", key=token()))
    assert by_token.status_code == 200
    assert ids(by_token.json()) == ids(by_key.json())
    assert by_token.json()["user_profile"] == by_key.json()["user_profile"]


@pytest.mark.parametrize(
    "path", ["/recommend?user_id=anna", "/similar_items?item_id=i10", "/popular", "/items", "/search", "/items/i10"]
)
async def test_a_token_reads_lists_and_items(shop: Shop, path: str) -> None:
    assert (await shop.client.get(path, headers=headers("anna", key=token()))).status_code == 200


@pytest.mark.parametrize("routed", ["anna", "berta"])
async def test_another_shopper_is_refused_in_body_and_query(shop: Shop, routed: str) -> None:
    sent = headers(routed, key=token("berta"))
    by_body = problem_of(await shop.client.post("/recommend", json=BODY, headers=sent), 403, "user_id")
    assert (by_body["value"], by_body["expected"]) == ("anna", "'berta', whose token this is")
    problem_of(await shop.client.get("/recommend?user_id=anna", headers=sent), 403, "user_id")


async def test_how_models_are_doing_is_no_browsers_business(shop: Shop) -> None:
    assert "server key" in problem_of(await shop.client.get("/models", headers=headers(key=token())), 403)["detail"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (token(at=NOW - TOKEN_LIFETIME), "expired"),
        (token()[:-4] + "AAAA", "signature"),
        (token(tenant="nobody"), "names a tenant that"),
        ("e30.e30.e30", "algorithm"),
        ("x", "malformed"),
    ],
)
async def test_a_bad_token_is_refused_and_the_problem_says_why(shop: Shop, bad: str, why: str) -> None:
    response = await shop.client.post("/recommend", json=BODY, headers=headers("anna", key=bad))
    assert why in problem_of(response, 401)["detail"]
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_of_one_tenant_is_no_good_where_the_edge_says_another(shop: Shop) -> None:
    response = await shop.client.get("/popular", headers=headers(key=token(), tenant="books"))
    problem_of(response, 400, "x-recommndr-tenant")


async def test_a_token_that_was_good_is_refused_once_it_has_expired(bundle: Any) -> None:
    now = NOW
    async with open_shop(bundle, now=lambda: now) as shop:
        sent = headers("anna", key=token())
        assert (await shop.client.get("/popular", headers=sent)).status_code == 200
        now = NOW + TOKEN_LIFETIME - timedelta(seconds=1)
        assert (await shop.client.get("/popular", headers=sent)).status_code == 200
        now = NOW + TOKEN_LIFETIME
        assert (await shop.client.get("/popular", headers=sent)).status_code == 401


@pytest.mark.parametrize("user_id", [" anna ", "anna é", "日本", "a|b"])
async def test_any_shoppers_id_can_be_routed_by(shop: Shop, user_id: str) -> None:
    routed = {"x-recommndr-user": user_id.strip(" ").encode()}  # blanks around a header's value are lost on the way
    sent = {**headers(key=token(user_id)), **routed}
    assert (await shop.client.post("/recommend", json={"user_id": user_id}, headers=sent)).status_code == 200
