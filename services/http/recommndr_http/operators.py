"""Access to `/ops` and to moves of releases: HTTP Basic with the operators' password."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

OPERATOR = "operator"
CHALLENGE = {"www-authenticate": 'Basic realm="Recommndr operations", charset="UTF-8"'}


@dataclass(frozen=True, slots=True)
class Operators:
    """The operators' password; empty: nobody may log in."""

    password: SecretStr

    def verdict(self, authorization: str) -> Literal["admitted", "unknown", "closed"]:
        """The decision on a request with this header."""
        expected = self.password.get_secret_value()
        if not expected:
            return "closed"
        scheme, _, encoded = authorization.partition(" ")
        told = _decoded(encoded) if scheme.lower() == "basic" else b""
        return "admitted" if secrets.compare_digest(told, f"{OPERATOR}:{expected}".encode()) else "unknown"


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
