"""What an operator's browser keeps, in signed cookies: the sign-in it has begun, and the session. Nothing is stored here.

Scripts cannot read them, other sites' pages cannot use them for moves (`own_page`), and only paths below `/ops` get them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from starlette.responses import Response

from recommndr_storefront.identity_provider import Attempt

SESSION_COOKIE = "recommndr_operator"
ATTEMPT_COOKIE = "recommndr_sign_in"
SESSION_FOR = timedelta(hours=8)  # who leaves the operators' group can still act for so long
_ATTEMPT_FOR = timedelta(minutes=10)
_PATH = "/ops"
# We check `exp` ourselves, by the clock that is passed in.
_NO_CLOCK: Any = {"require": ["aud", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way, and the page to come back to."""

    attempt: Attempt
    back: str


@dataclass(frozen=True, slots=True)
class OperatorSessions:
    """Signs cookies with a key that is made of the client's secret: a new secret ends all sessions."""

    secret: str
    now: Callable[[], datetime]
    secure: bool  # cookies over TLS only

    def begin(self, back: str) -> Begun:
        """A new sign-in; nobody can guess it."""
        return Begun(Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48)), back)

    def remember(self, begun: Begun, response: Response) -> Response:
        """Let the browser keep its sign-in until it comes back."""
        self._set(response, ATTEMPT_COOKIE, _ATTEMPT_FOR, asdict(begun.attempt) | {"back": begun.back})
        return response

    def begun(self, cookies: Mapping[str, str]) -> Begun | None:
        """The sign-in that this browser began; None without one, and for one that is too old or not ours."""
        claims = self._read(cookies, ATTEMPT_COOKIE)
        if claims is None:
            return None
        return Begun(Attempt(claims["state"], claims["nonce"], claims["verifier"]), claims["back"])

    def open(self, identity: str, response: Response) -> Response:
        """Let the browser be this operator."""
        self._set(response, SESSION_COOKIE, SESSION_FOR, {"identity": identity})
        response.delete_cookie(ATTEMPT_COOKIE, path=_PATH, httponly=True, secure=self.secure, samesite="lax")
        return response

    def identity(self, cookies: Mapping[str, str]) -> str | None:
        """The operator of the browser's session."""
        claims = self._read(cookies, SESSION_COOKIE)
        return None if claims is None else str(claims["identity"])

    def close(self, response: Response) -> Response:
        """End the browser's session here; the identity provider's own goes on."""
        response.delete_cookie(SESSION_COOKIE, path=_PATH, httponly=True, secure=self.secure, samesite="lax")
        return response

    @property
    def _key(self) -> bytes:
        return hmac.digest(self.secret.encode(), b"recommndr: cookies of operators", hashlib.sha256)

    def _set(self, response: Response, name: str, lasts: timedelta, claims: dict[str, Any]) -> None:
        signed = jwt.encode(claims | {"aud": name, "exp": int((self.now() + lasts).timestamp())}, self._key, "HS256")
        response.set_cookie(
            name, signed, int(lasts.total_seconds()), path=_PATH, httponly=True, secure=self.secure, samesite="lax"
        )

    def _read(self, cookies: Mapping[str, str], name: str) -> dict[str, Any] | None:
        try:
            claims: dict[str, Any] = jwt.decode(cookies.get(name, ""), self._key, ["HS256"], options=_NO_CLOCK, audience=name)
        except jwt.InvalidTokenError:
            return None
        return claims if claims["exp"] > self.now().timestamp() else None
