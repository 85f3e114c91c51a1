"""What surrounds every request of a slot: the limit on bodies, and the counts and durations of answers."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommndr_serving.http.problems import refused_field
from recommndr_serving.metrics import NOBODY, Metrics

MAX_BODY_BYTES = 65_536
_UNMATCHED = "unmatched"

# Where the handlers note whose request it was, for the metrics.
TENANT_NOTE = "recommndr.tenant"


class BodyLimit:
    """Refuses bodies of more than `MAX_BODY_BYTES` with a 413 before any of it is parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_BODY_BYTES:
                problem = refused_field("body", f"over {MAX_BODY_BYTES} bytes", f"at most {MAX_BODY_BYTES} bytes", status=413)
                await problem.to_response()(scope, receive, send)
                return
        await self._app(scope, _replay(bytes(body), receive), send)


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
        began_s = perf_counter()
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


def _note(scope: Scope, status: int, seconds: float) -> None:
    metrics: Metrics = scope["app"].state.slot.metrics
    route = scope.get("route")
    endpoint = _UNMATCHED if route is None else str(route.path)
    tenant = scope.get(TENANT_NOTE, NOBODY)
    metrics.requests.labels(endpoint, tenant, str(status)).inc()
    metrics.request_seconds.labels(endpoint, tenant).observe(seconds)
