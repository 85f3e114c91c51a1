"""Middleware of all requests of a slot: limits on bodies and queries, counts and durations of answers."""

from time import perf_counter

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommndr_background.traces import TRACEPARENT, Tracer
from recommndr_http.body import read_body
from recommndr_http.problem import Problem, refused_field
from recommndr_serving.metrics import NOBODY, Metrics

MAX_BODY_BYTES = 65_536
# `GET /recommend` has 15 names; the longest query has `exclude` 500 times.
_MAX_QUERY_PARTS, _MAX_QUERY_NAMES = 600, 20
_UNMATCHED = "unmatched"
# Monitoring and rollout ask these every few seconds.
_UNTRACED = frozenset({"/health/live", "/health/ready", "/metrics", "/slot"})

# Key under which handlers store the tenant, for the metrics.
TENANT_NOTE = "recommndr.tenant"
# Time of arrival of the request, by `perf_counter`.
ARRIVED_NOTE = "recommndr.arrived_s"


class RequestLimit:
    """Refuses long bodies with a 413 and queries of many parts with a 400, before any of it is parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_query(scope["query_string"])
            if _has_body(scope):
                receive = _replay(await read_body(Request(scope, receive), MAX_BODY_BYTES), receive)
        except Problem as problem:
            await problem.to_response()(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self._app(scope, receive, send)


def _check_query(query: bytes) -> None:
    parts = query.split(b"&")
    n_names = len({part.partition(b"=")[0] for part in parts})
    if len(parts) > _MAX_QUERY_PARTS or n_names > _MAX_QUERY_NAMES:
        expected = f"at most {_MAX_QUERY_PARTS} values of at most {_MAX_QUERY_NAMES} names"
        raise refused_field("query", f"{len(parts)} values of {n_names} names", expected)


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


class Observed:
    """Counts every answer by endpoint, tenant and status, and times it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        tracer: Tracer = scope["app"].state.slot.tracer
        if not tracer.is_on or scope["path"] in _UNTRACED:
            await self._observed(scope, receive, send)
            return
        with tracer.received(scope["method"], Headers(scope=scope).get(TRACEPARENT)) as span:
            status = await self._observed(scope, receive, send)
            span.rename(f"{scope['method']} {_endpoint(scope)}")
            span.note(status=status, tenant=scope.get(TENANT_NOTE, NOBODY))

    async def _observed(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Answers; returns the status."""
        began_s = scope[ARRIVED_NOTE] = perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _note(scope, status, perf_counter() - began_s)
        return status


def _note(scope: Scope, status: int, seconds: float) -> None:
    metrics: Metrics = scope["app"].state.slot.metrics
    endpoint = _endpoint(scope)
    tenant = scope.get(TENANT_NOTE, NOBODY)
    metrics.requests.labels(endpoint, tenant, str(status)).inc()
    metrics.request_seconds.labels(endpoint, tenant).observe(seconds)


def _endpoint(scope: Scope) -> str:
    route = scope.get("route")
    return _UNMATCHED if route is None else str(route.path)
