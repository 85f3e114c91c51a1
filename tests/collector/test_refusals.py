"""Garbage of many kinds: each gets a clear 4xx, and nothing of it is written."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.tenancy import new_server_key
from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import EVENTS_ONLY_KEY, KEY, NOW, Collector, bearer, click, open_collector

LINE = {"item_id": "i1"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event_id": "not-a-uuid"}, "event_id"),
        ({"event_id": 7}, "event_id"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": "x" * 129}, "user_id"),
        ({"user_id": "é" * 65}, "user_id"),
        ({"user_id": "a\u0000b"}, "user_id"),
        ({"user_id": "a\nb"}, "user_id"),
        ({"user_id": 7}, "user_id"),
        ({"user_id": None}, "user_id"),
        ({"kind": "dance"}, "kind"),
        ({"kind": "lend"}, "kind"),  # another tenant's own
        ({"kind": "Dance!"}, "kind"),
        ({"kind": ["click"]}, "kind"),
        ({"kind": None}, "kind"),
        ({"occurred_at": "2026-03-01T12:00:00"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": True}, "occurred_at"),
        ({"occurred_at": 10**30}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"occurred_at": (NOW + timedelta(minutes=6)).isoformat()}, "occurred_at"),
        ({"lines": []}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": [LINE] * 501}, "lines"),
        ({"lines": ["i1"]}, "lines.0"),
        ({"lines": [{"item_id": ""}]}, "lines.0.item_id"),
        ({"lines": [LINE, LINE | {"quantity": 0}]}, "lines.1.quantity"),
        ({"lines": [LINE | {"quantity": "3"}]}, "lines.0.quantity"),
        ({"lines": [LINE | {"quantity": 1.5}]}, "lines.0.quantity"),
        ({"lines": [LINE | {"quantity": True}]}, "lines.0.quantity"),
        ({"lines": [LINE | {"price_minor": -1}]}, "lines.0.price_minor"),
        ({"lines": [LINE | {"price_minor": 10**30}]}, "lines.0.price_minor"),
        ({"lines": [LINE | {"currency": "euro"}]}, "lines.0.currency"),
        ({"lines": [LINE | {"colour": "red"}]}, "lines.0.colour"),
        ({"context": {"country": "Germany"}}, "context.country"),
        ({"context": {"device": "x" * 65}}, "context.device"),
        ({"context": {"region": "x" * 65}}, "context.region"),
        ({"context": []}, "context"),
        ({"session_id": ""}, "session_id"),
        ({"schema_version": 2}, "schema_version"),
        ({"tenant": "books"}, "tenant"),
        ({"received_at": NOW.isoformat()}, "received_at"),
    ],
)
async def test_a_wrong_field_is_named_with_its_value_and_what_was_expected(
    changes: dict[str, Any], field: str, collector: Collector, log: InMemoryEventLog
) -> None:
    response = await collector.client.post("/events", content=json.dumps(click(**changes)))
    problem = response.json()
    assert (response.status_code, problem["field"]) == (400, field)
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["expected"]
    assert "value" in problem
    assert not log.records


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"null", b"7", b'"click"', b"{}", b"{", b"[", b"[1", b"\xff\xfe", b"NaN", b"not json",
        b'{"event_id": "\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000, b"\x00", b"\xef\xbb\xbf{}",
        json.dumps(click()).encode("utf-16"), json.dumps(click()).encode() + b"}",
    ],
)  # fmt: skip
async def test_what_is_no_event_is_refused(body: bytes, collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.post("/events", content=body)
    assert (response.status_code, response.json()["status"]) == (400, 400)
    assert not log.records


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(field=st.sampled_from([*click(), "context", "query", "guest_id", "attribution", "session_id", "x"]), value=JSON)
async def test_any_value_in_any_field_is_accepted_readably_or_refused_clearly(field: str, value: object) -> None:
    async with open_collector() as collector:
        response = await collector.client.post("/events", content=json.dumps(click(**{field: value})).encode())
        assert response.status_code in (202, 400)
        if response.status_code == 400:
            assert response.json()["detail"]


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=200))
async def test_any_bytes_are_refused_or_accepted_and_never_an_error_of_ours(body: bytes) -> None:
    async with open_collector() as collector:
        for method, path in (("POST", "/events"), ("PUT", "/items"), ("PATCH", "/items/i1/availability")):
            assert (await collector.client.request(method, path, content=body)).status_code in (202, 207, 400)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer rk_grocer_wrong"},
        {"Authorization": f"Bearer {new_server_key('grocer')}"},
        {"Authorization": f"Bearer {new_server_key('nobody')}"},
        {"Authorization": f"Bearer {KEY.replace('grocer', 'books')}"},
    ],
)
async def test_unknown_credentials_get_401(headers: dict[str, str], log: InMemoryEventLog) -> None:
    async with open_collector(log, key=None) as collector:
        response = await collector.client.post("/events", json=click(), headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="recommndr"')
    assert not log.records


@pytest.mark.parametrize(("method", "path"), [("PUT", "/items"), ("PATCH", "/items/a/availability"), ("DELETE", "/items/a")])
async def test_a_key_without_the_scope_gets_403(method: str, path: str, collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.request(method, path, headers=bearer(EVENTS_ONLY_KEY), json=[])
    assert response.status_code == 403
    assert "catalogue" in response.json()["detail"]
    assert not log.records


async def test_a_tenant_header_that_is_not_the_keys_is_refused(collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.post("/events", json=click(), headers={"x-recommndr-tenant": "books"})
    assert (response.status_code, response.json()["field"], response.json()["value"]) == (400, "x-recommndr-tenant", "books")
    assert not log.records
    fine = await collector.client.post("/events", json=click(), headers={"x-recommndr-tenant": "grocer"})
    assert fine.status_code == 202


@pytest.mark.parametrize(("method", "path", "limit"), [("POST", "/events", 1_000_000), ("PUT", "/items", 4_000_000)])
async def test_oversized_bodies_get_413_announced_or_not(
    method: str, path: str, limit: int, collector: Collector, log: InMemoryEventLog
) -> None:
    async def chunks() -> Any:
        for _ in range(limit // 100_000 + 1):
            yield b" " * 100_000

    announced = await collector.client.request(method, path, content=b" " * (limit + 1))
    streamed = await collector.client.request(method, path, content=chunks())
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert str(limit) in announced.json()["detail"]
    assert not log.records


async def test_paths_and_methods_that_do_not_exist_are_problems_too(collector: Collector) -> None:
    nothing, wrong = await collector.client.get("/nothing"), await collector.client.get("/events")
    assert (nothing.status_code, wrong.status_code) == (404, 405)
    assert {nothing.headers["content-type"], wrong.headers["content-type"]} == {"application/problem+json"}


@pytest.mark.parametrize("path", ["/events/", "/items/", "/tokens/", "/health/live/"])
async def test_a_slash_too_many_leads_nowhere(collector: Collector, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        answer = await collector.client.request(method, path, headers={"host": "evil.example"})
        assert answer.status_code in {404, 405}
        assert "location" not in answer.headers
