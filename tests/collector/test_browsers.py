"""What a shopper's browser may send: what it sees for itself, no more of it than a shopper does, marked as a browser's."""

from typing import Any

import pytest

from recommndr.attribution import Attribution, sign, user_hash
from recommndr.edge import MAX_BROWSER_BYTES
from recommndr.events import BROWSER_KINDS, decode
from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import FOREIGN_KEY, NOW, SIGNING_KEY, TENANTS, Collector, bearer, click, token


def of_kind(n: int, kind: str) -> dict[str, Any]:
    event = click(n, kind=kind)
    return {**event, "lines": [], "query": "milk"} if kind == "search" else event


def senders(log: InMemoryEventLog) -> list[str]:
    return [decode(record.value).sender for record in log.records if record.value is not None]


async def test_a_browser_sends_what_it_sees_and_is_named_as_the_sender(collector: Collector, log: InMemoryEventLog) -> None:
    events = [of_kind(n, kind) for n, kind in enumerate(BROWSER_KINDS)]
    answer = await collector.client.post("/events", json=events, headers=bearer(token()))
    assert {result["status"] for result in answer.json()["results"]} == {202}
    assert "purchase" not in BROWSER_KINDS
    assert senders(log) == ["browser"] * len(BROWSER_KINDS)


async def test_the_shops_server_is_named_as_the_sender(collector: Collector, log: InMemoryEventLog) -> None:
    await collector.client.post("/events", json=click(kind="purchase"))
    assert senders(log) == ["server"]


@pytest.mark.parametrize("claimed", ["server", "browser", None, 7])
async def test_nobody_says_who_sends(claimed: object, collector: Collector, log: InMemoryEventLog) -> None:
    for headers in (bearer(), bearer(token())):
        response = await collector.client.post("/events", json=click(sender=claimed), headers=headers)
        assert (response.status_code, response.json()["field"]) == (400, "sender")
    assert not log.records


@pytest.mark.parametrize("kind", ["purchase", "apply", "interest"])
async def test_what_only_the_shop_knows_is_refused_by_itself(kind: str, collector: Collector, log: InMemoryEventLog) -> None:
    answer = await collector.client.post("/events", json=[click(1, kind=kind), click(2)], headers=bearer(token()))
    refused, taken = answer.json()["results"]
    assert (refused["status"], taken["status"], len(log.records)) == (403, 202, 1)
    assert refused["problem"]["field"] == "kind"
    assert "extra_browser_kinds" in refused["problem"]["expected"]


@pytest.mark.parametrize("kind", ["purchase", "lend"])
async def test_a_shop_may_allow_it_and_the_mark_stays_on_it(kind: str, collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.post("/events", json=click(kind=kind), headers=bearer(token(tenant="books")))
    assert (response.status_code, senders(log)) == (202, ["browser"])


@pytest.mark.parametrize(("headers", "counted"), [(bearer(FOREIGN_KEY), 1), (bearer(token(tenant="books")), 0)])
async def test_a_purchase_that_a_browser_claims_is_not_counted_as_a_list_that_worked(
    headers: dict[str, str], counted: int, collector: Collector, log: InMemoryEventLog
) -> None:
    shopper = user_hash("books", "u1")
    attribution = sign(Attribution("books", shopper, "r", "v1", "a", "home", int(NOW.timestamp())), "k1", SIGNING_KEY)
    events = [click(1, attribution=attribution), click(2, kind="purchase", attribution=attribution)]
    await collector.client.post("/events", json=events, headers=headers)
    assert [decode(record.value).attribution for record in log.records if record.value] == [attribution] * 2
    assert collector.count("recommndr_collector_attributed_events_total", tenant="books", kind="click") == 1
    assert collector.count("recommndr_collector_attributed_events_total", tenant="books", kind="purchase") == counted


async def test_a_shopper_has_a_budget_and_what_exceeds_it_is_refused_event_by_event(
    collector: Collector, log: InMemoryEventLog
) -> None:
    per_minute = TENANTS.tenants["books"].max_shopper_events_per_min
    events = [click(n) for n in range(per_minute + 2)]
    answer = await collector.client.post("/events", json=events, headers=bearer(token(tenant="books")))
    statuses = [result["status"] for result in answer.json()["results"]]
    assert statuses == [202] * per_minute + [429, 429]
    assert (answer.headers["retry-after"], len(log.records)) == ("2", per_minute)
    assert collector.count("recommndr_collector_events_total", tenant="books", outcome="over_budget") == 2
    alone = await collector.client.post("/events", json=click(99), headers=bearer(token(tenant="books")))
    assert (alone.status_code, alone.headers["retry-after"]) == (429, "2")
    another = await collector.client.post("/events", json=click(99, user_id="u2"), headers=bearer(token("u2", "books")))
    assert another.status_code == 202
    server = await collector.client.post("/events", json=click(99), headers=bearer(FOREIGN_KEY))
    assert server.status_code == 202


async def test_a_browsers_body_is_shorter_than_a_servers(collector: Collector, log: InMemoryEventLog) -> None:
    long = [click(n, session_id="x" * 120) for n in range(400)]
    from_browser = await collector.client.post("/events", json=long, headers=bearer(token()))
    assert from_browser.status_code == 413
    assert str(MAX_BROWSER_BYTES) in from_browser.json()["detail"]
    assert not log.records
    assert (await collector.client.post("/events", json=long)).status_code == 207


@pytest.mark.parametrize(
    ("line", "field"),
    [({"quantity": 51}, "lines.1.quantity"), ({"price_minor": 100_000, "currency": "EUR"}, "lines.1.price_minor")],
)
async def test_a_shop_sets_what_a_line_may_hold(
    line: dict[str, Any], field: str, collector: Collector, log: InMemoryEventLog
) -> None:
    event = click(lines=[{"item_id": "a", "quantity": 50, "price_minor": 99_999}, {"item_id": "b", **line}])
    refused = await collector.client.post("/events", json=event, headers=bearer(FOREIGN_KEY))
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert "the shop's max_" in refused.json()["expected"]
    assert not log.records
    assert (await collector.client.post("/events", json=event)).status_code == 202  # another shop's limits are higher


async def test_no_shop_takes_a_million_pieces_at_the_highest_price_unless_it_says_so(collector: Collector) -> None:
    for line in ({"quantity": 1_000_000}, {"price_minor": 2**53 - 1}):
        response = await collector.client.post("/events", json=click(lines=[{"item_id": "i", **line}]))
        assert response.status_code == 400


async def test_an_items_price_has_the_same_limit(collector: Collector, log: InMemoryEventLog) -> None:
    items = [{"item_id": "a", "title": "A", "price_minor": 1}, {"item_id": "b", "title": "B", "price_minor": 100_000}]
    response = await collector.client.put("/items", json=items, headers=bearer(FOREIGN_KEY))
    assert (response.status_code, response.json()["field"]) == (400, "1.price_minor")
    assert not log.records
