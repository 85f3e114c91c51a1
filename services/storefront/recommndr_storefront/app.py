"""The server's routes: pages, `/shop.json`, `/session`, `/ops` with figures and moves, health. Metrics are on another port."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from recommndr.identity import check_tenant
from recommndr_http import probes
from recommndr_http.body import read_body
from recommndr_http.probes import PRIVATE
from recommndr_http.problem import Problem, refused_field
from recommndr_storefront.gate import Admitted, Gate
from recommndr_storefront.metrics import Metrics
from recommndr_storefront.operations import Answer, Operations, RolloutAway
from recommndr_storefront.own_page import refuse_foreign
from recommndr_storefront.pages import Page, Pages
from recommndr_storefront.security import HEADERS, content_policy
from recommndr_storefront.sessions import Sessions
from recommndr_storefront.sign_in import CALLBACK, SIGN_OUT, SignIn

Handler = Callable[[Request], Awaitable[Response]]
_MAX_MOVE_BYTES = 8_192  # reason, name and version; rollout has limits for each
_MOVE = re.compile(r"[a-z]{1,32}")


@dataclass(frozen=True, slots=True)
class Storefront:
    """The objects that the routes use."""

    pages: Pages
    sessions: Sessions
    operations: Operations
    gate: Gate
    metrics: Metrics

    async def page(self, request: Request) -> Response:
        """A file of the export; without its body if the browser has cached it."""
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
            headers["content-security-policy"] = content_policy(self.sessions.edge_url, page.script_hashes)
        if page.compressed is not None and "gzip" in asked.get("accept-encoding", ""):
            return Response(page.compressed, status, headers | {"content-encoding": "gzip"})
        return Response(page.body, status, headers)

    async def figures(self, _: Request) -> Response:
        """Rollout's figures, for `/ops`."""
        return await _passed_on(self.operations.figures())

    async def series(self, request: Request) -> Response:
        """Rollout's series, for the sparklines of `/ops`."""
        return await _passed_on(self.operations.series(request.query_params))

    async def move(self, request: Request) -> Response:
        """An operator's move of a release, passed on to rollout with the same login."""
        refuse_foreign(request.headers)
        tenant, move = (request.path_params[name] for name in ("tenant", "move"))
        try:
            check_tenant(tenant)
        except ValueError as cause:
            raise Problem(400, str(cause)) from None
        _check_move(move)
        operator: Admitted = request.state.operator
        body = _by(operator, await read_body(request, _MAX_MOVE_BYTES))
        return await _passed_on(self.operations.move(tenant, move, body, operator.login))

    async def code(self, _: Request) -> Response:
        """Rollout's code release."""
        return await _passed_on(self.operations.code())

    async def move_code(self, request: Request) -> Response:
        """An operator's move of a code release, passed on to rollout with the same login."""
        refuse_foreign(request.headers)
        move = request.path_params["move"]
        _check_move(move)
        operator: Admitted = request.state.operator
        body = _by(operator, await read_body(request, _MAX_MOVE_BYTES))
        return await _passed_on(self.operations.move_code(move, body, operator.login))

    async def health(self, _: Request) -> Response:
        """Always 200: the pages are in memory, so a server that answers is ready."""
        return probes.ready([])

    async def measured(self, _: Request) -> Response:
        """For Prometheus."""
        return probes.metrics(self.metrics.registry)

    def guarded(self, handler: Handler) -> Handler:
        """The handler with a login for all paths below `/ops`: page, payload, runbooks and figures."""

        async def answer(request: Request) -> Response:
            if request.url.path.startswith("/ops"):
                admitted = await self.gate.admit(request)
                if isinstance(admitted, Response):
                    return admitted
                request.state.operator = admitted
            return await handler(request)

        return answer

    def counted(self, handler: Handler, asked_for: str | None = None) -> Handler:
        """The handler with counting and the headers of all answers."""

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except Problem as problem:
                response = problem.to_response()
            asked = asked_for or ("asset" if request.url.path.startswith("/_next/") else "page")
            self.metrics.requests.labels(asked, str(response.status_code)).inc()
            response.headers.update(HEADERS)
            return response

        return answer


def _by(operator: Admitted, body: bytes) -> bytes:
    """The move in the name of who signed in, whatever name the body has."""
    if operator.identity is None:
        return body
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Problem(400, "expected a JSON object with the move's reason")
    return json.dumps(asked | {"by": operator.identity}).encode()


def _check_move(move: str) -> None:
    if not _MOVE.fullmatch(move):
        raise refused_field("move", move, "start, pause, resume, promote, rollback or lift")


async def _passed_on(asked: Awaitable[Answer]) -> Response:
    try:
        answer = await asked
    except RolloutAway as cause:
        raise Problem(503, str(cause)) from cause
    return Response(answer.body, answer.status, PRIVATE, answer.media_type)


def create_app(storefront: Storefront, sign_in: SignIn | None = None) -> Starlette:
    """The application for shoppers and operators; with `sign_in` its routes are there."""
    counted, guarded, sessions = storefront.counted, storefront.guarded, storefront.sessions
    return Starlette(
        routes=[
            *_health(storefront),
            *([] if sign_in is None else _sign_in(storefront, sign_in)),
            Route("/shop.json", counted(sessions.shops, "shops")),
            Route("/session", counted(sessions.open, "session"), methods=["POST"]),
            Route("/session", counted(sessions.forget, "session"), methods=["DELETE"]),
            Route("/ops/figures", counted(guarded(storefront.figures), "figures")),
            Route("/ops/series", counted(guarded(storefront.series), "series")),
            Route("/ops/rollout/{tenant}/{move}", counted(guarded(storefront.move), "move"), methods=["POST"]),
            Route("/ops/code", counted(guarded(storefront.code), "code")),
            Route("/ops/code/{move}", counted(guarded(storefront.move_code), "move"), methods=["POST"]),
            Route("/{path:path}", counted(guarded(storefront.page))),
        ]
    )


def create_metrics_app(storefront: Storefront) -> Starlette:
    """The application for Prometheus: no shopper reaches its port."""
    return Starlette(routes=[*_health(storefront), Route("/metrics", storefront.counted(storefront.measured, "probe"))])


def _sign_in(storefront: Storefront, sign_in: SignIn) -> list[Route]:
    return [
        Route(CALLBACK, storefront.counted(sign_in.signed_in, "sign-in")),
        Route(SIGN_OUT, storefront.counted(sign_in.sign_out, "sign-in"), methods=["POST"]),
    ]


def _health(storefront: Storefront) -> list[Route]:
    return [Route(path, storefront.counted(storefront.health, "probe")) for path in ("/health/live", "/health/ready")]
