"""The platform behind one address: a slot with a bundle, and the collector over a log in memory."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import uvicorn
from prometheus_client import CollectorRegistry

from recommndr.catalog import CatalogItem
from recommndr.events import Event, decode
from recommndr.identity import ItemId
from recommndr.shopper_token import NO_KEYS
from recommndr_collector.app import create_app
from recommndr_collector.catalogue_view import InMemoryCatalogue
from recommndr_collector.event_log import InMemoryEventLog
from recommndr_collector.gate import Gate
from recommndr_collector.metrics import Metrics
from recommndr_http.credential import Credentials
from tests.engine.bundles import ITEM_IDS, NOW, WrittenBundle
from tests.patience import PATIENCE_S
from tests.serving.shops import CREDENTIALS, SIGNING_KEY, open_shop

_TO_COLLECTOR = "/events"


@dataclass
class Platform:
    """An ASGI app that sends writes to the collector and all else to the slot, and what the log holds."""

    app: Any
    log: InMemoryEventLog

    def events(self) -> list[Event]:
        return [decode(record.value) for record in self.log.records if record.value is not None]


@asynccontextmanager
async def open_platform(
    bundle: WrittenBundle, item_ids: Sequence[str] = ITEM_IDS, now: Callable[[], datetime] = lambda: NOW
) -> AsyncIterator[Platform]:
    """The grocer's shop with these items in the catalogue."""
    log, metrics = InMemoryEventLog(), Metrics(CollectorRegistry())

    @asynccontextmanager
    async def open_gate() -> AsyncIterator[Gate]:
        credentials = Credentials(lambda: CREDENTIALS, lambda: NO_KEYS, now)
        yield Gate(log, credentials, now, lambda: {"k1": SIGNING_KEY}, metrics, InMemoryCatalogue(log.records))

    collector = create_app(open_gate, CREDENTIALS)
    async with collector.router.lifespan_context(collector), open_shop(bundle, stocked=False, now=now) as shop:
        shop.grocer.items.apply_catalog({each: CatalogItem(item_id=ItemId(each), title=each) for each in item_ids})
        transport = shop.client._transport
        assert isinstance(transport, httpx.ASGITransport)
        slot: Any = transport.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            written = scope["path"] == _TO_COLLECTOR or scope.get("method") == "PUT"
            await (collector if written else slot)(scope, receive, send)

        yield Platform(app, log)


@contextmanager
def served_platform(
    bundle: WrittenBundle, item_ids: Sequence[str], now: Callable[[], datetime], port: int = 0
) -> Iterator[tuple[str, Platform]]:
    """The same behind a real socket, in a thread of its own; gives its URL; port 0 = any that is free."""
    started, opened = threading.Event(), list[tuple[str, Platform, uvicorn.Server]]()

    async def serve() -> None:
        async with open_platform(bundle, item_ids, now) as platform:
            with socket.create_server(("127.0.0.1", port)) as listening:
                config = uvicorn.Config(platform.app, log_level="error", lifespan="off")
                server = uvicorn.Server(config)
                opened.append((f"http://127.0.0.1:{listening.getsockname()[1]}", platform, server))
                started.set()
                await server.serve([listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(PATIENCE_S)
    url, platform, server = opened[0]
    try:
        yield url, platform
    finally:
        server.should_exit = True
        thread.join()
