import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recommndr import topics
from recommndr.attribution import Attribution, digest, sign, user_hash
from recommndr.events import KINDS, Search, decode
from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import FOREIGN_KEY, KEY, NOW, SIGNING_KEY, Collector, bearer, click


async def test_a_valid_event_is_written_stamped_and_then_acknowledged(collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.post("/events", json=click(context={"device": "phone"}))
    assert (response.status_code, response.json()) == (202, {"event_id": click()["event_id"], "status": 202})
    (record,) = log.records
    assert (record.topic, record.key) == (topics.EVENTS.name, b"grocer|u1")
    assert dict(record.headers) == {"event_id": click()["event_id"].encode(), "tenant": b"grocer", "kind": b"click"}
    assert record.value is not None
    event = decode(record.value)
    assert (event.tenant, event.received_at, event.event_at, event.context.device) == ("grocer", NOW, NOW, "phone")


async def test_the_tenant_is_the_keys_own(collector: Collector, log: InMemoryEventLog) -> None:
    await collector.client.post("/events", json=click(), headers=bearer(FOREIGN_KEY))
    assert log.records[0].key == b"books|u1"


async def test_an_event_keeps_the_clients_time_when_it_lies_before_ours(collector: Collector, log: InMemoryEventLog) -> None:
    earlier = NOW - timedelta(days=3)
    await collector.client.post("/events", json=click(occurred_at=earlier.isoformat()))
    assert log.records[0].value is not None
    assert decode(log.records[0].value).event_at == earlier


@pytest.mark.parametrize("at", [1_770_000_000, "1770000000", 1_770_000_000_000, "1770000000000", "2026-02-02T02:40:00Z"])
async def test_a_time_means_the_same_as_number_and_as_text(at: object, collector: Collector, log: InMemoryEventLog) -> None:
    assert (await collector.client.post("/events", json=click(occurred_at=at))).status_code == 202
    assert log.records[0].value is not None
    assert decode(log.records[0].value).event_at == datetime(2026, 2, 2, 2, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "key"), [("interest", KEY), ("apply", KEY), ("lend", FOREIGN_KEY)], ids=["interest", "apply", "lend"]
)
async def test_a_kind_of_the_tenants_own_is_accepted(kind: str, key: str, collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.post("/events", json=click(kind=kind), headers=bearer(key))
    assert response.status_code == 202
    assert dict(log.records[0].headers)["kind"] == kind.encode()


async def test_another_tenants_kind_is_refused_with_the_kinds_there_are(collector: Collector, log: InMemoryEventLog) -> None:
    answers = await collector.client.post("/events", json=[click(1, kind="lend"), click(2, kind="apply")])
    refused, taken = answers.json()["results"]
    assert (refused["status"], taken["status"], len(log.records)) == (400, 202, 1)
    problem = refused["problem"]
    assert (problem["field"], problem["value"]) == ("kind", "lend")
    assert "'interest', 'apply', 'identify'], which tenant grocer has" in problem["expected"]
    assert "lend" not in problem["expected"]


async def test_the_api_names_the_kinds_that_every_tenant_has(collector: Collector) -> None:
    schemas = (await collector.client.get("/openapi.json")).json()["components"]["schemas"]
    built_in, own = schemas["ClientInteraction"]["properties"]["kind"]["anyOf"]
    assert set(built_in["enum"]) == set(KINDS) - {"search"}
    assert own["pattern"] == "^[a-z][a-z0-9_]{0,31}$"
    assert "region" in schemas["Context"]["properties"]


@pytest.mark.parametrize("kind", ["search", "identify"])
async def test_events_without_items_are_accepted(kind: str, collector: Collector, log: InMemoryEventLog) -> None:
    own: dict[str, Any] = {"query": "milk"} if kind == "search" else {"guest_id": "g1"}
    event = {name: value for name, value in click(kind=kind).items() if name != "lines"} | own
    assert (await collector.client.post("/events", json=event)).status_code == 202
    assert dict(log.records[0].headers)["kind"] == kind.encode()


async def test_a_list_is_answered_with_one_status_per_event_in_order(collector: Collector, log: InMemoryEventLog) -> None:
    late = (datetime.now(UTC) + timedelta(days=4000)).isoformat()
    members = [click(1), click(2, user_id=7), click(3), click(4, occurred_at=late), "no event", {"event_id": 5}]
    response = await collector.client.post("/events", json=members)
    results = response.json()["results"]
    assert response.status_code == 207
    assert [result["status"] for result in results] == [202, 400, 202, 400, 400, 400]
    assert [result["event_id"] for result in results] == [*(click(n)["event_id"] for n in range(1, 5)), None, None]
    assert [result.get("problem", {}).get("field") for result in results][:4] == [None, "user_id", None, "occurred_at"]
    assert [dict(record.headers)["event_id"].decode() for record in log.records] == [click(1)["event_id"], click(3)["event_id"]]
    assert collector.count("recommndr_collector_events_total", tenant="grocer", outcome="accepted") == 2
    assert collector.count("recommndr_collector_events_total", tenant="grocer", outcome="invalid") == 4


async def test_a_list_of_good_events_is_a_207_too(collector: Collector) -> None:
    response = await collector.client.post("/events", json=[click(n) for n in range(500)])
    assert response.status_code == 207
    assert {result["status"] for result in response.json()["results"]} == {202}


async def test_a_member_nested_too_deep_is_refused_alone(collector: Collector) -> None:
    deep = b"[" * 400 + b"]" * 400
    response = await collector.client.post("/events", content=b"[" + json.dumps(click()).encode() + b"," + deep + b"]")
    assert [result["status"] for result in response.json()["results"]] == [202, 400]


@pytest.mark.parametrize("members", [[], [click(n) for n in range(501)]])
async def test_lists_of_none_or_too_many_are_refused_whole(
    members: list[object], collector: Collector, log: InMemoryEventLog
) -> None:
    response = await collector.client.post("/events", json=members)
    assert (response.status_code, response.json()["field"]) == (400, "body")
    assert "1-500" in response.json()["expected"]
    assert not log.records


async def test_an_unacknowledged_event_is_unknown_and_to_be_sent_again(collector: Collector, log: InMemoryEventLog) -> None:
    log.failing = "not_acknowledged"
    response = await collector.client.post("/events", json=click())
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "not_acknowledged: the event log did not acknowledge it"  # no broker's address
    in_list = await collector.client.post("/events", json=[click(1), click(2, kind="dance")])
    assert in_list.headers["retry-after"] == "1"
    assert [result["status"] for result in in_list.json()["results"]] == [503, 400]
    assert collector.count("recommndr_collector_events_total", tenant="grocer", outcome="unknown") == 2


def token(**changes: Any) -> str:
    fields = {"request_id": "r", "release": "v1", "arm": "a", "list_name": "home", "issued_at_s": int(NOW.timestamp()) - 60}
    shopper = {"tenant": "grocer", "user_hash": user_hash("grocer", "u1")}
    return sign(Attribution(**(shopper | fields | changes)), "k1", SIGNING_KEY)


async def test_a_good_attribution_is_kept(collector: Collector, log: InMemoryEventLog) -> None:
    await collector.client.post("/events", json=click(attribution=token()))
    assert log.records[0].value is not None
    assert decode(log.records[0].value).attribution == token()
    assert collector.count("recommndr_collector_attributed_events_total", tenant="grocer", kind="click") == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("nonsense", "malformed"),
        ("x" * 5000, "malformed"),
        (7, "malformed"),
        ({"a": 1}, "malformed"),
        (token() + "A", "signature"),
        (sign(Attribution("grocer", "", "r", "v1", "a", "home", 0), "k9", SIGNING_KEY), "unknown_key"),
        (token(user_hash=user_hash("grocer", "u2")), "foreign"),
        (token(tenant="books"), "foreign"),
        (token(issued_at_s=int(NOW.timestamp()) - 8 * 86_400), "expired"),
        (token(items=digest(["another", "and another"])), "not_in_list"),
    ],
)
async def test_a_bad_attribution_loses_itself_and_not_the_event(
    bad: object, reason: str, collector: Collector, log: InMemoryEventLog
) -> None:
    assert (await collector.client.post("/events", json=click(attribution=bad))).status_code == 202
    assert log.records[0].value is not None
    event = decode(log.records[0].value)
    assert event.attribution is None
    assert not isinstance(event, Search)
    assert collector.count("recommndr_collector_attribution_dropped_total", reason=reason) == 1
    assert collector.count("recommndr_collector_attributed_events_total", tenant="grocer", kind="click") == 0


async def test_an_order_of_which_one_item_was_in_the_list_keeps_its_attribution(
    collector: Collector, log: InMemoryEventLog
) -> None:
    given = token(items=digest(["i1", "i2"]))
    lines = [{"item_id": "i9"}, {"item_id": "i2"}]
    await collector.client.post("/events", json=click(kind="purchase", lines=lines, attribution=given))
    assert log.records[0].value is not None
    assert decode(log.records[0].value).attribution == given


async def test_a_bad_attribution_does_not_hide_another_mistake(collector: Collector) -> None:
    response = await collector.client.post("/events", json=click(attribution=7, user_id=""))
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {"attribution", "user_id"}


@pytest.mark.parametrize("changes", [{"context": {"attribution": "x"}}, {"lines": [{"item_id": "i", "attribution": "x"}]}])
async def test_an_attribution_in_the_wrong_place_is_a_mistake_of_that_event_alone(
    changes: dict[str, Any], collector: Collector
) -> None:
    response = await collector.client.post("/events", json=[click(1), click(2, **changes)])
    assert [result["status"] for result in response.json()["results"]] == [202, 400]
    assert "attribution" in response.json()["results"][1]["problem"]["field"]
