"""Health checks and metrics, the same in every service. Requests through the edge may not read them."""

from collections.abc import Mapping, Sequence

import orjson
from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from recommndr_http.refusals import no_such_path

# Envoy sets this header on every request that it forwards.
_FROM_EDGE = "x-forwarded-proto"
PRIVATE = {"cache-control": "no-store"}


def live(stalled: Sequence[str] = ()) -> Response:
    """200 while no background loop hangs; a 503 names the loops that hang."""
    return _status("stalled", 503, stalled=list(stalled)) if stalled else _status("live")


def ready(awaited: Sequence[str]) -> Response:
    """200 when the service is ready for traffic; a 503 names what it waits for."""
    return _status("not ready", 503, awaited=list(awaited)) if awaited else _status("ready")


def metrics(registry: CollectorRegistry) -> Response:
    """For Prometheus."""
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def refuse_edge(headers: Mapping[str, str], path: str) -> None:
    """Raise `Problem` 404 for a request that came through the edge."""
    if _FROM_EDGE in headers:
        raise no_such_path(path)


def _status(status: str, code: int = 200, **more: object) -> Response:
    return Response(orjson.dumps({"status": status, **more}), code, PRIVATE, "application/json")
