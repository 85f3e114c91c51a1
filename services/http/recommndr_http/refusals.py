"""Turns all errors of an application into problems."""

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Match

from recommndr_http.problem import Problem, refused_errors, shown_value

# FastAPI puts the location of a field before its name; clients only need the name.
_PLACES = frozenset({"body", "query", "path", "header"})
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
Count = Callable[[Request, int], Any]


def install(app: Starlette, count: Count = lambda *_: None) -> None:
    """Turn every error of `app` into a problem; `count` is called with each status."""

    def answer(request: Request, cause: Exception) -> Response:
        problem = _problem(request, cause)
        count(request, problem.status)
        return problem.to_response()

    for kind in (Problem, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, answer)


def no_such_path(path: str) -> Problem:
    """The problem of a path that does not exist."""
    return Problem(404, f"{shown_value(path)}: no such path; see /openapi.json")


def _problem(request: Request, cause: Exception) -> Problem:
    path = request.url.path
    match cause:
        case Problem():
            return cause
        case RequestValidationError():
            return refused_errors(cause.errors(), _PLACES)
        case HTTPException(status_code=404):
            return no_such_path(path)
        case HTTPException(status_code=405):
            expected = ", ".join(_methods(request))
            detail = f"method: got {request.method} for {shown_value(path)}, expected {expected}"
            return Problem(405, detail, headers={"allow": expected})
        case HTTPException():
            return Problem(cause.status_code, str(cause.detail), headers=cause.headers or {})
    return Problem(500, f"{request.method} {shown_value(path)}: the cause is in the service's log")


def _methods(request: Request) -> list[str]:
    """The methods of all routes of the path; Starlette names those of the first one only."""
    return [method for method in _METHODS if _takes(request, method)]


def _takes(request: Request, method: str) -> bool:
    scope = {name: value for name, value in request.scope.items() if name in {"type", "path", "root_path", "headers"}}
    return any(route.matches(scope | {"method": method})[0] is Match.FULL for route in request.app.routes)
