"""Who may see `/ops`: whoever knows the operators' password, asked for by the browser's own login (HTTP Basic)."""

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
    """The one password; empty where nobody may."""

    password: SecretStr

    def verdict(self, authorization: str) -> Literal["admitted", "unknown", "closed"]:
        """What to do about a request with this header."""
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
