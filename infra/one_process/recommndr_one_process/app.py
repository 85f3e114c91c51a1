"""One ASGI application for the whole API: collector and slot behind the edge, and the metrics of all parts."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from recommndr.tenancy import Tenants
from recommndr_collector import app as collector_app
from recommndr_collector.gate import Gate
from recommndr_http.probes import refuse_edge
from recommndr_http.problem import Problem
from recommndr_http.shop_document import shop_document
from recommndr_one_process.edge import Callers, Edge
from recommndr_one_process.installation import Installation
from recommndr_serving.http import api as slot_api
from recommndr_serving.slot import Slot

_POLL_S = 0.1

Open = Callable[[], AbstractAsyncContextManager[Installation]]


class OneProcess:
    """The application; `tell` is called when it is ready for traffic."""

    def __init__(self, open_parts: Open, tenants: Tenants, callers: Callers, tell: Callable[[], None] = lambda: None) -> None:
        self._open, self._tell = open_parts, tell
        self._parts: Installation | None = None
        self._collector = collector_app.create_app(self._gate, tenants)
        self._slot = slot_api.create_app(self._slot_of)
        self._edge: ASGIApp = Edge(self._collector, self._inner, callers)
        self._router = Router(lifespan=self._lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._router.lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await self._edge(scope, receive, send)

    async def _inner(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The slot, and in place of its metrics and its OpenAPI document those of all parts."""
        if (scope["method"], scope["path"]) == ("GET", "/openapi.json"):
            await JSONResponse(shop_document([self._slot.openapi(), self._collector.openapi()]))(scope, receive, send)
            return
        if scope["path"] != "/metrics":
            await self._slot(scope, receive, send)
            return
        try:
            refuse_edge(Headers(scope=scope), scope["path"])
            page = generate_latest(self._known().metrics)
            answer = Response(page, media_type=CONTENT_TYPE_LATEST)
        except Problem as problem:
            answer = problem.to_response()
        await answer(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _: object) -> AsyncIterator[None]:
        async with self._open() as self._parts:
            in_collector = self._collector.router.lifespan_context(self._collector)
            in_slot = self._slot.router.lifespan_context(self._slot)
            async with in_collector, in_slot:
                announcing = asyncio.create_task(self._announce())
                yield
                announcing.cancel()

    @asynccontextmanager
    async def _gate(self) -> AsyncIterator[Gate]:
        yield self._known().gate

    @asynccontextmanager
    async def _slot_of(self) -> AsyncIterator[Slot]:
        yield self._known().slot

    def _known(self) -> Installation:
        if self._parts is None:
            raise RuntimeError("the parts are not open: the server must run the application's lifespan")
        return self._parts

    async def _announce(self) -> None:
        while self._known().slot.awaited():  # noqa: ASYNC110 - threads set these states, so there is no event to await
            await asyncio.sleep(_POLL_S)
        # Objects loaded at start stay until the end, so that garbage collection need not scan them during requests.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        self._tell()
