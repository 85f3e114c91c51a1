"""`DELETE /users/{id}` is an event of the shopper's own key, and nobody else can send one."""

from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.events import Erase, decode, encode, erasure
from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import NOW, bearer, click, open_collector, token


@pytest.mark.parametrize("user_id", ["u1", "ü/3", "a|b", "per cent%", "o'hara"])
async def test_it_is_written_under_the_shoppers_key_behind_what_came_before(user_id: str) -> None:
    log = InMemoryEventLog()
    async with open_collector(log) as collector:
        await collector.client.post("/events", json=click(1, user_id=user_id))
        answer = await collector.client.delete(f"/users/{quote(user_id, safe='')}")
    assert answer.status_code == 202
    before, erased = log.records
    assert (erased.topic, erased.key) == (before.topic, before.key)
    event = decode(erased.value or b"")
    assert isinstance(event, Erase)
    assert (event.tenant, event.user_id, event.received_at, event.lines) == ("grocer", user_id, NOW, ())
    assert answer.json() == {"event_id": str(event.event_id), "status": 202}
    assert dict(erased.headers)["kind"] == b"erase"


async def test_a_shoppers_token_and_a_key_without_all_scopes_may_not() -> None:
    log = InMemoryEventLog()
    async with open_collector(log) as collector:
        assert (await collector.client.delete("/users/u1", headers=bearer(token("u1")))).status_code == 403
        assert (await collector.client.delete("/users/u1", headers={"Authorization": ""})).status_code == 401
        assert (await collector.client.delete("/users/")).status_code == 400
    assert log.records == []


async def test_a_client_cannot_send_it_as_an_event() -> None:
    async with open_collector(InMemoryEventLog()) as collector:
        for lines in ([], [{"item_id": "i1"}]):
            answer = await collector.client.post("/events", json=click(1, kind="erase", lines=lines))
            assert answer.status_code == 400


@given(st.uuids(), st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20))
def test_its_bytes_are_read_back(event_id: UUID, user_id: str) -> None:
    event = erasure("grocer", user_id, event_id, NOW)
    assert decode(encode(event)) == event
