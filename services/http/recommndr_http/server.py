"""Runs an application, in the main thread or beside it. Only requests with a known Host reach it."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

# Services write their own log, and an answer does not name the server.
_QUIET: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False}


def serve(app: ASGIApp, hosts: Sequence[str], host: str, port: int, shutdown_s: int | None = None) -> None:
    """Serve until SIGTERM; requests under way then have `shutdown_s` to end, without it any time."""
    uvicorn.run(
        _for_known(app, hosts),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        timeout_graceful_shutdown=shutdown_s,
        **_QUIET,
    )


@contextmanager
def served(app: ASGIApp, hosts: Sequence[str], host: str, port: int) -> Iterator[None]:
    """Serve from a thread while the context lasts, so that the main thread keeps its loop and its signals.

    Raises `OSError` at once if the port is taken.
    """
    with socket.create_server((host, port)) as listener:
        server = uvicorn.Server(uvicorn.Config(_for_known(app, hosts), **_QUIET))
        thread = threading.Thread(target=server.run, args=([listener],), name="http", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()


def _for_known(app: ASGIApp, hosts: Sequence[str]) -> ASGIApp:
    return TrustedHostMiddleware(app, hosts, www_redirect=False)
