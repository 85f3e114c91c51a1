"""The server's routes: pages, `/shop.json`, `/session`, `/ops/figures`, health, metrics."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from recommndr.identity import Tenant, User
from recommndr_storefront.metrics import Metrics
from recommndr_storefront.operations import NoFigures, Operations
from recommndr_storefront.pages import Page, Pages
from recommndr_storefront.security import HEADERS, content_policy
from recommndr_storefront.shops import read_shops
from recommndr_storefront.tokens import NoToken, Tokens

_MAX_SESSION_BYTES = 1_024
_PRIVATE = {"cache-control": "no-store"}
Handler = Callable[[Request], Awaitable[Response]]


class SessionRequest(BaseModel):
    """`POST /session`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tenant: Tenant
    user_id: User


@dataclass(frozen=True, slots=True)
class Storefront:
    """What the routes need."""

    pages: Pages
    shops_file: Path
    tokens: Tokens
    operations: Operations
    edge_url: str  # as browsers reach it
    metrics: Metrics

    async def page(self, request: Request) -> Response:
        """A file of the export; a page without its body where the browser has it already."""
        found = self.pages.find(request.url.path)
        if found is None:
            missing = self.pages.not_found
            return Response("not found", 404) if missing is None else self._send(missing, 404, {})
        if found.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={name: found.headers[name] for name in ("etag", "cache-control", "vary")})
        return self._send(found, 200, request.headers)

    def _send(self, page: Page, status: int, asked: Any) -> Response:
        headers = dict(page.headers)
        if headers["content-type"].startswith("text/html"):
            headers["content-security-policy"] = content_policy(self.edge_url, page.script_hashes)
        if page.compressed is not None and "gzip" in asked.get("accept-encoding", ""):
            return Response(page.compressed, status, headers | {"content-encoding": "gzip"})
        return Response(page.body, status, headers)

    async def shops(self, _: Request) -> Response:
        """Where the edge is, which shops are live, who may be played."""
        told = read_shops(self.shops_file).model_dump(mode="json")
        return JSONResponse({"edge_url": self.edge_url, "dev": True, **told}, headers=_PRIVATE)

    async def session(self, request: Request) -> Response:
        """A token for one of the shoppers that the switcher offers.

        This is the development mode's sign-in: it believes what it is told. A shop puts its own in this place.
        """
        body = await request.body()
        try:
            asked = SessionRequest.model_validate_json(body[: _MAX_SESSION_BYTES + 1])
        except ValidationError as cause:
            return _problem(400, "; ".join(f"{error['loc']}: {error['msg']}" for error in cause.errors(include_url=False)))
        shop = read_shops(self.shops_file).find(asked.tenant)
        if shop is None or not shop.has_shopper(asked.user_id):
            return _problem(403, f"{asked.user_id!r} of {asked.tenant!r}: expected a shopper that /shop.json names")
        try:
            return JSONResponse(await self.tokens.ask(asked.tenant, asked.user_id), headers=_PRIVATE)
        except NoToken as cause:
            return _problem(502, str(cause)) if cause.refused else _problem(503, str(cause), {"retry-after": "1"})

    async def figures(self, _: Request) -> Response:
        """What is live where and how it does, for `/ops`."""
        try:
            return Response(await self.operations.figures(), headers=_PRIVATE, media_type="application/json")
        except NoFigures as cause:
            return _problem(503, str(cause))

    async def health(self, _: Request) -> Response:
        """The pages are in memory: it can be asked, so it is ready."""
        return JSONResponse({"status": "ready"}, headers=_PRIVATE)

    async def measured(self, _: Request) -> Response:
        """For Prometheus."""
        return Response(generate_latest(self.metrics.registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    def counted(self, handler: Handler, asked_for: str | None = None) -> Handler:
        """The handler, its answers counted and given the headers that all answers have."""

        async def answer(request: Request) -> Response:
            response = await handler(request)
            asked = asked_for or ("asset" if request.url.path.startswith("/_next/") else "page")
            self.metrics.requests.labels(asked, str(response.status_code)).inc()
            response.headers.update(HEADERS)
            return response

        return answer


def create_app(storefront: Storefront) -> Starlette:
    """The application."""
    counted = storefront.counted
    return Starlette(
        routes=[
            Route("/health/live", counted(storefront.health, "probe")),
            Route("/health/ready", counted(storefront.health, "probe")),
            Route("/metrics", counted(storefront.measured, "probe")),
            Route("/shop.json", counted(storefront.shops, "shops")),
            Route("/session", counted(storefront.session, "session"), methods=["POST"]),
            Route("/ops/figures", counted(storefront.figures, "figures")),
            Route("/{path:path}", counted(storefront.page)),
        ]
    )


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail})
    return Response(body, status, _PRIVATE | (headers or {}), "application/problem+json")
