"""`/metrics`, `/health/live` and `/health/ready` of a service that has no other HTTP."""

import threading
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a scrape is no news."""


@contextmanager
def serve_probes(host: str, port: int, registry: CollectorRegistry, ready: Callable[[], bool]) -> "Iterator[None]":
    """Answer in a thread while the context lasts."""
    metrics = make_wsgi_app(registry)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            found: Iterable[bytes] = metrics(environ, start_response)
            return found
        status = {"/health/live": "200 OK", "/health/ready": "200 OK" if ready() else "503 Service Unavailable"}.get(path)
        start_response(status or "404 Not Found", [("Content-Type", "text/plain")])
        return [(status or "not found").encode()]

    with make_server(host, port, answer, handler_class=_Silent) as server:
        thread = threading.Thread(target=server.serve_forever, name="probes", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
