"""Who may see `/ops` and move releases, and under which name: asked before every request below `/ops`."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from recommndr_http.operators import Operators


@dataclass(frozen=True, slots=True)
class Admitted:
    """An operator."""

    login: str  # the header `authorization` with which rollout is asked
    identity: str | None = None  # who it is; None: everybody with the password, so that they name themselves


class Gate(Protocol):
    """Admits operators."""

    async def admit(self, request: Request) -> Admitted | Response:
        """The operator, or the answer that lets one sign in; raises `Problem`."""
        ...


@dataclass(frozen=True, slots=True)
class PasswordGate:
    """The one local password, for installations without an identity provider."""

    operators: Operators

    async def admit(self, request: Request) -> Admitted:
        """Raises `Problem` 401 or 403."""
        login = request.headers.get("authorization", "")
        self.operators.admit(login, "the storefront")
        return Admitted(login)
