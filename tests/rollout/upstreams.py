"""Stand-ins for the services behind the edge: each answers every request with its own name, and the headers it saw.

One that is not ready answers 503, as a slot that has just started.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def upstream(name: str, port: int, status: int = 200) -> Iterator[None]:
    """A server that answers with `name` and `status` while the context lasts."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two writes: 40 ms apart otherwise

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(status)
            self.send_header("content-length", str(len(name)))
            ours = {header: value for header, value in self.headers.items() if header.lower().startswith(("x-rec", "auth"))}
            self.send_header("x-seen", json.dumps(ours))
            self.end_headers()
            self.wfile.write(name.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def do_PATCH(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Answer) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
