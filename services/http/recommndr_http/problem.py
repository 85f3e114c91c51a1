"""Errors for callers as RFC 9457 `application/problem+json`: the field, its value and what was expected.

Every invalid request is a 400; the other statuses have their usual meaning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from reprlib import Repr
from typing import Any

import orjson
from fastapi import Response
from pydantic import ValidationError

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20
# A problem shows enough of a value to find it, but never a whole body.
_MAX_VALUE_CHARS = 200
_MAX_NAME_CHARS = 64

TITLES = {
    400: "The request is not valid",
    401: "The credential is not known",
    403: "The credential does not allow this",
    404: "There is no such path or object",
    405: "The method is not allowed",
    413: "The request is too large",
    429: "Too many requests",
    499: "The client closed the connection",
    500: "The service failed",
    502: "A service that this one needs refused",
    503: "The service is not ready",
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
    """A refused request; it becomes the answer."""

    status: int
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None  # None: what `TITLES` says of the status

    def to_dict(self) -> dict[str, Any]:
        """The body; the first error's field, value and expectation are at the top level."""
        title = self.title or TITLES.get(self.status, "The request is refused")
        body: dict[str, Any] = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail}
        if self.errors:
            body |= self.errors[0].to_dict()
            body["errors"] = [error.to_dict() for error in self.errors]
        return body

    def to_response(self) -> Response:
        """The HTTP answer, which must not be cached."""
        headers = {"cache-control": "no-store", **self.headers}
        return Response(orjson.dumps(self.to_dict()), self.status, headers, MEDIA_TYPE)


def refused_field(name: str, value: object, expected: str, status: int = 400) -> Problem:
    """A problem of one field; `expected` completes the sentence "expected …"."""
    return refused_fields([FieldError(name, shown_value(value), expected)], status)


def refused_fields(errors: Sequence[FieldError], status: int = 400) -> Problem:
    """A problem of several fields."""
    detail = "; ".join(f"{error.field}: got {error.value}, expected {error.expected}" for error in errors)
    return Problem(status, detail, errors)


def refused_model(cause: ValidationError, hidden: frozenset[str] = frozenset()) -> Problem:
    """The problem of a body that pydantic refused; `hidden` are first parts of error paths that the client did not write.

    With more than 20 errors none is described, because that would take longer than all earlier checks.
    """
    n_errors = cause.error_count()
    if n_errors > MAX_ERRORS:
        return refused_field(
            "body", f"{n_errors} errors", f"what /openapi.json describes, with at most {MAX_ERRORS} errors in it"
        )
    return refused_errors(cause.errors(include_url=False, include_context=False), hidden)


def refused_errors(errors: Sequence[Mapping[str, Any]], hidden: frozenset[str] = frozenset()) -> Problem:
    """The problem of pydantic's errors; the first 20 are described."""
    return refused_fields([_field_error(error, hidden) for error in errors[:MAX_ERRORS]])


def shown_value(value: object) -> str:
    """A value as a problem shows it.

    >>> shown_value("x" * 500)[-3:]
    'xx…'
    """
    text = value if isinstance(value, str) else "nothing" if value is None else _BRIEF.repr(value)
    return _shortened(text, _MAX_VALUE_CHARS)


class _Brief(Repr):
    """`repr` that looks only at the part of a value that a problem shows."""

    def __init__(self) -> None:
        super().__init__()
        self.maxdict = self.maxlist = self.maxtuple = 8
        self.maxstring = self.maxother = self.maxlong = _MAX_VALUE_CHARS

    def repr_int(self, x: int, level: int) -> str:
        """Python refuses to write an integer of more than 4,300 digits."""
        return repr(x) if x.bit_length() < 1_024 else f"an integer of {x.bit_length()} bits"


_BRIEF = _Brief()


def _shortened(text: str, n_chars: int) -> str:
    cut = text if len(text) <= n_chars else f"{text[:n_chars]}…"
    return cut.encode(errors="replace").decode()  # a lone surrogate is not valid JSON


def _field_error(error: Mapping[str, Any], hidden: frozenset[str]) -> FieldError:
    location = error["loc"]
    if location and location[0] in hidden:
        location = location[1:]
    name = ".".join(_shortened(str(part), _MAX_NAME_CHARS) for part in location) or "body"
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
