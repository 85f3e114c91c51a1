"""The signed token that carries an answer's identity through the browser and back on a click.

`base64url(payload).base64url(hmac)`, payload = compact JSON. The key id allows a new key while tokens of the old one are still
accepted. A bad token never loses the event: the caller drops the attribution and counts the reason.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

TOKEN_LIFETIME = timedelta(days=7)


# The reasons of `BadAttribution`.
REFUSALS = ("malformed", "unknown_key", "signature", "expired", "foreign")


class BadAttribution(ValueError):
    """The token cannot be used; `reason` is one of `REFUSALS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"attribution token refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attribution:
    """The answer that a shopper acted on, with its release and arm."""

    tenant: str
    user_hash: str
    request_id: str
    release: str
    arm: str
    list_name: str
    issued_at_s: int


def user_hash(tenant: str, user_id: str) -> str:
    """First 16 hex digits of SHA-256: enough to recognise the shopper's own token, without the id in a URL."""
    return hashlib.sha256(f"{tenant}|{user_id}".encode()).hexdigest()[:16]


def sign(attribution: Attribution, key_id: str, key: bytes) -> str:
    """The token of `attribution` under `key`."""
    payload = json.dumps({"kid": key_id, **asdict(attribution)}, separators=(",", ":"), sort_keys=True).encode()
    return f"{_b64(payload)}.{_b64(hmac.digest(key, payload, 'sha256'))}"


def verify(token: str, keys: Mapping[str, bytes], tenant: str, user_id: str, now: datetime) -> Attribution:
    """The token's content; raises `BadAttribution` unless signed by one of `keys`, fresh, and of this shopper."""
    try:
        payload_text, signature_text = token.split(".")
        payload, signature = _unb64(payload_text), _unb64(signature_text)
        fields = json.loads(payload)
        key_id = fields.pop("kid")
        attribution = Attribution(**fields)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise BadAttribution("malformed") from None
    key = keys.get(key_id) if isinstance(key_id, str) else None
    if key is None:
        raise BadAttribution("unknown_key")
    if not hmac.compare_digest(signature, hmac.digest(key, payload, "sha256")):
        raise BadAttribution("signature")
    if attribution.tenant != tenant or attribution.user_hash != user_hash(tenant, user_id):
        raise BadAttribution("foreign")
    if now.timestamp() - attribution.issued_at_s > TOKEN_LIFETIME.total_seconds():
        raise BadAttribution("expired")
    return attribution


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
