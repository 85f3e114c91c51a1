"""`/shop.json` and `/session` in development: the switcher's shoppers, with the edge's own token, and no key ever leaves."""

from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from recommndr_storefront.shops import Shop, read_shops, write_shops
from tests.storefront.shop_server import EDGE_URL, SHOP, TOKEN, Server

ANNA = {"tenant": "grocer", "user_id": "anna"}


async def test_the_shops_are_told_as_they_are_now(server: Server) -> None:
    answer = await server.client.get("/shop.json")
    told = answer.json()
    assert (told["edge_url"], told["dev"]) == (EDGE_URL, True)
    assert told["shops"][0]["shoppers"] == [{"user_id": "anna", "label": "Anna", "kind": "hot"}]
    assert answer.headers["cache-control"] == "no-store"
    write_shops(server.shops_file, [SHOP, Shop(**(SHOP.model_dump() | {"tenant": "books"}))])
    assert [shop["tenant"] for shop in (await server.client.get("/shop.json")).json()["shops"]] == ["grocer", "books"]
    server.shops_file.unlink()
    assert (await server.client.get("/shop.json")).json()["shops"] == []
    assert read_shops(server.shops_file).shops == ()


async def test_a_session_is_the_edges_token_asked_for_with_the_shops_key(server: Server) -> None:
    answer = await server.client.post("/session", json=ANNA)
    assert answer.status_code == 200
    assert answer.json() == TOKEN
    assert answer.headers["cache-control"] == "no-store"
    (asked,) = server.asked
    assert (asked.method, asked.url.path) == ("POST", "/tokens")
    assert asked.headers["authorization"] == "Bearer rk_grocer_secret"
    assert asked.headers["x-recommndr-tenant"] == "grocer"
    assert orjson.loads(asked.content) == {"user_id": "anna"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ANNA | {"user_id": "somebody else"}, 403),
        (ANNA | {"tenant": "books"}, 403),
        (ANNA | {"tenant": "../keys"}, 400),
        ({"tenant": "grocer"}, 400),
        (ANNA | {"user_id": "x" * 200}, 400),
        ([], 400),
        (ANNA | {"user_id": "x" * 2_000}, 413),
    ],
)
async def test_nobody_else_gets_one(server: Server, body: object, status: int) -> None:
    answer = await server.client.post("/session", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert server.asked == []


async def test_a_body_without_end_is_refused_after_its_first_kilobyte(server: Server) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 1_000_000:  # ends all the same, so that a server that reads on fails the test and does not hang
            read += 512
            yield b" " * 512

    assert (await server.client.post("/session", content=endless())).status_code == 413
    assert (await server.client.post("/session", content=b"{}", headers={"content-length": "99999"})).status_code == 413


async def test_an_edge_that_is_away_is_a_503_to_come_back_from(server: Server) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused at 10.1.2.3")

    server.answer = refuse
    answer = await server.client.post("/session", json=ANNA)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "10.1.2.3" not in answer.text
    server.answer = lambda _: httpx.Response(429)
    assert (await server.client.post("/session", json=ANNA)).status_code == 503


async def test_a_key_that_is_refused_or_missing_is_a_502_that_tells_neither_key_nor_path(server: Server) -> None:
    server.answer = lambda _: httpx.Response(401, text="unknown server key")
    answer = await server.client.post("/session", json=ANNA)
    assert answer.status_code == 502
    assert "secret" not in answer.text
    (server.folder / "keys" / "grocer").unlink()
    missing = await server.client.post("/session", json=ANNA)
    assert missing.status_code == 502
    assert str(server.folder) not in missing.text
    assert server.count("session", 502) == 2


async def test_it_is_ready_and_counts_for_who_reaches_its_inner_port(server: Server) -> None:
    assert (await server.client.get("/health/ready")).status_code == 200
    assert (await server.client.get("/health/live")).status_code == 200
    assert (await server.client.get("/metrics")).status_code == 404  # shoppers' port
    text = (await server.inner_client.get("/metrics")).text
    assert 'recommndr_storefront_requests_total{asked="probe",status="200"} 2.0' in text
