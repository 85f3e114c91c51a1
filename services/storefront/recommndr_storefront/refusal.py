"""What a request is refused with: raised anywhere, answered as RFC 9457 has it."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

PRIVATE = {"cache-control": "no-store"}


class Refusal(Exception):
    """The request gets this answer; `detail` is for the browser and names nothing of the inside."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, PRIVATE | dict(headers or {})

    def answer(self) -> Response:
        """As `application/problem+json`."""
        title = HTTPStatus(self.status).phrase
        body = json.dumps({"type": "about:blank", "title": title, "status": self.status, "detail": self.detail})
        return Response(body, self.status, self.headers, "application/problem+json")
