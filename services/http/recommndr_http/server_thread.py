"""Serves an application from a thread, so that the main thread keeps its loop and its signals."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def served(app: ASGIApp, host: str, port: int) -> Iterator[None]:
    """Serve while the context lasts; raises `OSError` at once if the port is taken."""
    with socket.create_server((host, port)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
        thread = threading.Thread(target=server.run, args=([listener],), name="http", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()
