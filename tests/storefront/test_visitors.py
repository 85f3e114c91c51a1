"""The identity of a visitor: an account from the shop's signed session, otherwise a guest with an id of its own."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_storefront.shops import Shop, write_shops
from recommndr_storefront.visitors import AUDIENCE, GUEST_COOKIE, SESSION_COOKIE, Browser
from tests.storefront.shop_server import NOW, SESSION_KEY, SHOP, Server, open_server

CLAIMS = {"aud": AUDIENCE, "tenant": "grocer", "sub": "900", "exp": int((NOW + timedelta(hours=1)).timestamp())}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """As a shop runs it: without `--dev`."""
    async with open_server(tmp_path, dev=False) as server:
        yield server


def signed(key: str = SESSION_KEY, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(CLAIMS | changed, key, algorithm)


async def visitor(client: httpx.AsyncClient, shop: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = (await client.get("/shop.json")).json()["shops"][shop]["visitor"]
    return told


async def open_session(client: httpx.AsyncClient, user_id: str) -> int:
    return (await client.post("/session", json={"tenant": "grocer", "user_id": user_id})).status_code


def browser_of(server: Server) -> httpx.AsyncClient:
    """Another browser: without the cookies of the first."""
    return httpx.AsyncClient(transport=server.client._transport, base_url=server.client.base_url)


async def test_a_stranger_gets_an_id_of_its_own_and_keeps_it(server: Server) -> None:
    first = await visitor(server.client)
    assert first["user_id"].startswith("guest-")
    assert not first["signed_in"]
    assert await visitor(server.client) == first
    assert await open_session(server.client, first["user_id"]) == 200
    async with browser_of(server) as other:
        assert (await visitor(other))["user_id"] != first["user_id"]


async def test_a_guests_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_connections(server: Server) -> None:
    cookie = (await server.client.get("/shop.json")).headers["set-cookie"].lower()
    assert GUEST_COOKIE in cookie
    for attribute in ("httponly", "samesite=lax", "secure", "path=/", "max-age="):
        assert attribute in cookie
    assert "set-cookie" not in (await server.client.get("/shop.json")).headers


async def test_nobody_becomes_another_guest_or_a_customer_by_asking(server: Server) -> None:
    mine = (await visitor(server.client))["user_id"]
    async with browser_of(server) as other:
        await visitor(other)
        assert await open_session(other, mine) == 403
        assert await open_session(other, "anna") == 403  # whom --dev would offer
    async with browser_of(server) as nobody:
        assert await open_session(nobody, mine) == 403
    assert server.asked == []


async def test_without_dev_no_customer_is_named(server: Server) -> None:
    told = (await server.client.get("/shop.json")).json()
    assert told["dev"] is False
    assert told["shops"][0]["shoppers"] == []


async def test_whoever_is_signed_in_at_the_shop_shops_under_that_name(server: Server) -> None:
    server.client.cookies.set(SESSION_COOKIE, signed())
    assert await visitor(server.client) == {"user_id": "900", "signed_in": True}
    assert await open_session(server.client, "900") == 200
    assert await open_session(server.client, "901") == 403


@pytest.mark.parametrize(
    "session",
    [
        signed(key="another key of thirty-two characters"),
        signed(exp=int(NOW.timestamp())),
        signed(tenant="books"),
        signed(aud="recommndr"),
        signed(sub=""),
        signed(sub="a\x00b"),
        signed(sub=7),
        signed(exp="soon"),
        jwt.encode({name: CLAIMS[name] for name in CLAIMS if name != "exp"}, SESSION_KEY, "HS256"),
        jwt.encode(CLAIMS, None, "none"),
        signed() + "x",
        "900",
        "",
    ],
)
async def test_a_session_that_is_over_or_not_the_shops_makes_a_guest(server: Server, session: str) -> None:
    server.client.cookies.set(SESSION_COOKIE, session)
    told = await visitor(server.client)
    assert told["user_id"].startswith("guest-")
    assert not told["signed_in"]
    assert await open_session(server.client, "900") == 403
    assert await open_session(server.client, told["user_id"]) == 200


async def test_a_session_is_of_one_shop(server: Server) -> None:
    write_shops(server.shops_file, [SHOP, Shop(**(SHOP.model_dump() | {"tenant": "books"}))])
    (server.folder / "keys" / "books.session").write_text(SESSION_KEY)
    server.client.cookies.set(SESSION_COOKIE, signed())
    assert (await visitor(server.client, shop=0))["signed_in"]
    assert not (await visitor(server.client, shop=1))["signed_in"]


async def test_a_shop_without_a_session_key_has_guests_only(server: Server) -> None:
    (server.folder / "keys" / "grocer.session").unlink()
    server.client.cookies.set(SESSION_COOKIE, signed())
    assert not (await visitor(server.client))["signed_in"]


async def test_a_session_key_that_is_too_short_is_refused_aloud(server: Server) -> None:
    (server.folder / "keys" / "grocer.session").write_text("short")
    server.client.cookies.set(SESSION_COOKIE, signed())
    answer = await server.client.get("/shop.json")
    assert answer.status_code == 502
    assert str(server.folder) not in answer.text


async def test_a_guest_who_wants_to_be_forgotten_comes_back_as_another(server: Server) -> None:
    before = await visitor(server.client)
    assert (await server.client.delete("/session")).status_code == 204
    assert await visitor(server.client) != before


@given(st.text(max_size=40))
def test_a_cookie_that_was_never_made_here_makes_a_new_guest(cookie: str) -> None:
    browser = Browser.from_cookies({GUEST_COOKIE: cookie})
    assert browser.is_new == (browser.guest != cookie)
    assert len(browser.guest) == 32


@given(st.from_regex(r"[0-9a-f]{32}", fullmatch=True))
def test_a_guest_is_known_by_other_ids_in_other_shops_and_none_tells_the_cookie(cookie: str) -> None:
    browser = Browser.from_cookies({GUEST_COOKIE: cookie})
    assert browser.guest == cookie
    assert browser.guest_id("grocer") == Browser.from_cookies({GUEST_COOKIE: cookie}).guest_id("grocer")
    assert browser.guest_id("grocer") != browser.guest_id("books")
    assert cookie not in browser.guest_id("grocer")
