"""Queued requests that nobody waits for any more get no list; their place goes to callers who still wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import Message

from recommndr_serving.http import edge, shedding
from recommndr_serving.recommend import Recommender
from tests.engine.bundles import WrittenBundle
from tests.serving.shops import Shop, headers, open_shop

ASKED = [("POST", "/recommend", b'{"user_id": "anna"}'), ("GET", "/recommend?user_id=anna", b"")]


@pytest.fixture
async def shop(bundle: WrittenBundle) -> AsyncIterator[Shop]:
    async with open_shop(bundle) as found:
        yield found


class Caller:
    """A connection to the slot that asks once, and may be closed."""

    def __init__(self, shop: Shop, method: str, url: str, body: bytes) -> None:
        parts = urlsplit(url)
        named = headers("anna") | {"host": "slot"} | ({"content-length": str(len(body))} if body else {})
        self._scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 1),
            "server": ("slot", 80),
        }
        self._app: Any = shop.client._transport.app  # type: ignore[attr-defined]
        self._received = [{"type": "http.request", "body": body, "more_body": False}]
        self._left = asyncio.Event()
        self.status: int | None = None
        self.answering = asyncio.create_task(self._app(self._scope, self._receive, self._send))

    @property
    def has_arrived(self) -> bool:
        return edge.ARRIVED_NOTE in self._scope

    def leave(self) -> None:
        self._left.set()

    async def _receive(self) -> Message:
        if self._received:
            return self._received.pop()
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


async def arrived(caller: Caller) -> Caller:
    """The caller, once the slot has its request."""
    while not caller.has_arrived:  # noqa: ASYNC110 - the slot's own clock says when
        await asyncio.sleep(0)
    return caller


@asynccontextmanager
async def busy(shop: Shop) -> AsyncIterator[None]:
    """All turns are taken while the context lasts."""
    recommender: Recommender = shop.client._transport.app.state.recommender  # type: ignore[attr-defined]
    n_turns = 0
    while not recommender.turns.locked():
        await recommender.turns.acquire()
        n_turns += 1
    try:
        yield
    finally:
        for _ in range(n_turns):
            recommender.turns.release()


def n_lists(shop: Shop) -> float:
    return shop.count("recommndr_serving_answers_total", endpoint="/recommend", tenant="grocer", ladder="full")


@pytest.mark.parametrize(("method", "url", "body"), ASKED)
async def test_a_list_is_not_made_for_a_caller_who_has_left(shop: Shop, method: str, url: str, body: bytes) -> None:
    async with busy(shop):
        waits, leaves = [await arrived(Caller(shop, method, url, body)) for _ in range(2)]
        await asyncio.sleep(2 * shedding._QUEUED_S)
        leaves.leave()
    await asyncio.gather(waits.answering, leaves.answering)
    assert (waits.status, leaves.status) == (200, 499)
    assert n_lists(shop) == 1
    assert shop.count("recommndr_serving_shed_total", reason="caller_left") == 1


@pytest.mark.parametrize(("method", "url", "body"), ASKED)
async def test_a_list_is_not_made_once_its_time_is_over(
    shop: Shop, method: str, url: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with busy(shop):
        with monkeypatch.context() as earlier:
            earlier.setattr(edge, "perf_counter", lambda: perf_counter() - shedding.READ_TIMEOUT_S)
            late = await arrived(Caller(shop, method, url, body))
        in_time = await arrived(Caller(shop, method, url, body))
    await asyncio.gather(late.answering, in_time.answering)
    assert (late.status, in_time.status) == (503, 200)
    assert n_lists(shop) == 1
    assert shop.count("recommndr_serving_shed_total", reason="overdue") == 1


async def test_a_slot_with_a_loop_that_hangs_is_not_live(shop: Shop) -> None:
    assert (await shop.client.get("/health/live")).json() == {"status": "live"}
    object.__setattr__(shop.slot, "stalled", lambda: ["tails"])
    answer = await shop.client.get("/health/live")
    assert (answer.status_code, answer.json()) == (503, {"status": "stalled", "stalled": ["tails"]})
