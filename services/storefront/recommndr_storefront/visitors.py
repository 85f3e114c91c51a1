"""Visitors of the shop's pages: the account of the shop's session, otherwise a guest with an id of its own.

The shop's session is a cookie that the shop's login sets: a JWT, signed HS256 with a key that shop and storefront share.
A guest's id is read off a random cookie that no script sees. Scripts in pages can choose neither.
"""

import hashlib
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from starlette.responses import Response

from recommndr.identity import TenantId, UserId, check_entity_id

_log = logging.getLogger(__name__)

SESSION_COOKIE = "shop_session"
GUEST_COOKIE = "recommndr_guest"
AUDIENCE = "recommndr-storefront"
MIN_KEY_LENGTH = 32
SESSION_KEY_SUFFIX = ".session"

_GUEST = re.compile(r"[0-9a-f]{32}")
_GUEST_FOR = timedelta(days=180)
_CLAIMS = ["aud", "exp", "sub", "tenant"]
# We check `exp` ourselves, by the clock that is passed in.
_NO_CLOCK: Any = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor of one shop."""

    user_id: UserId
    signed_in: bool


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser's cookies say, or what they will say after this answer."""

    guest: str
    is_new: bool
    session: str | None

    @classmethod
    def from_cookies(cls, cookies: Mapping[str, str]) -> "Browser":
        """A browser without a guest's cookie, or with one we never made, is a new guest."""
        known = cookies.get(GUEST_COOKIE, "")
        is_new = _GUEST.fullmatch(known) is None
        return cls(secrets.token_hex(16) if is_new else known, is_new, cookies.get(SESSION_COOKIE))

    def guest_id(self, tenant: str) -> UserId:
        """An id per shop: two shops of one installation cannot tell that their guest is the same."""
        return UserId("guest-" + hashlib.sha256(f"{tenant}|{self.guest}".encode()).hexdigest()[:32])


class NoSessionKey(RuntimeError):
    """The key that a shop's sessions are signed with cannot be used."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """Reads browsers by the shops' keys."""

    keys_dir: Path
    now: Callable[[], datetime]
    secure: bool  # cookies over TLS only

    def visitor(self, tenant: TenantId, browser: Browser) -> Visitor:
        """The signed-in shopper; a guest if the shop's session is missing, expired, or not signed by this shop."""
        account = self._account(tenant, browser.session)
        return Visitor(account or browser.guest_id(tenant), account is not None)

    def remember(self, browser: Browser, response: Response) -> Response:
        """Let a new guest keep its id."""
        if browser.is_new:
            response.set_cookie(
                GUEST_COOKIE, browser.guest, int(_GUEST_FOR.total_seconds()), httponly=True, secure=self.secure, samesite="lax"
            )
        return response

    def forget(self, response: Response) -> Response:
        """The browser's next request comes from a new guest."""
        response.delete_cookie(GUEST_COOKIE, httponly=True, secure=self.secure, samesite="lax")
        return response

    def _account(self, tenant: TenantId, session: str | None) -> UserId | None:
        key = None if session is None else self._key(tenant)
        if session is None or key is None:
            return None
        try:
            claims = jwt.decode(session, key, ["HS256"], options=_NO_CLOCK, audience=AUDIENCE)
            over = self.now().timestamp() >= claims["exp"]
            return None if over or claims["tenant"] != tenant else UserId(check_entity_id(claims["sub"]))
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None  # an invalid session cookie makes the visitor a guest, not an error

    def _key(self, tenant: TenantId) -> str | None:
        path = self.keys_dir / f"{tenant}{SESSION_KEY_SUFFIX}"
        try:
            key = path.read_text().strip()
        except FileNotFoundError:
            return None
        if len(key) < MIN_KEY_LENGTH:
            _log.error(
                "%s: %d characters, expected at least %d: write a longer key into the file", path, len(key), MIN_KEY_LENGTH
            )
            raise NoSessionKey(f"the shop {tenant!r} has a session key that is too short")
        return key
