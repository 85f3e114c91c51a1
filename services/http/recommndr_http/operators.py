"""Access to `/ops` and to moves of releases: HTTP Basic with the operators' password."""

import base64
import binascii
import secrets
from dataclasses import dataclass

from pydantic import SecretStr

from recommndr_http.problem import Problem

OPERATOR = "operator"
_CHALLENGE = {"www-authenticate": 'Basic realm="Recommndr operations", charset="UTF-8"'}


@dataclass(frozen=True, slots=True)
class Operators:
    """The operators' password; empty: nobody may log in."""

    password: SecretStr

    def admit(self, authorization: str, service: str) -> None:
        """Raise `Problem` 403 where nobody may log in to the service, and 401 unless the header has the login."""
        expected = self.password.get_secret_value()
        if not expected:
            raise Problem(403, f"no password is set: set RECOMMNDR_OPERATIONS_PASSWORD and restart {service}")
        scheme, _, encoded = authorization.partition(" ")
        told = _decoded(encoded) if scheme.lower() == "basic" else b""
        if not secrets.compare_digest(told, f"{OPERATOR}:{expected}".encode()):
            raise Problem(401, "expected the operators' login", headers=_CHALLENGE)


def basic_login(password: str) -> str:
    """The header `authorization` of the operators' login."""
    return "Basic " + base64.b64encode(f"{OPERATOR}:{password}".encode()).decode()


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
