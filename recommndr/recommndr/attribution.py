"""The signed token that carries an answer's identity through the browser and back on a click.

`base64url(payload).base64url(hmac)`, payload = a JSON list. The key id allows a new key while tokens of the old one are still
accepted. A bad token never loses the event: the caller drops the attribution and counts the reason.

The token also carries a digest of the list: 16 bits of each item, 2 bytes an item. An event with an item that was not in the
list does not count for it; 1 of 65,536 wrong items passes for each item of the list. Tokens of format 1 (a JSON object, without
a digest) are accepted until they expire, and count for any item.
"""

import base64
import binascii
import hashlib
import hmac
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

TOKEN_LIFETIME = timedelta(days=7)
_FORMAT = 2

# The reasons of `BadAttribution`, and of an attribution whose list did not contain the item.
NOT_IN_LIST = "not_in_list"
REFUSALS = ("malformed", "unknown_key", "signature", "expired", "foreign", NOT_IN_LIST)


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
    items: bytes | None = None  # `digest` of the list; None: unknown, as in tokens of format 1

    def holds(self, item_id: str) -> bool:
        """Whether the item was in the list, as far as the token can tell."""
        return self.items is None or _short_hash(item_id) in struct.unpack(f"<{len(self.items) // 2}H", self.items)

    def check_any(self, item_ids: Sequence[str]) -> None:
        """Raise `BadAttribution` if there are items and none was in the list."""
        if item_ids and not any(self.holds(item_id) for item_id in item_ids):
            raise BadAttribution(NOT_IN_LIST)


def digest(item_ids: Iterable[str]) -> bytes:
    """A digest of a list's items: 16 bits of each, in ascending order.

    >>> len(digest(["a", "b", "a"]))
    4
    """
    hashes = sorted({_short_hash(item_id) for item_id in item_ids})
    return struct.pack(f"<{len(hashes)}H", *hashes)


def _short_hash(item_id: str) -> int:
    return crc32(item_id.encode()) & 0xFFFF


def user_hash(tenant: str, user_id: str) -> str:
    """First 16 hex digits of SHA-256: enough to recognise the shopper's own token, without the id in a URL."""
    return hashlib.sha256(f"{tenant}|{user_id}".encode()).hexdigest()[:16]


def sign(attribution: Attribution, key_id: str, key: bytes) -> str:
    """The token of `attribution` under `key`."""
    one = attribution
    head = [_FORMAT, key_id, one.tenant, one.user_hash, one.request_id, one.release, one.arm, one.list_name, one.issued_at_s]
    items = None if one.items is None else _b64(one.items)
    payload = json.dumps([*head, items], separators=(",", ":")).encode()
    return f"{_b64(payload)}.{_b64(hmac.digest(key, payload, 'sha256'))}"


def verify(token: str, keys: Mapping[str, bytes], tenant: str, user_id: str, now: datetime) -> Attribution:
    """The token's content; raises `BadAttribution` unless signed by one of `keys`, fresh, and of this shopper."""
    key_id, attribution, payload, signature = _parts(token)
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


def read(token: str) -> Attribution:
    """The content of a token that the collector has verified; raises `BadAttribution` if it is malformed."""
    return _parts(token)[1]


def _parts(token: str) -> tuple[object, Attribution, bytes, bytes]:
    """Key id, content, signed payload and signature."""
    try:
        payload_text, signature_text = token.split(".")
        payload, signature = _unb64(payload_text), _unb64(signature_text)
        key_id, attribution = _content(json.loads(payload))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise BadAttribution("malformed") from None
    return key_id, attribution, payload, signature


def _content(fields: Any) -> tuple[object, Attribution]:
    if isinstance(fields, dict):  # format 1
        key_id = fields.pop("kid")
        return key_id, Attribution(**fields)
    version, key_id, tenant, of_user, request_id, release, arm, list_name, issued_at_s, items = fields
    if version != _FORMAT:
        raise ValueError(f"format {version}: expected {_FORMAT}")
    found = None if items is None else _unb64(items)
    if found is not None and len(found) % 2:
        raise ValueError(f"digest of {len(found)} bytes: expected an even number")
    return key_id, Attribution(tenant, of_user, request_id, release, arm, list_name, issued_at_s, found)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
