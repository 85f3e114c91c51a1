"""Attacks from outside on the edge, as tables: each probe is one request and the answers that it may get.

Kinds: another tenant's name, shoppers' tokens, server keys, attribution, origins of pages, bodies, ids, catalogue writes.
`tests/e2e/test_probes.py` sends all of them to a running installation.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from recommndr.shopper_token import new_private_key
from tests.e2e.two_tenants import ITEM, SHOPPER, Side

REFUSED = frozenset({400, 401, 403, 404, 405, 411, 413, 414, 415, 422, 431})
NO_CREDENTIAL = frozenset({401, 403})
INVALID = frozenset({400, 413, 414, 415, 422, 431})


@dataclass(frozen=True)
class Attacker:
    """Who probes: a tenant with good keys of its own, and what is known of the victim."""

    own: Side
    victim: Side
    token: str  # of a shopper of the attacker
    token_key: str  # PEM that signs tokens here: what a forger would need, to make near misses with
    key_id: str


@dataclass(frozen=True)
class Probe:
    """One request."""

    kind: str
    name: str
    method: str
    path: str
    allowed: frozenset[int]
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.name} {self.method} {self.path[:60]}"


def event(**changes: Any) -> dict[str, Any]:
    """A valid event, but for the changes."""
    return {
        "event_id": "00000000-0000-4000-8000-000000000001",
        "user_id": SHOPPER,
        "kind": "view",
        "occurred_at": "2026-01-01T00:00:00Z",
        "lines": [{"item_id": ITEM, "quantity": 1}],
    } | changes


ENDPOINTS: tuple[tuple[str, str, Any], ...] = (
    ("GET", f"/recommend?user_id={SHOPPER}", None),
    ("POST", "/recommend", {"user_id": SHOPPER}),
    ("GET", f"/similar_items?item_id={ITEM}", None),
    ("GET", "/popular", None),
    ("GET", "/items", None),
    ("GET", f"/items/{ITEM}", None),
    ("POST", "/events", event()),
    ("PUT", "/items", [{"item_id": ITEM, "title": "taken over"}]),
    ("PATCH", f"/items/{ITEM}/availability", {"available": False}),
    ("DELETE", f"/items/{ITEM}", None),
    ("POST", "/tokens", {"user_id": SHOPPER}),
    ("GET", "/models", None),
)


def _sent(kind: str, name: str, endpoint: tuple[str, str, Any], allowed: frozenset[int], headers: Mapping[str, Any]) -> Probe:
    method, path, body = endpoint
    content = None if body is None else json.dumps(body).encode()
    return Probe(kind, name, method, path, allowed, {"content-type": "application/json"} | dict(headers), content)


def another_tenants_name(who: Attacker) -> Iterator[Probe]:
    """A valid key with the victim's name in every spelling: it is refused, or the name is ignored."""
    key = {"authorization": f"Bearer {who.own.admin_key}", "x-recommndr-user": SHOPPER}
    victim, own = who.victim.tenant, who.own.tenant
    spellings: dict[str, str | bytes] = {
        "the victim's": victim,
        "both": f"{own},{victim}",
        "both, turned": f"{victim}, {own}",
        "upper case": victim.upper(),
        "with a path": f"{own}/../{victim}",
        "as a key": f"{own}|{SHOPPER}",
        "none": "",
    }
    for name, spelling in spellings.items():
        for endpoint in ENDPOINTS:
            yield _sent("tenant", name, endpoint, REFUSED, key | {"x-recommndr-tenant": spelling})


