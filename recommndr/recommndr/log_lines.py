"""Log lines as JSON objects; their keys are constants here. Only a service's `main` configures logging."""

import json
import logging
import sys
from datetime import UTC, datetime

AT = "at"
LEVEL = "level"
SERVICE = "service"
LOGGER = "logger"
MESSAGE = "message"
CAUSE = "cause"


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON, the traceback of an error in `cause`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        fields = {
            AT: datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            LEVEL: record.levelname.lower(),
            SERVICE: self._service,
            LOGGER: record.name,
            MESSAGE: record.getMessage(),
        }
        if record.exc_info:
            fields[CAUSE] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


def log_json_lines(service: str) -> logging.Handler:
    """Log JSON lines to stderr; for a `main` only, which may add filters to the handler."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Its INFO lines report every connection and metadata update.
    logging.getLogger("kafka").setLevel(logging.WARNING)
    return handler
