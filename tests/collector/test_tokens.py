"""Shoppers' tokens: who gets one, and what the collector takes from a browser that has one."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from recommndr.shopper_token import TOKEN_LIFETIME
from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import (
    EVENTS_ONLY_KEY,
    FOREIGN_KEY,
    NOW,
    READ_ONLY_KEY,
    TOKEN_KEYS,
    Collector,
    bearer,
    click,
    open_collector,
    token,
)


async def test_a_server_key_gets_a_token_for_one_of_its_shoppers(collector: Collector) -> None:
    response = await collector.client.post("/tokens", json={"user_id": "anna é"})
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    answer = response.json()
    token = TOKEN_KEYS.verify(answer["token"], NOW)
    assert (token.tenant, token.user_id) == ("grocer", "anna é")
    assert datetime.fromisoformat(answer["expires_at"]) == token.expires_at == NOW + TOKEN_LIFETIME
    assert answer["expires_in_s"] == 900


async def test_the_tenant_is_the_keys_and_never_the_bodys(collector: Collector) -> None:
    response = await collector.client.post("/tokens", json={"user_id": "anna"}, headers=bearer(FOREIGN_KEY))
    assert TOKEN_KEYS.verify(response.json()["token"], NOW).tenant == "books"
    named = await collector.client.post("/tokens", json={"user_id": "anna", "tenant": "books"})
    assert (named.status_code, named.json()["field"]) == (400, "tenant")


@pytest.mark.parametrize(("key", "lacking"), [(EVENTS_ONLY_KEY, "read"), (READ_ONLY_KEY, "events")], ids=["read", "events"])
async def test_a_key_that_could_not_do_what_the_token_can_gets_none(key: str, lacking: str, collector: Collector) -> None:
    response = await collector.client.post("/tokens", json={"user_id": "anna"}, headers=bearer(key))
    assert response.status_code == 403
    assert f"lacks scope '{lacking}'" in response.json()["detail"]


@pytest.mark.parametrize("user_id", ["", "x" * 129, "a\nb", 7, None])
async def test_a_bad_user_id_is_named(user_id: Any, collector: Collector) -> None:
    response = await collector.client.post("/tokens", json={"user_id": user_id})
    assert (response.status_code, response.json()["field"]) == (400, "user_id")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"{", b"\xff"])
async def test_what_asks_for_no_token_is_refused(body: bytes, collector: Collector) -> None:
    assert (await collector.client.post("/tokens", content=body)).status_code == 400


async def test_an_installation_without_a_key_says_so() -> None:
    async with open_collector(signer=None) as collector:
        response = await collector.client.post("/tokens", json={"user_id": "anna"})
    assert response.status_code == 404
    assert "RECOMMNDR_TOKEN_KEY" in response.json()["detail"]


async def test_a_token_does_not_get_the_next_one(collector: Collector) -> None:
    response = await collector.client.post("/tokens", json={"user_id": "u1"}, headers=bearer(token()))
    assert response.status_code == 403
    assert "server key" in response.json()["detail"]


async def test_a_shoppers_own_events_are_taken(collector: Collector, log: InMemoryEventLog) -> None:
    one = await collector.client.post("/events", json=click(), headers=bearer(token("u1")))
    many = await collector.client.post("/events", json=[click(2), click(3)], headers=bearer(token("u1")))
    assert (one.status_code, [result["status"] for result in many.json()["results"]]) == (202, [202, 202])
    assert {record.key for record in log.records} == {b"grocer|u1"}


async def test_another_shoppers_event_is_refused_each_by_itself(collector: Collector, log: InMemoryEventLog) -> None:
    one = await collector.client.post("/events", json=click(user_id="berta"), headers=bearer(token("u1")))
    assert (one.status_code, one.json()["field"], one.json()["value"]) == (403, "user_id", "berta")
    batch = [click(1), click(2, user_id="berta"), click(3)]
    many = await collector.client.post("/events", json=batch, headers=bearer(token("u1")))
    assert [result["status"] for result in many.json()["results"]] == [202, 403, 202]
    assert {record.key for record in log.records} == {b"grocer|u1"}


async def test_a_browser_cannot_make_anothers_history_its_own(collector: Collector, log: InMemoryEventLog) -> None:
    identify = {name: value for name, value in click().items() if name != "lines"} | {"kind": "identify", "guest_id": "berta"}
    response = await collector.client.post("/events", json=identify, headers=bearer(token("u1")))
    assert (response.status_code, response.json()["field"]) == (403, "kind")
    assert not log.records
    assert (await collector.client.post("/events", json=identify)).status_code == 202  # the shop's server may


@pytest.mark.parametrize(("method", "path"), [("PUT", "/items"), ("PATCH", "/items/a/availability"), ("DELETE", "/items/a")])
async def test_a_browser_does_not_write_the_catalogue(
    method: str, path: str, collector: Collector, log: InMemoryEventLog
) -> None:
    response = await collector.client.request(method, path, headers=bearer(token()), json=[])
    assert response.status_code == 403
    assert not log.records


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (token(at=NOW - TOKEN_LIFETIME), "expired"),
        (token()[:-4] + "AAAA", "signature"),
        (token(tenant="nobody"), "names a tenant that"),
        ("garbage", "malformed"),
    ],
)
async def test_a_bad_token_is_refused_and_the_problem_says_why(
    bad: str, why: str, collector: Collector, log: InMemoryEventLog
) -> None:
    response = await collector.client.post("/events", json=click(), headers=bearer(bad))
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="recommndr"')
    assert why in response.json()["detail"]
    assert not log.records


async def test_a_token_of_one_tenant_is_no_good_where_the_edge_says_another(collector: Collector) -> None:
    headers = bearer(token()) | {"x-recommndr-tenant": "books"}
    response = await collector.client.post("/events", json=click(), headers=headers)
    assert (response.status_code, response.json()["field"]) == (400, "x-recommndr-tenant")


async def test_a_token_is_accepted_until_its_last_second(collector: Collector) -> None:
    fresh = token(at=NOW - TOKEN_LIFETIME + timedelta(seconds=1))
    assert (await collector.client.post("/events", json=click(), headers=bearer(fresh))).status_code == 202
