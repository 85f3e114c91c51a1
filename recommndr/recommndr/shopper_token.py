"""The short-lived token with which a shopper's browser calls the edge: a JWT, signed RS256 by the installation's key.

A shop's server requests it with its server key, which therefore never reaches a browser. Envoy checks the token, and slots and
collector check it again. Each key has a `kid`, its RFC 7638 thumbprint; during a rotation the JWKS has the old and the new key.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_decode, base64url_encode

from recommndr.identity import TenantId, UserId, check_entity_id, check_tenant

TOKEN_LIFETIME = timedelta(minutes=15)
ISSUER = "recommndr"
AUDIENCE = "recommndr"

_ALGORITHM = "RS256"
_MIN_KEY_BITS = 2048
_CLAIMS = ["iss", "aud", "tenant", "sub", "iat", "exp"]
# Allowed difference between the clocks of two machines.
_LEEWAY = timedelta(seconds=1)
# Cached tokens with a valid signature, so that a shopper's next request costs a look-up: ~1 KB each.
_MAX_REMEMBERED = 4_096
# We check `exp` ourselves, against the clock that is passed in.
_NO_CLOCK: Any = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False}

Reason = Literal["malformed", "algorithm", "unknown_key", "signature", "issuer", "audience", "lifetime", "early", "expired"]
_CURES: dict[Reason, str] = {
    "malformed": "expected a token from POST /tokens",
    "algorithm": "expected algorithm RS256",
    "unknown_key": "this installation's JWKS does not have its key; get a new token",
    "signature": "the token was changed, or another installation signed it",
    "issuer": f"expected iss {ISSUER!r}",
    "audience": f"expected aud {AUDIENCE!r}",
    "lifetime": f"expected at most {TOKEN_LIFETIME.total_seconds() / 60:.0f} minutes from iat to exp",
    "early": "the token is not valid yet (iat or nbf is in the future); check the clocks",
    "expired": f"a token is valid for {TOKEN_LIFETIME.total_seconds() / 60:.0f} minutes; get a new one",
}


class BadShopperToken(ValueError):
    """The token cannot be used; `reason` says why, the message also what was expected."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"token refused, {reason}: {_CURES[reason]}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ShopperToken:
    """The claims of a token: tenant, shopper and expiry (whole seconds)."""

    tenant: TenantId
    user_id: UserId
    issued_at: datetime
    expires_at: datetime
    not_before: datetime | None = None


class TokenSigner:
    """Issues tokens with one private RSA key."""

    def __init__(self, pem: str) -> None:
        """Raise `ValueError` unless `pem` is an RSA private key of at least 2048 bits."""
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, RSAPrivateKey) or key.key_size < _MIN_KEY_BITS:
            raise ValueError(f"token key: expected an RSA private key of at least {_MIN_KEY_BITS} bits in PEM")
        self._key = key
        self.jwk = _public_jwk(key.public_key())

    @property
    def key_id(self) -> str:
        """The `kid` of its tokens."""
        return self.jwk["kid"]

    def issue(self, tenant: str, user_id: str, now: datetime) -> tuple[str, ShopperToken]:
        """A token for one shopper, and its claims; raises `ValueError` for an invalid tenant or user id."""
        issued_at = now.astimezone(UTC).replace(microsecond=0)
        said = ShopperToken(check_tenant(tenant), UserId(check_entity_id(user_id)), issued_at, issued_at + TOKEN_LIFETIME)
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "tenant": tenant, "sub": user_id,
            "iat": int(said.issued_at.timestamp()), "exp": int(said.expires_at.timestamp()),
        }  # fmt: skip
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"kid": self.key_id}), said


