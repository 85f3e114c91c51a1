"""Operators sign in at the installation's identity provider: the gate of `/ops`, and the routes that its answer comes to."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from recommndr_http.probes import PRIVATE
from recommndr_http.problem import Problem
from recommndr_storefront.gate import Admitted
from recommndr_storefront.identity_provider import IdentityProvider, NotSignedIn, ProviderAway
from recommndr_storefront.operator_sessions import OperatorSessions
from recommndr_storefront.own_page import refuse_foreign

_log = logging.getLogger(__name__)
HOME = "/ops"
CALLBACK = "/ops/signed-in"
SIGN_OUT = "/ops/sign-out"
_TITLE = "You are not signed in"
_MAX_IDENTITY = 100  # characters in the audit log


@dataclass(frozen=True, slots=True)
class Membership:
    """Which of the provider's users are operators, and what they are called."""

    group: str
    groups_claim: str = "groups"
    name_claim: str = "email"

    def identity(self, claims: Mapping[str, Any]) -> str:
        """The operator's name in the audit log; raises `Problem` 403 for somebody who is none."""
        name = str(claims.get(self.name_claim) or claims["sub"])[:_MAX_IDENTITY]
        told = claims.get(self.groups_claim, [])
        groups = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        if self.group not in groups:
            _log.warning("%s signed in, but is not in group %r of claim %r", name, self.group, self.groups_claim)
            raise Problem(403, f"{name} is not in the group {self.group!r} of operators", title="You are no operator")
        return name


@dataclass(frozen=True, slots=True)
class SignIn:
    """The gate, and its routes."""

    provider: IdentityProvider
    membership: Membership
    sessions: OperatorSessions
    login: str  # with which rollout is asked

    async def admit(self, request: Request) -> Admitted | Response:
        """The signed-in operator; a page that is opened leads to the identity provider, everything else is a 401."""
        identity = self.sessions.identity(request.cookies)
        if identity is not None:
            return Admitted(self.login, identity)
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            raise Problem(401, "your session is over: open the page again to sign in", title=_TITLE)
        return await self._to_provider(request.url.path)

    async def signed_in(self, request: Request) -> Response:
        """The provider's answer: the browser becomes the operator's, and goes back to the page it came from."""
        begun, told = self.sessions.begun(request.cookies), request.query_params
        if begun is None or not secrets.compare_digest(begun.attempt.state.encode(), told.get("state", "").encode()):
            raise Problem(400, f"this sign-in was not begun in this browser, or too long ago: open {HOME} again", title=_TITLE)
        if told.get("iss", self.provider.issuer) != self.provider.issuer:  # RFC 9207
            raise Problem(400, f"the answer comes from another issuer: open {HOME} again", title=_TITLE)
        if "code" not in told:
            raise Problem(403, f"the identity provider refused: {told.get('error', 'no code')[:100]}", title=_TITLE)
        try:
            claims = await self.provider.claims(told["code"], begun.attempt)
        except NotSignedIn as cause:
            _log.warning("sign-in refused: %s", cause)
            raise Problem(403, f"{cause}; open {HOME} again", title=_TITLE) from cause
        except ProviderAway as cause:
            raise _away(cause) from cause
        identity = self.membership.identity(claims)
        _log.info("%s signed in", identity)
        return self.sessions.open(identity, RedirectResponse(begun.back, 303, PRIVATE))

    async def sign_out(self, request: Request) -> Response:
        """End the session here."""
        refuse_foreign(request.headers)
        return self.sessions.close(Response(status_code=204, headers=PRIVATE))

    async def _to_provider(self, back: str) -> Response:
        # Only a path of this server: a full URL here would lead the operator anywhere.
        path = back if back == HOME or back.startswith(f"{HOME}/") else HOME
        begun = self.sessions.begin(path)
        try:
            url = await self.provider.sign_in_url(begun.attempt)
        except ProviderAway as cause:
            raise _away(cause) from cause
        return self.sessions.remember(begun, RedirectResponse(url, 303, PRIVATE))


def _away(cause: ProviderAway) -> Problem:
    _log.warning("%s", cause)
    return Problem(503, "the identity provider does not answer; the storefront's log has the reason", title=_TITLE)
