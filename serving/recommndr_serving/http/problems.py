"""What goes wrong for a caller, as RFC 9457 `application/problem+json`: which field, which value, and what was expected.

Every request a caller got wrong is a 400, whatever is wrong with it; 401, 403, 404, 405 and 413 mean what they say elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
# A problem shows enough of a value to find it, and never echoes a whole body.
_MAX_VALUE_CHARS = 200
_MAX_ERRORS = 20
# Where FastAPI found a field; callers know it by its name alone.
_PLACES = frozenset({"body", "query", "path", "header"})

TITLES = {
    400: "The request is not valid",
    401: "The credential is not known",
    403: "The credential does not allow this",
    404: "There is nothing here",
    405: "This method is not offered here",
    413: "The request is too large",
    500: "This is our fault",
    503: "This is not ready yet",
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is not as expected."""

    field: str
    value: str
    expected: str

    def to_dict(self) -> dict[str, str]:
        """As a problem holds it."""
        return {"field": self.field, "value": self.value, "expected": self.expected}


@dataclass(eq=False)
class Problem(Exception):
    """A request that is refused; becomes the answer."""

    status: int
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The body; the first error's field, value and expectation stand at the top."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": TITLES.get(self.status, "The request is refused"),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body |= self.errors[0].to_dict()
            body["errors"] = [error.to_dict() for error in self.errors]
        return body

    def to_response(self) -> Response:
        """The answer."""
        return Response(orjson.dumps(self.to_dict()), self.status, dict(self.headers), MEDIA_TYPE)


def refused_field(name: str, value: object, expected: str, status: int = 400) -> Problem:
    """A problem of one field."""
    shown = shown_value(value)
    return Problem(status, f"{name}: got {shown}, expected {expected}", [FieldError(name, shown, expected)])


def refused_model(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem of what pydantic refused: at most 20 fields."""
    found = [_field_error(error) for error in errors[:_MAX_ERRORS]]
    return Problem(400, "; ".join(f"{e.field}: got {e.value}, expected {e.expected}" for e in found), found)


def refused_body(cause: ValidationError) -> Problem:
    """The problem of a JSON body."""
    return refused_model(cause.errors(include_url=False))


def shown_value(value: object) -> str:
    """A value as a problem shows it.

    >>> shown_value("x" * 500)[-3:]
    'xx…'
    """
    text = value if isinstance(value, str) else "nothing" if value is None else repr(value)
    text = text.encode(errors="replace").decode()  # a lone surrogate would be no JSON
    return text if len(text) <= _MAX_VALUE_CHARS else f"{text[:_MAX_VALUE_CHARS]}…"


def install(app: FastAPI) -> None:
    """Make every refusal of `app` a problem."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, problem: Problem) -> Response:
        return problem.to_response()

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> Response:
        return refused_model(error.errors()).to_response()

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        return Problem(500, f"{request.method} {request.url.path}: it is in our log").to_response()

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return _of_routing(request, error).to_response()


def _field_error(error: Mapping[str, Any]) -> FieldError:
    location = [str(part) for part in error["loc"]]
    name = ".".join(location[1:] if location[:1] and location[0] in _PLACES else location) or "body"
    kind = str(error["type"])
    value = "nothing" if kind == "missing" else shown_value(error["input"])
    return FieldError(name, value, _expectation(kind, str(error["msg"])))


def _expectation(kind: str, message: str) -> str:
    match kind:
        case "extra_forbidden":
            return "no such field"
        case "missing":
            return "a value"
        case "json_invalid":
            return f"JSON ({message.removeprefix('Invalid JSON: ')})"
    _, _, after = message.partition("expected ")
    return after or message.removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("Input should ")


def _of_routing(request: Request, error: HTTPException) -> Problem:
    path = request.url.path
    headers = error.headers or {}
    if error.status_code == 404:
        return Problem(404, f"path: got {shown_value(path)}, expected one of /openapi.json")
    if error.status_code == 405:
        allowed = headers.get("allow") or headers.get("Allow") or "another"
        return Problem(405, f"method: got {request.method} for {shown_value(path)}, expected {allowed}", headers=headers)
    return Problem(error.status_code, str(error.detail), headers=headers)