class TokenKeys:
    """The public keys that tokens of this installation may be signed with."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        """Raise `ValueError` unless it is a JWKS of RSA keys, each with a `kid`."""
        try:
            self._keys = {str(jwk["kid"]): _public_key(jwk) for jwk in jwks["keys"]}
        except (KeyError, TypeError, jwt.InvalidKeyError) as cause:
            raise ValueError(f"JWKS: expected {{'keys': […]}} of public RSA keys, each with a kid: {cause!r}") from None
        # Only valid signatures are cached: that result does not change. Expiry is checked each time.
        self._signed = lru_cache(_MAX_REMEMBERED)(self._read)

    @classmethod
    def from_json(cls, text: str) -> "TokenKeys":
        """The keys of a JWKS document; raises `ValueError`."""
        return cls(json.loads(text))

    @property
    def jwks(self) -> str:
        """The keys as a JWKS document, in order of their ids."""
        return jwks([_public_jwk(self._keys[key_id]) for key_id in sorted(self._keys)])

    def __contains__(self, key_id: object) -> bool:
        return key_id in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def verify(self, token: str, now: datetime) -> ShopperToken:
        """The token's claims; raises `BadShopperToken` unless one of these keys signed it and all claims are valid."""
        said = self._signed(token)
        if now + _LEEWAY < max(said.issued_at, said.not_before or said.issued_at):
            raise BadShopperToken("early")
        if now >= said.expires_at:
            raise BadShopperToken("expired")
        return said

    def _read(self, token: str) -> ShopperToken:
        try:
            key = self._key_of(token)
            claims = jwt.decode(token, key, [_ALGORITHM], options=_NO_CLOCK, audience=AUDIENCE, issuer=ISSUER)
            return _said(claims)
        except BadShopperToken:
            raise
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError, OSError) as cause:
            raise BadShopperToken(_reason(cause)) from None

    def _key_of(self, token: str) -> RSAPublicKey:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != _ALGORITHM:
            raise BadShopperToken("algorithm")
        # Base64 can write one signature in several ways; only the canonical one is accepted.
        signature = token.rpartition(".")[2].encode()
        if base64url_encode(base64url_decode(signature)) != signature:
            raise BadShopperToken("malformed")
        key = self._keys.get(header.get("kid", ""))
        if key is None:
            raise BadShopperToken("unknown_key")
        return key


NO_KEYS = TokenKeys({"keys": []})  # accepts no token


def new_private_key() -> str:
    """A fresh private key in PEM, as `token_key` holds it."""
    key = generate_private_key(public_exponent=65_537, key_size=_MIN_KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def jwks(keys: Sequence[Mapping[str, str]]) -> str:
    """The JWKS document of public keys, as `jwks_file` holds it and Envoy reads it."""
    return json.dumps({"keys": [dict(key) for key in keys]}, indent=1) + "\n"


def _said(claims: Mapping[str, Any]) -> ShopperToken:
    not_before = claims.get("nbf")
    said = ShopperToken(
        check_tenant(claims["tenant"]),
        UserId(check_entity_id(claims["sub"])),
        datetime.fromtimestamp(claims["iat"], UTC),
        datetime.fromtimestamp(claims["exp"], UTC),
        None if not_before is None else datetime.fromtimestamp(not_before, UTC),
    )
    if said.expires_at - said.issued_at > TOKEN_LIFETIME:
        raise BadShopperToken("lifetime")
    return said


def _reason(cause: Exception) -> Reason:
    match cause:
        case jwt.InvalidSignatureError():
            return "signature"
        case jwt.InvalidAudienceError():
            return "audience"
        case jwt.InvalidIssuerError():
            return "issuer"
    return "malformed"


def _public_jwk(key: RSAPublicKey) -> dict[str, str]:
    numbers = RSAAlgorithm.to_jwk(key, as_dict=True)
    named = {"e": numbers["e"], "kty": "RSA", "n": numbers["n"]}
    digest = hashlib.sha256(json.dumps(named, separators=(",", ":")).encode()).digest()
    return named | {"alg": _ALGORITHM, "use": "sig", "kid": base64url_encode(digest).decode()}


def _public_key(jwk: Mapping[str, Any]) -> RSAPublicKey:
    key = RSAAlgorithm.from_jwk(dict(jwk))
    if not isinstance(key, RSAPublicKey):
        raise jwt.InvalidKeyError("a private key")
    return key
