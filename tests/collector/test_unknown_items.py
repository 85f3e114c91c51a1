"""Events may name some items that the catalogue lacks, and not without end: each gets states and rows everywhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.identity import TenantId
from recommndr_collector.event_log import InMemoryEventLog
from recommndr_collector.known_items import hash_of
from recommndr_collector.unknown_items import UnknownItems
from tests.collector.shop import FOREIGN_KEY, TENANTS, bearer, click, open_collector

GROCER = TenantId("grocer")
FEW = TENANTS.model_copy(
    update={"tenants": dict(TENANTS.tenants) | {GROCER: TENANTS.tenants[GROCER].model_copy(update={"max_unknown_items": 3})}}
)


def view(n: int, *item_ids: str) -> dict[str, Any]:
    return click(n, kind="view", lines=[{"item_id": item_id} for item_id in item_ids])


async def test_invented_items_are_refused_beyond_the_limit_with_what_to_do_and_items_of_the_catalogue_never() -> None:
    log = InMemoryEventLog()
    async with open_collector(log, tenants=FEW) as collector:
        await collector.client.put("/items", json=[{"item_id": f"bread {n}", "title": "Bread"} for n in range(5)])
        events = [view(n, "bread 1", f"invented {n}") for n in range(6)]
        answer = await collector.client.post("/events", json=events)
        results = answer.json()["results"]
        assert [result["status"] for result in results] == [202] * 3 + [400] * 3
        assert "lines.1.item_id" in str(results[3]["problem"])
        assert "PUT /items" in str(results[3]["problem"])
        known = [view(10, "bread 2"), view(11, "invented 1"), view(12, "bread 3", "bread 4")]
        again = await collector.client.post("/events", json=known)
        assert {result["status"] for result in again.json()["results"]} == {202}
        theirs = await collector.client.post("/events", json=view(20, "unheard of"), headers=bearer(FOREIGN_KEY))
        assert theirs.status_code == 202
        assert collector.count("recommndr_collector_events_total", tenant="grocer", outcome="invalid") == 3


async def test_an_item_that_the_catalogue_got_since_makes_room_when_it_is_named_again() -> None:
    async with open_collector(InMemoryEventLog(), tenants=FEW) as collector:
        for n in range(3):
            assert (await collector.client.post("/events", json=view(n, f"new {n}"))).status_code == 202
        assert (await collector.client.post("/events", json=view(3, "new 3"))).status_code == 400
        await collector.client.put("/items", json=[{"item_id": "new 0", "title": "New"}])
        assert (await collector.client.post("/events", json=view(4, "new 0"))).status_code == 202
        assert (await collector.client.post("/events", json=view(5, "new 3"))).status_code == 202


async def test_while_the_catalogue_is_not_read_no_event_is_refused_for_its_items() -> None:
    async with open_collector(InMemoryEventLog(), tenants=FEW) as collector:
        collector.catalogue.unread = True
        for n in range(9):
            assert (await collector.client.post("/events", json=view(n, f"item {n}"))).status_code == 202


keys = st.integers(0, 12).map(lambda n: f"t|{n}".encode())


@given(st.lists(st.lists(keys, min_size=1, max_size=4), max_size=30), st.sets(keys), st.integers(0, 5))
def test_no_more_than_the_limit_is_ever_taken_and_what_was_taken_stays_welcome(
    events: list[list[bytes]], catalogue: set[bytes], most: int
) -> None:
    items, known, welcome = UnknownItems(), {hash_of(key) for key in catalogue}, set[bytes]()
    for event in events:
        refused = items.refused("t", event, most, known.__contains__)
        taken = event if refused is None else event[:refused]
        welcome |= set(taken) - catalogue
        if refused is not None:
            assert event[refused] not in welcome | catalogue
        assert items.n_of("t") == len(welcome) <= most


@pytest.mark.parametrize("n_lines", [1, 50])
async def test_a_shop_without_a_limit_of_its_own_may_name_ten_thousand(n_lines: int) -> None:
    async with open_collector(InMemoryEventLog()) as collector:
        lines = [{"item_id": f"i{n}"} for n in range(n_lines)]
        assert (await collector.client.post("/events", json=click(1, lines=lines))).status_code == 202
    assert TENANTS.tenants[GROCER].max_unknown_items == 10_000