def forged_tokens(who: Attacker) -> dict[str, str]:
    """Near misses of a shopper's token of the victim."""
    claims: dict[str, Any] = jwt.decode(who.token, options={"verify_signature": False})
    header = {"kid": who.key_id}
    tenant_claim = next(name for name, value in claims.items() if value == who.own.tenant)
    subject_claim = next(name for name, value in claims.items() if value == SHOPPER)
    public = load_pem_private_key(who.token_key.encode(), None).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body, signature = who.token.split(".")
    stranger = new_private_key()

    def signed(key: str = who.token_key, headers: Mapping[str, Any] = header, **changes: Any) -> str:
        changed = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(changed, key, "RS256", headers=dict(headers))

    def other_body(**changes: Any) -> str:
        return f"{head}.{_b64(json.dumps(claims | changes).encode())}.{signature}"

    now = int(time.time())
    return {
        "no signature": f"{_b64(json.dumps({'alg': 'none', 'kid': who.key_id}).encode())}.{body}.",
        "signed with the public key": jwt.encode(claims, base64.b64encode(pem), "HS256", headers=header),
        "a stranger's key": signed(stranger),
        "a stranger's key, its own id": signed(stranger, {"kid": "stranger"}),
        "a key id that is a path": signed(stranger, {"kid": "../../../dev/null"}),
        "a key from the token": signed(stranger, {"kid": who.key_id, "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}),
        "a key from elsewhere": signed(stranger, {"kid": who.key_id, "jku": "https://evil.example/jwks.json"}),
        "another tenant in the body": other_body(**{tenant_claim: who.victim.tenant}),
        "another shopper in the body": other_body(**{subject_claim: "somebody"}),
        "cut off": who.token[:-6],
        "signature of nothing": f"{head}.{body}.",
        "four parts": f"{who.token}.{signature}",
        "another issuer": signed(iss="somebody"),
        "another audience": signed(aud="somebody"),
        "no audience": signed(aud=None),
        "no end": signed(exp=None),
        "ended": signed(exp=now - 3600, iat=now - 7200),
        "not begun": signed(nbf=now + 3600),
        "a year long": signed(exp=now + 365 * 86_400),
        "no tenant": signed(**{tenant_claim: None}),
        "no shopper": signed(**{subject_claim: None}),
        "a tenant nobody knows": signed(**{tenant_claim: "nobody"}),
        "tenants as a list": signed(**{tenant_claim: [who.own.tenant, who.victim.tenant]}),
        "garbage": "eyJhbGciOiJub25lIn0.e30.",
        "words": "let me in",
    }


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


TOKEN_ENDPOINTS = (ENDPOINTS[0], ENDPOINTS[3], ENDPOINTS[5], ENDPOINTS[6])


def tokens(who: Attacker) -> Iterator[Probe]:
    """Forged tokens, everywhere a token is good for."""
    for name, forged in forged_tokens(who).items():
        for endpoint in TOKEN_ENDPOINTS:
            yield _sent("token", name, endpoint, NO_CREDENTIAL | {400}, {"authorization": f"Bearer {forged}"})


def good_token_misused(who: Attacker) -> Iterator[Probe]:
    """A valid token on routes for servers only, or for another shopper."""
    bearer = {"authorization": f"Bearer {who.token}"}
    for endpoint in ENDPOINTS[7:]:
        yield _sent("token", "a browser as a server", endpoint, REFUSED, bearer)
    for method, path, body in (
        ("GET", "/recommend?user_id=somebody", None),
        ("POST", "/recommend", {"user_id": "somebody"}),
        ("POST", "/events", event(user_id="somebody")),
        ("POST", "/events", event(kind="dance")),
    ):
        yield _sent("token", "for somebody else", (method, path, body), REFUSED, bearer)


def keys(who: Attacker) -> Iterator[Probe]:
    """Server keys that are none."""
    secret, digest = who.own.narrow_key.rpartition("_")[2], "0" * 64
    made_up = {
        "made up": f"rk_{who.victim.tenant}_{'A' * 43}",
        "own secret, the victim's name": f"rk_{who.victim.tenant}_{secret}",
        "no secret": f"rk_{who.victim.tenant}_",
        "no tenant": f"rk__{secret}",
        "nothing": "rk_",
        "cut off": who.own.narrow_key[:-1],
        "longer": f"{who.own.narrow_key}A",
        "in capitals": who.own.narrow_key.upper(),
        "its hash": digest,
        "two keys": f"{who.own.narrow_key},{who.own.admin_key}",
        "in quotes": f'"{who.own.narrow_key}"',
        "very long": f"rk_{who.victim.tenant}_{'A' * 4000}",
        "a query": f"rk_{who.victim.tenant}_' OR '1'='1",
        "a format": f"rk_{who.victim.tenant}_%s%n%x",
    }
    for name, key in made_up.items():
        for endpoint in ENDPOINTS[:8]:
            headers = {"authorization": f"Bearer {key}", "x-recommndr-tenant": who.victim.tenant, "x-recommndr-user": SHOPPER}
            yield _sent("key", name, endpoint, NO_CREDENTIAL | {400, 431}, headers)
    good = who.own.narrow_key
    for scheme in ("Basic", "Token", "rk", ""):
        headers = {"authorization": f"{scheme} {good}".strip(), "x-recommndr-tenant": who.own.tenant}
        yield _sent("key", f"scheme {scheme!r}", ENDPOINTS[3], NO_CREDENTIAL | {400}, headers)
    for header in ("x-api-key", "cookie", "proxy-authorization", "x-recommndr-key"):
        yield _sent(
            "key", f"in {header}", ENDPOINTS[3], NO_CREDENTIAL | {400}, {header: good, "x-recommndr-tenant": who.own.tenant}
        )
    in_query = ("GET", f"/popular?authorization=Bearer%20{good}&key={good}", None)
    yield _sent("key", "in the query", in_query, NO_CREDENTIAL, {"x-recommndr-tenant": who.own.tenant})


def beyond_its_scope(who: Attacker) -> Iterator[Probe]:
    """The storefront's key where only the catalogue's may go."""
    for endpoint in ENDPOINTS[7:10]:
        yield _sent("scope", "narrow key", endpoint, frozenset({403}), who.own.headers())


BODIES: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{",
    "a word": b"null",
    "a number": b"1",
    "a text": b'"x"',
    "not a number": b'{"user_id": NaN}',
    "endless": b'{"k": Infinity, "user_id": "u"}',
    "deep": b"[" * 20_000 + b"]" * 20_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(5_000)) + b"}",
    "not UTF-8": b'{"user_id": "\xff\xfe"}',
    "UTF-16": '{"user_id": "u"}'.encode("utf-16"),
    "half a pair": b'{"user_id": "\\ud800"}',
    "a NUL": b'{"user_id": "a\\u0000b"}',
    "a huge number": b'{"user_id": "u", "k": ' + b"9" * 4_000 + b"}",
    "a huge text": b'{"user_id": "' + b"u" * 60_000 + b'"}',
    "a prototype": b'{"__proto__": {"admin": true}, "constructor": {}}',
    "a pickle": b"cposix\nsystem\n(S'true'\ntR.",
    "an entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "a query": b'{"user_id": {"$ne": null}}',
    "zipped": base64.b64decode("H4sIAAAAAAAAA6tWKi1OLYrPTFGyUiotTi1SqgUA2t6xXhMAAAA="),
    "too long": b'{"user_id": "' + b"u" * 5_000_000 + b'"}',
}
BODY_ENDPOINTS = (("POST", "/recommend"), ("POST", "/events"), ("PUT", "/items"), ("POST", "/tokens"))


def bodies(who: Attacker) -> Iterator[Probe]:
    """Bodies that are no request."""
    for name, content in BODIES.items():
        for method, path in BODY_ENDPOINTS:
            headers = who.own.headers(who.own.admin_key) | {"content-type": "application/json"}
            yield Probe("body", name, method, path, INVALID, headers, content)


IDS: dict[str, str] = {
    "a control character": "%01",
    "a NUL": "%00",
    "too long": "x" * 129,
    "half a character": "%ff",
    "up": "..%2f..%2fetc%2fpasswd",
    "up, twice encoded": "%252e%252e%252f",
    "another tenant's key": "grocer%7Cshared-shopper",
    "a line break": "a%0d%0aset-cookie:%20x=1",
    "a template": "%7B%7B7*7%7D%7D",
    "markup": "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "right to left": "%e2%80%aeabc",
    "a wildcard": "*",
    "a query": "'%20OR%20'1'='1",
}


def ids(who: Attacker) -> Iterator[Probe]:
    """Ids that could be read as something else: they are found, not found or refused."""
    allowed = frozenset({200}) | REFUSED
    for name, spelt in IDS.items():
        for path in (f"/items/{spelt}", f"/similar_items?item_id={spelt}", f"/recommend?user_id={spelt}", f"/search?q={spelt}"):
            yield Probe("id", name, "GET", path, allowed, who.own.headers(user=None))


def catalogue(who: Attacker) -> Iterator[Probe]:
    """Items that would harm who shows them."""
    pictures = (
        "javascript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "//evil.example/x",
        "ftp://x/y",
        "http://",
    )
    for picture in pictures:
        endpoint = ("PUT", "/items", [{"item_id": ITEM, "title": "t", "image_url": picture}])
        yield _sent("catalogue", f"picture {picture}", endpoint, INVALID, who.own.headers(who.own.admin_key, None))
    wrong: tuple[dict[str, Any], ...] = (
        {"price_minor": -1, "currency": "USD"},
        {"price_minor": 2**63, "currency": "USD"},
        {"price_minor": 1, "currency": "dollars"},
        {"category_path": ["x"] * 9},
        {"tenant": who.victim.tenant},
        {"title": "t" * 100_000},
        {"available_from": "yesterday"},
    )
    for changes in wrong:
        endpoint = ("PUT", "/items", [{"item_id": ITEM, "title": "t"} | changes])
        yield _sent("catalogue", str(changes)[:40], endpoint, INVALID, who.own.headers(who.own.admin_key, None))


def amounts(who: Attacker) -> Iterator[Probe]:
    """Events of more than a shop sells."""
    for line in (
        {"quantity": 1_000_000},
        {"quantity": -1},
        {"quantity": 0},
        {"quantity": 1.5},
        {"price_minor": 2**53 - 1, "currency": "USD"},
        {"price_minor": -5, "currency": "USD"},
        {"position": -1},
    ):
        endpoint = ("POST", "/events", event(kind="purchase", lines=[{"item_id": ITEM, "quantity": 1} | line]))
        yield _sent("amount", str(line), endpoint, INVALID, who.own.headers(user=None))


ORIGINS = (
    "https://evil.example",
    "null",
    "http://127.0.0.1",
    "http://localhost.evil.example",
    "https://127.0.0.1:18002",
    "http://127.0.0.1:18002.evil.example",
)


def origins(who: Attacker) -> Iterator[Probe]:
    """Requests from pages of other origins; the test checks which answers they may read."""
    for origin in ORIGINS:
        for method, path, _ in ENDPOINTS[:6]:
            asked = {
                "origin": origin,
                "access-control-request-method": method,
                "access-control-request-headers": "authorization",
            }
            yield Probe("origin", f"preflight {origin}", "OPTIONS", path, frozenset({200, 204}) | REFUSED, asked)
        bearer = {"authorization": f"Bearer {who.token}", "origin": origin}
        yield Probe("origin", f"page {origin}", "GET", "/popular", frozenset({200}) | REFUSED, bearer)


KINDS: tuple[Callable[[Attacker], Iterator[Probe]], ...] = (
    another_tenants_name,
    tokens,
    good_token_misused,
    keys,
    beyond_its_scope,
    bodies,
    ids,
    catalogue,
    amounts,
    origins,
)
