"""An OpenID Connect provider: where operators sign in, and what it says of them.

Authorization code with PKCE (RFC 7636), a client secret, and an ID token that is checked here: signature by the provider's
keys, issuer, audience, expiry, nonce. Nothing is asked before the first sign-in.
"""

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jwt

_log = logging.getLogger(__name__)
# Only signatures by a private key: a token signed with the client's secret, or not at all, is none.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_KEPT_S = 3_600.0
_KEYS_AGAIN_S = 60.0  # an unknown key is looked up so often at most
_REQUIRED = ["iss", "aud", "exp", "iat", "sub"]
# We check `exp` ourselves, by the clock that is passed in.
_NO_CLOCK: Any = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}


class ProviderAway(RuntimeError):
    """The identity provider does not answer as OpenID Connect says; the message is for the operator."""


class NotSignedIn(RuntimeError):
    """The provider's answer does not prove who it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Client:
    """The installation as the provider knows it."""

    client_id: str
    secret: str = field(repr=False)
    redirect_url: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in is told again by."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """The verifier's S256 challenge."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class IdentityProvider:
    """One provider; what it says of itself is kept for an hour."""

    def __init__(
        self,
        issuer: str,
        client: Client,
        http: httpx.AsyncClient,
        now: Callable[[], datetime],
        scopes: str = "openid",
        elapsed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self._client = client
        self._http = http
        self._now = now
        self._scopes = scopes
        self._elapsed_s = elapsed_s
        self._metadata: dict[str, Any] = {}
        self._keys: jwt.PyJWKSet | None = None
        self._metadata_at_s = self._keys_at_s = float("-inf")

    async def sign_in_url(self, attempt: Attempt) -> str:
        """Where the operator's browser goes; raises `ProviderAway`."""
        metadata = await self._discovered()
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_url,
            "scope": self._scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        url = str(metadata["authorization_endpoint"])
        return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"

    async def claims(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        """What the provider says of the operator who has this code; raises `NotSignedIn` and `ProviderAway`."""
        token = await self._redeemed(code, attempt)
        try:
            claims = await self._checked(token)
        except jwt.PyJWTError as cause:
            raise NotSignedIn(f"the ID token is not valid: {cause}") from cause
        if claims["exp"] <= self._now().timestamp():
            raise NotSignedIn("the ID token has expired: compare the clocks of this machine and of the identity provider")
        if claims.get("nonce") != attempt.nonce:
            raise NotSignedIn("the ID token belongs to another sign-in (nonce)")
        if claims.get("azp", self._client.client_id) != self._client.client_id:
            raise NotSignedIn("the ID token was issued to another client (azp)")
        return claims

    async def _redeemed(self, code: str, attempt: Attempt) -> str:
        metadata = await self._discovered()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_url,
            "code_verifier": attempt.verifier,
        }
        client_id, secret = self._client.client_id, self._client.secret
        known = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        headers: dict[str, str] = {}
        if "client_secret_basic" in known:
            login = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        else:
            sent |= {"client_id": client_id, "client_secret": secret}
        try:
            answer = await self._http.post(str(metadata["token_endpoint"]), data=sent, headers=headers)
            told: Any = answer.json()
        except (httpx.HTTPError, ValueError) as cause:
            raise ProviderAway(f"{self.issuer}: its token endpoint does not answer: {cause!r}") from cause
        if answer.is_success and isinstance(told, dict) and isinstance(told.get("id_token"), str):
            return str(told["id_token"])
        reason = told.get("error", answer.status_code) if isinstance(told, dict) else answer.status_code
        _log.warning("%s redeems no code: %s %s", self.issuer, answer.status_code, answer.text[:500])
        raise NotSignedIn(f"the identity provider gave no ID token: {reason}")

    async def _checked(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in _ALGORITHMS:
            raise jwt.InvalidAlgorithmError(f"signed by {algorithm!r}, expected one of {', '.join(_ALGORITHMS)}")
        key = await self._key(header.get("kid"))
        decoded: dict[str, Any] = jwt.decode(
            token, key, [algorithm], options=_NO_CLOCK, audience=self._client.client_id, issuer=self.issuer
        )
        return decoded

    async def _key(self, key_id: str | None) -> Any:
        found = self._known_key(key_id)
        if found is None and self._elapsed_s() - self._keys_at_s > _KEYS_AGAIN_S:
            told = await self._get(str((await self._discovered())["jwks_uri"]))
            self._keys, self._keys_at_s = jwt.PyJWKSet.from_dict(told), self._elapsed_s()
            found = self._known_key(key_id)
        if found is None:
            raise jwt.InvalidKeyError(f"signed with the key {key_id!r}, which the identity provider does not publish")
        return found

    def _known_key(self, key_id: str | None) -> Any:
        keys = [] if self._keys is None else self._keys.keys
        chosen = [one for one in keys if key_id is None or one.key_id == key_id]
        return chosen[0].key if len(chosen) == 1 else None

    async def _discovered(self) -> dict[str, Any]:
        if self._elapsed_s() - self._metadata_at_s > _KEPT_S:
            told = await self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if told.get("issuer") != self.issuer:
                raise ProviderAway(f"{self.issuer}: its configuration names the issuer {told.get('issuer')!r}")
            needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
            if missing := needed - told.keys():
                raise ProviderAway(f"{self.issuer}: its configuration lacks {', '.join(sorted(missing))}")
            self._metadata, self._metadata_at_s = told, self._elapsed_s()
        return self._metadata

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            told: Any = (await self._http.get(url)).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as cause:
            raise ProviderAway(f"{url} does not answer: {cause!r}") from cause
        if not isinstance(told, dict):
            raise ProviderAway(f"{url}: expected a JSON object")
        return told
