"""How a follower's process starts and is asked to end."""

import logging
import signal
import sys
import threading

from recommndr.log_lines import JsonLines


def log_json_lines(service: str) -> None:
    """Log JSON lines to stderr; for a `main` only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Its INFO lines tell of every connection and metadata update.
    logging.getLogger("kafka").setLevel(logging.WARNING)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
