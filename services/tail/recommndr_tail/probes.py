"""Serves `/metrics`, `/health/live` and `/health/ready` for a service without other HTTP.

Each connection has a thread and a timeout, so that an idle connection blocks neither Prometheus nor a health check.
"""

import logging
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from recommndr.hosts import LOOPBACK, is_known_host

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)
# Long enough for a short request on a busy machine, shorter than two timeouts of a scrape.
_IDLE_TIMEOUT_S = 5.0


class _Handler(WSGIRequestHandler):
    timeout = _IDLE_TIMEOUT_S

    def log_message(self, format: str, *args: object) -> None:
        """Do not log requests."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False  # an idle connection must not delay the end of the process

    def handle_error(self, request: object, client_address: object) -> None:
        """Log errors, except those of clients that closed the connection or sent nothing."""
        if not isinstance(sys.exception(), OSError):
            _log.exception("a probe from %s failed", client_address)


@contextmanager
def serve_probes(
    host: str,
    port: int,
    registry: CollectorRegistry,
    ready: Callable[[], bool],
    stalled: Callable[[], list[str]] = list,
    hosts: Collection[str] = LOOPBACK,
) -> Iterator[None]:
    """Answer requests with a Host of `hosts` until the context ends. Not live while `stalled` names a background loop."""
    application = _known_hosts(_application(registry, ready, stalled), hosts)
    with make_server(host, port, application, server_class=_Server, handler_class=_Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="probes", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _known_hosts(application: "WSGIApplication", hosts: Collection[str]) -> "WSGIApplication":
    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if is_known_host(environ.get("HTTP_HOST", ""), hosts):
            return application(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Host: not a name of this service\n"]

    return answer


def _application(registry: CollectorRegistry, ready: Callable[[], bool], stalled: Callable[[], list[str]]) -> "WSGIApplication":
    metrics = make_wsgi_app(registry)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            found: Iterable[bytes] = metrics(environ, start_response)
            return found
        status, text = _health(path, ready, stalled)
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{text}\n".encode()]

    return answer


def _health(path: str, ready: Callable[[], bool], stalled: Callable[[], list[str]]) -> tuple[str, str]:
    if path == "/health/live":
        hanging = stalled()
        return ("503 Service Unavailable", f"stalled: {', '.join(hanging)}") if hanging else ("200 OK", "live")
    if path == "/health/ready":
        return ("200 OK", "ready") if ready() else ("503 Service Unavailable", "not ready")
    return "404 Not Found", "no such path; see /metrics, /health/live, /health/ready"
