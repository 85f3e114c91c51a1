"""Laws of the shopper's token: what is signed comes back, and nothing else does."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.identity import check_entity_id
from recommndr.shopper_token import TOKEN_LIFETIME, BadShopperToken, TokenKeys, TokenSigner, jwks
from tests.recommndr.tokens import private_key

NOW = datetime(2026, 3, 1, 12, 0, 0, 987_654, tzinfo=UTC)
SIGNER, OTHER = TokenSigner(private_key()), TokenSigner(private_key("second"))
KEYS = TokenKeys({"keys": [SIGNER.jwk]})
TOKEN, SAID = SIGNER.issue("grocer", "anna", NOW)
CLAIMS: dict[str, Any] = {
    "iss": "recommndr", "aud": "recommndr", "tenant": "grocer", "sub": "anna",
    "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 900,
}  # fmt: skip


def is_user_id(text: str) -> bool:
    try:
        return bool(check_entity_id(text))
    except ValueError:
        return False


def signed(claims: dict[str, Any], kid: str = SIGNER.key_id, pem: str | None = None) -> str:
    return jwt.encode(claims, pem or private_key(), "RS256", headers={"kid": kid})


def reason(token: str, keys: TokenKeys = KEYS, at: datetime = NOW) -> str:
    with pytest.raises(BadShopperToken) as refused:
        keys.verify(token, at)
    return refused.value.reason


@settings(max_examples=50, deadline=None)
@given(user_id=st.text(min_size=1, max_size=64).filter(is_user_id), tenant=st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True))
def test_any_shopper_of_any_tenant_comes_back(user_id: str, tenant: str) -> None:
    token, said = SIGNER.issue(tenant, user_id, NOW)
    assert KEYS.verify(token, NOW) == said
    assert (said.tenant, said.user_id) == (tenant, user_id)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(TOKEN) - 1), flipped=st.integers(1, 127))
def test_a_token_with_any_byte_changed_is_refused(place: int, flipped: int) -> None:
    changed = TOKEN[:place] + chr(ord(TOKEN[place]) ^ flipped) + TOKEN[place + 1 :]
    assert reason(changed) in {"malformed", "algorithm", "unknown_key", "signature"}


@settings(max_examples=200, deadline=None)
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_no_token_is_refused_by_its_reason(text: str) -> None:
    assert reason(text) in {"malformed", "algorithm", "unknown_key"}


def test_it_lives_for_fifteen_minutes_and_not_a_second_longer() -> None:
    assert SAID.issued_at == NOW.replace(microsecond=0)
    assert SAID.expires_at - SAID.issued_at == TOKEN_LIFETIME == timedelta(minutes=15)
    assert KEYS.verify(TOKEN, SAID.expires_at - timedelta(microseconds=1)) == SAID
    assert reason(TOKEN, at=SAID.expires_at) == "expired"
    assert KEYS.verify(TOKEN, NOW) == SAID  # what is remembered of it is not that it expired


def test_the_signature_has_one_spelling() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(TOKEN[-1])
    assert {reason(TOKEN[:-1] + alphabet[last ^ spare]) for spare in range(1, 16)} == {"malformed"}
    assert reason(f"{TOKEN}=") == "malformed"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "somebody"}, "issuer"),
        ({"aud": "another-platform"}, "audience"),
        ({"aud": None}, "malformed"),
        ({"exp": CLAIMS["exp"] + 1}, "lifetime"),
        ({"iat": CLAIMS["iat"] + 2, "exp": CLAIMS["exp"] + 2}, "early"),
        ({"nbf": CLAIMS["iat"] + 3}, "early"),
        ({"nbf": "later"}, "malformed"),
        ({"exp": "soon"}, "malformed"),
        ({"exp": 10**30}, "malformed"),
        ({"sub": ""}, "malformed"),
        ({"sub": "x" * 129}, "malformed"),
        ({"sub": 7}, "malformed"),
        ({"tenant": "Not A Tenant"}, "malformed"),
        ({"tenant": ["grocer"]}, "malformed"),
    ],
)
def test_claims_that_are_not_as_they_should_be_are_refused_though_they_are_signed(changes: dict[str, Any], why: str) -> None:
    assert reason(signed(CLAIMS | changes)) == why


def test_a_token_is_good_from_its_nbf_on_and_clocks_may_differ_by_a_second() -> None:
    later = signed(CLAIMS | {"nbf": CLAIMS["iat"] + 10})
    assert reason(later, at=SAID.issued_at + timedelta(seconds=8.9)) == "early"
    assert KEYS.verify(later, SAID.issued_at + timedelta(seconds=9)).user_id == "anna"


@pytest.mark.parametrize("missing", sorted(CLAIMS))
def test_no_claim_may_be_missing(missing: str) -> None:
    assert KEYS.verify(signed(CLAIMS), NOW).user_id == "anna"
    assert reason(signed({name: value for name, value in CLAIMS.items() if name != missing})) == "malformed"


def test_no_other_algorithm_is_accepted() -> None:
    unsigned = jwt.encode(CLAIMS, "", "none", headers={"kid": SIGNER.key_id})
    assert reason(unsigned) == "algorithm"
    assert reason(jwt.encode(CLAIMS, private_key(), "PS256", headers={"kid": SIGNER.key_id})) == "algorithm"
    # The public key is public: a verifier that took it for a secret would accept this.
    public = load_pem_private_key(private_key().encode(), None).public_key()
    assert reason(_hs256(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))) == "algorithm"


def _hs256(secret: bytes) -> str:
    def b64(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    head = b64(json.dumps({"alg": "HS256", "typ": "JWT", "kid": SIGNER.key_id}).encode())
    text = f"{head}.{b64(json.dumps(CLAIMS).encode())}"
    return f"{text}.{b64(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def test_a_key_is_replaced_by_way_of_both() -> None:
    both = TokenKeys.from_json(jwks([SIGNER.jwk, OTHER.jwk]))
    new_token, _ = OTHER.issue("grocer", "anna", NOW)
    assert both.verify(TOKEN, NOW) == both.verify(new_token, NOW) == SAID
    only_new = TokenKeys({"keys": [OTHER.jwk]})
    assert only_new.verify(new_token, NOW) == SAID
    assert reason(TOKEN, only_new) == "unknown_key"
    assert (SIGNER.key_id in both, SIGNER.key_id in only_new) == (True, False)


def test_a_token_that_names_another_key_than_it_was_signed_with_is_refused() -> None:
    both = TokenKeys({"keys": [SIGNER.jwk, OTHER.jwk]})
    assert reason(signed(CLAIMS, kid=OTHER.key_id), both) == "signature"


def test_what_is_published_holds_no_private_part() -> None:
    assert set(SIGNER.jwk) == {"kty", "n", "e", "alg", "use", "kid"}


def test_weak_and_other_keys_are_refused() -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="RSA private key"):
        TokenSigner(elliptic.decode())
    for text in ('{"keys": [{}]}', "{}", '{"keys": [{"kid": "a", "kty": "RSA"}]}', '{"keys": 7}', "[]"):
        with pytest.raises(ValueError, match="JWKS"):
            TokenKeys.from_json(text)


@pytest.mark.parametrize(("tenant", "user_id"), [("Grocer", "anna"), ("grocer", ""), ("grocer", "a\nb"), ("grocer", "x" * 129)])
def test_no_token_is_issued_for_what_is_nobody(tenant: str, user_id: str) -> None:
    with pytest.raises(ValueError, match=r"tenant|id"):
        SIGNER.issue(tenant, user_id, NOW)
