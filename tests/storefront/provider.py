"""A small OpenID Connect provider on loopback: one client, one user who always consents, and answers that a test can spoil."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from recommndr_http.server import served
from recommndr_native.ports import free_port

CLIENT_ID, SECRET = "recommndr ops", "a secret: of the client+"
REDIRECT_URL = "https://shop.test/ops/signed-in"
Claims = dict[str, Any]
Sign = Callable[["Provider", Claims], str]


def signed(provider: "Provider", claims: Claims) -> str:
    return jwt.encode(claims, provider.key, "RS256", headers={"kid": provider.key_id})


@dataclass
class Provider:
    """What it says can be changed between two requests."""

    issuer: str
    user: Claims = field(
        default_factory=lambda: {"sub": "u-1", "email": "anna@example.com", "groups": ["staff", "shop-operators"]}
    )
    spoil: Callable[[Claims], Claims] = lambda claims: claims
    sign: Sign = signed
    metadata: Claims = field(default_factory=dict)  # in addition
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65_537, 2_048))
    key_id: str = "first"
    codes: dict[str, Claims] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        """Sign with another key from now on."""
        self.key, self.key_id = rsa.generate_private_key(65_537, 2_048), "second"

    async def configuration(self, _: Request) -> Response:
        self.asked.append("configuration")
        ends = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
        return JSONResponse({"issuer": self.issuer, **ends, "jwks_uri": f"{self.issuer}/jwks", **self.metadata})

    async def jwks(self, _: Request) -> Response:
        self.asked.append("jwks")
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return JSONResponse({"keys": [public | {"kid": self.key_id, "use": "sig", "alg": "RS256"}]})

    async def authorization(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT_ID, REDIRECT_URL)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return RedirectResponse(f"{REDIRECT_URL}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}", 303)

    async def token(self, request: Request) -> Response:
        self.asked.append("token")
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(form["code"], None)  # a code is used once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if not self._knows(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != REDIRECT_URL:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.user}
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": self.sign(self, self.spoil(claims))})

    def _knows(self, request: Request, form: dict[str, str]) -> bool:
        if "client_secret_post" in self.metadata.get("token_endpoint_auth_methods_supported", ()):
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, SECRET)
        user, _, password = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode().partition(":")
        return (unquote(user), unquote(password)) == (CLIENT_ID, SECRET)


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider that answers on a port of its own until the context ends."""
    port = free_port()
    provider = Provider(f"http://127.0.0.1:{port}")
    routes = [
        Route("/.well-known/openid-configuration", provider.configuration),
        Route("/jwks", provider.jwks),
        Route("/authorization", provider.authorization),
        Route("/token", provider.token, methods=["POST"]),
    ]
    with served(Starlette(routes=routes), ["127.0.0.1"], "127.0.0.1", port):
        yield provider
