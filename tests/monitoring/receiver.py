"""A webhook for tests that keeps the alerts that Alertmanager posts."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Notification:
    """A notification of one alert."""

    name: str
    status: str
    labels: dict[str, str]
    annotations: dict[str, str]
    at_s: float  # monotonic


@dataclass
class Receiver:
    """The notifications received so far."""

    url: str = ""
    notifications: list[Notification] = field(default_factory=list)

    def of(self, name: str, status: str = "firing", since_s: float = 0.0, **labels: str) -> list[Notification]:
        """Notifications of one alert with these labels."""
        return [
            one
            for one in self.notifications
            if (one.name, one.status) == (name, status) and one.at_s >= since_s and labels.items() <= one.labels.items()
        ]

    def take(self, body: dict[str, Any]) -> None:
        """Keep the alerts of one notification."""
        for alert in body["alerts"]:
            labels, notes = alert["labels"], alert["annotations"]
            self.notifications.append(Notification(labels["alertname"], alert["status"], labels, notes, time.monotonic()))


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port while the context lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/alerts"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
