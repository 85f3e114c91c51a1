"""Problems a client gets: RFC 9457 `application/problem+json` that names the field, the value and what was expected.

Every request a client got wrong is a 400, whatever is wrong with it; 401, 403, 413 and 503 mean what they say elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi.responses import Response
from pydantic import ValidationError

MEDIA_TYPE = "application/problem+json"
_MAX_ERRORS = 20
_MAX_VALUE_CHARS = 200

TITLES = {
    400: "The request is not valid",
    401: "The credential is not known",
    403: "The credential does not allow this",
    404: "There is nothing here",
    405: "This method is not offered here",
    413: "The request is too large",
    503: "The outcome is unknown: send the same again",
}


@dataclass
class Problem(Exception):
    """What went wrong, as the client is told; `errors` holds one entry per field."""

    status: int
    detail: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The members of the problem; the first error's field, value and expectation stand at the top."""
        members: dict[str, Any] = {"type": "about:blank", "title": TITLES[self.status], "status": self.status}
        members["detail"] = self.detail
        if self.errors:
            members |= self.errors[0]
            members["errors"] = self.errors
        return members

    def response(self) -> Response:
        """The whole answer."""
        return Response(orjson.dumps(self.body()), self.status, dict(self.headers), MEDIA_TYPE)


def invalid(field_name: str, value: object, expected: str, status: int = 400) -> Problem:
    """A problem about one field."""
    return Problem(status, f"{field_name}: {expected}", [_error(field_name, value, expected)])


def invalid_model(cause: ValidationError) -> Problem:
    """A 400 that names every field pydantic refused, at most 20."""
    errors = [
        _error(_path(error["loc"]), error["input"], error["msg"].removeprefix("Value error, "))
        for error in cause.errors(include_url=False, include_context=False)[:_MAX_ERRORS]
    ]
    return Problem(400, f"{errors[0]['field']}: {errors[0]['expected']}", errors)


def unknown_outcome(cause: str) -> Problem:
    """A 503: the record may or may not have been written; repeating it is safe."""
    return Problem(503, cause, headers={"Retry-After": "1"})


# Tags of the event union: pydantic puts them into paths, the client never wrote them.
_TAGS = frozenset({"interaction", "search", "identify"})


def _path(loc: tuple[str | int, ...]) -> str:
    parts = [str(part) for part in (loc[1:] if loc[:1] and loc[0] in _TAGS else loc)]
    return ".".join(parts) or "body"


def _error(field_name: str, value: object, expected: str) -> dict[str, Any]:
    text = value if isinstance(value, str) else repr(value)
    # A lone surrogate would be no JSON.
    text = text.encode(errors="replace").decode()
    return {"field": field_name, "value": text[:_MAX_VALUE_CHARS], "expected": expected}
