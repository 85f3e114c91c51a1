import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import ValidationError

from recommndr import topics
from recommndr.audit_log import AuditLog
from recommndr.catalog import Availability, CatalogItem, stored_item
from recommndr.tenancy import ServerKey, hash_key
from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import EVENTS_ONLY_KEY, FOREIGN_KEY, KEY, NOW, Collector, bearer, open_collector

MILK: dict[str, Any] = {"item_id": "milk", "title": "Milk", "category_path": ["Dairy", "Milk"], "price_minor": 129}


async def test_items_are_written_whole(collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.put("/items", json=[MILK, MILK | {"item_id": "m|2"}])
    assert (response.status_code, response.json()["accepted"]) == (202, 2)
    assert [(record.topic, record.key) for record in log.records] == [
        (topics.CATALOG.name, b"grocer|milk"),
        (topics.CATALOG.name, b"grocer|m|2"),
    ]
    assert log.records[0].value is not None
    assert CatalogItem.model_validate_json(log.records[0].value) == CatalogItem(**MILK)


async def test_a_thousand_items_go_in_one_call(collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.put("/items", json=[MILK | {"item_id": str(n)} for n in range(1_000)])
    assert (response.status_code, len(log.records)) == (202, 1_000)


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([], "body"),
        ([MILK] * 1_001, "body"),
        (MILK, "body"),
        ([MILK, MILK | {"title": ""}], "1.title"),
        ([MILK | {"price_minor": "129"}], "0.price_minor"),
        ([MILK | {"available": True}], "0.available"),
        ([MILK | {"item_id": "x" * 200}], "0.item_id"),
        ([MILK | {"category_path": ["a"] * 9}], "0.category_path"),
    ],
)
async def test_one_wrong_item_means_none_is_written(
    items: object, field: str, collector: Collector, log: InMemoryEventLog
) -> None:
    response = await collector.client.put("/items", json=items)
    assert (response.status_code, response.json()["field"]) == (400, field)
    assert not log.records


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:image/png;base64,AAAA", "//cdn.example/a.png", "/a.png", "a.png", "", "ftp://cdn.example/a.png",
        "https://", "https:///a.png", "https:\\\\cdn.example", " https://cdn.example/a.png", "https://cdn.example/a b.png",
        "https://cdn.example/\n", "java\nscript:alert(1)", 'https://cdn.example/"onerror="x', "blob:https://cdn.example/1",
    ],
)  # fmt: skip
async def test_a_picture_is_an_address_of_the_web(url: str, collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.put("/items", json=[MILK | {"image_url": url}])
    assert (response.status_code, response.json()["field"]) == (400, "0.image_url")
    assert not log.records


@pytest.mark.parametrize("url", ["https://cdn.example/a.png?w=1#x", "http://127.0.0.1:8000/ä.png", "HTTPS://cdn.example"])
async def test_addresses_of_the_web_are_kept(url: str, collector: Collector, log: InMemoryEventLog) -> None:
    assert (await collector.client.put("/items", json=[MILK | {"image_url": url}])).status_code == 202
    assert log.records[0].value is not None
    assert stored_item(log.records[0].value).image_url == url


def test_a_stored_item_whose_picture_is_none_stays_in_the_shop_without_it() -> None:
    stored = json.dumps(MILK | {"image_url": "javascript:alert(1)"}).encode()
    assert stored_item(stored) == CatalogItem(**MILK)
    with pytest.raises(ValidationError):
        stored_item(json.dumps(MILK | {"image_url": "x", "title": ""}).encode())


@pytest.mark.parametrize("item_id", ["milk", "a/b", "a/availability", "/", "a b", "100%", "äöü", "x|y", "?", "#", ".a", "a//b"])
async def test_ids_of_any_characters_can_be_made_unavailable_and_deleted(
    item_id: str, collector: Collector, log: InMemoryEventLog
) -> None:
    key = f"grocer|{item_id}".encode()
    path = f"/items/{quote(item_id, safe='')}"
    await collector.client.put("/items", json=[MILK | {"item_id": item_id}])
    patched = await collector.client.patch(f"{path}/availability", json={"available": False})
    deleted = await collector.client.delete(path)
    assert (patched.status_code, deleted.status_code) == (202, 202)
    assert [(record.topic, record.key) for record in log.records[1:]] == [
        (topics.AVAILABILITY.name, key),
        (topics.CATALOG.name, key),
        (topics.AVAILABILITY.name, key),
    ]
    assert log.records[1].value is not None
    assert not Availability.model_validate_json(log.records[1].value).available
    assert [record.value for record in log.records[2:]] == [None, None]


async def test_the_availability_of_an_item_that_nobody_put_is_refused_by_name(
    collector: Collector, log: InMemoryEventLog
) -> None:
    for make in (None, "put", "delete"):
        if make == "put":  # another tenant's item of the same name
            await collector.client.put("/items", json=[MILK], headers=bearer(FOREIGN_KEY))
        if make == "delete":
            await collector.client.put("/items", json=[MILK])
            await collector.client.delete("/items/milk")
        n_records = len(log.records)
        response = await collector.client.patch("/items/milk/availability", json={"available": True})
        assert (response.status_code, response.json()["field"], response.json()["value"]) == (404, "item_id", "milk")
        assert "PUT /items" in response.json()["expected"]
        assert len(log.records) == n_records


async def test_while_the_catalogue_cannot_be_read_no_item_is_called_unknown(
    collector: Collector, log: InMemoryEventLog
) -> None:
    collector.catalogue.unread = True
    response = await collector.client.patch("/items/milk/availability", json={"available": True})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert not log.records


async def test_a_slash_may_come_unescaped(collector: Collector, log: InMemoryEventLog) -> None:
    assert (await collector.client.delete("/items/a/b")).status_code == 202
    assert log.records[0].key == b"grocer|a/b"


@pytest.mark.parametrize("encoded", ["%FF", "%00", "a%1Fb", "x" * 129, ""])
async def test_ids_that_are_none_are_refused(encoded: str, collector: Collector, log: InMemoryEventLog) -> None:
    for response in (
        await collector.client.delete(f"/items/{encoded}"),
        await collector.client.patch(f"/items/{encoded}/availability", json={"available": True}),
    ):
        assert (response.status_code, response.json()["field"]) == (400, "item_id")
    assert not log.records


@pytest.mark.parametrize(
    "body", [{}, {"available": "no"}, {"available": 0}, {"available": None}, [], {"available": True, "x": 1}]
)
async def test_availability_is_true_or_false_and_nothing_else(
    body: object, collector: Collector, log: InMemoryEventLog
) -> None:
    response = await collector.client.patch("/items/milk/availability", json=body)
    assert response.status_code == 400
    assert not log.records


async def test_unacknowledged_writes_are_503(collector: Collector, log: InMemoryEventLog) -> None:
    await collector.client.put("/items", json=[MILK])
    log.failing = "disconnected"
    responses = [
        await collector.client.put("/items", json=[MILK]),
        await collector.client.patch("/items/milk/availability", json={"available": True}),
        await collector.client.delete("/items/milk"),
    ]
    assert [(response.status_code, response.headers["retry-after"]) for response in responses] == [(503, "1")] * 3
    assert (
        collector.count("recommndr_collector_catalogue_writes_total", tenant="grocer", operation="put", outcome="unknown") == 1
    )


async def test_an_item_that_no_broker_would_take_is_refused_by_its_field(collector: Collector, log: InMemoryEventLog) -> None:
    huge = MILK | {"tags": ["x" * 60_000 for _ in range(20)]}
    response = await collector.client.put("/items", json=[MILK, huge])
    assert (response.status_code, response.json()["field"]) == (400, "1.tags.0")
    assert not log.records


async def test_who_changes_the_catalogue_is_in_the_audit_log_by_the_id_of_the_key(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    async with open_collector(audit=AuditLog(path, lambda: NOW)) as collector:
        await collector.client.put("/items", json=[MILK, MILK | {"item_id": "m|2"}])
        await collector.client.patch("/items/milk/availability", json={"available": False})
        await collector.client.delete("/items/m%7C2")
        await collector.client.put("/items", json=[MILK | {"title": ""}])  # refused
        await collector.client.put("/items", json=[MILK], headers=bearer(EVENTS_ONLY_KEY))  # not allowed
    told = {"at": NOW.isoformat(), "by": ServerKey(sha256=hash_key(KEY)).id, "tenant": "grocer"}
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        told | {"act": "catalogue.put", "n_items": 2},
        told | {"act": "catalogue.availability", "item_id": "milk"},
        told | {"act": "catalogue.delete", "item_id": "m|2"},
    ]
    assert KEY not in path.read_text()


async def test_an_audit_log_that_cannot_be_written_stops_no_catalogue(tmp_path: Path, log: InMemoryEventLog) -> None:
    (tmp_path / "file").write_text("")
    async with open_collector(log, audit=AuditLog(tmp_path / "file" / "audit.jsonl")) as collector:
        assert (await collector.client.put("/items", json=[MILK])).status_code == 202
    assert len(log.records) == 1
