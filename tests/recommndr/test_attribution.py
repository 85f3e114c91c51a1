"""Attribution tokens: only an untouched, fresh token of the shopper's own counts."""

import base64
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.attribution import TOKEN_LIFETIME, Attribution, BadAttribution, digest, read, sign, user_hash, verify

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = {"k1": b"0" * 32, "k0": b"1" * 32}
GIVEN = Attribution("grocer", user_hash("grocer", "u1"), "req-1", "rel-1", "default", "home", int(NOW.timestamp()))


def test_a_token_comes_back_as_it_went_out() -> None:
    token = sign(GIVEN, "k1", KEYS["k1"])
    assert verify(token, KEYS, "grocer", "u1", NOW + timedelta(days=6)) == GIVEN


def test_a_token_of_the_old_key_still_counts() -> None:
    assert verify(sign(GIVEN, "k0", KEYS["k0"]), KEYS, "grocer", "u1", NOW) == GIVEN


@pytest.mark.parametrize(
    ("token", "tenant", "user", "age", "reason"),
    [
        ("", "grocer", "u1", timedelta(0), "malformed"),
        ("a.b.c", "grocer", "u1", timedelta(0), "malformed"),
        ("W10.AA", "grocer", "u1", timedelta(0), "malformed"),
        (sign(GIVEN, "k9", KEYS["k1"]), "grocer", "u1", timedelta(0), "unknown_key"),
        (sign(GIVEN, "k1", b"wrong"), "grocer", "u1", timedelta(0), "signature"),
        (sign(GIVEN, "k1", KEYS["k1"]), "other", "u1", timedelta(0), "foreign"),
        (sign(GIVEN, "k1", KEYS["k1"]), "grocer", "u2", timedelta(0), "foreign"),
        (sign(GIVEN, "k1", KEYS["k1"]), "grocer", "u1", TOKEN_LIFETIME + timedelta(seconds=1), "expired"),
    ],
)
def test_a_token_is_refused_with_its_reason(token: str, tenant: str, user: str, age: timedelta, reason: str) -> None:
    with pytest.raises(BadAttribution) as refused:
        verify(token, KEYS, tenant, user, NOW + age)
    assert refused.value.reason == reason


ITEM = st.text(min_size=1, max_size=20)


@given(st.lists(ITEM, max_size=100), st.lists(ITEM, max_size=100))
def test_a_token_holds_the_items_of_its_list_and_hardly_any_other(listed: list[str], others: list[str]) -> None:
    token = sign(replace(GIVEN, items=digest(listed)), "k1", KEYS["k1"])
    found = verify(token, KEYS, "grocer", "u1", NOW)
    assert all(found.holds(item_id) for item_id in listed)
    assert found == read(token)
    hashes = {crc32(item_id.encode()) & 0xFFFF for item_id in listed}
    assert all(found.holds(each) is (crc32(each.encode()) & 0xFFFF in hashes) for each in others)


def test_a_token_of_the_longest_list_is_accepted_by_the_events() -> None:
    listed = [f"item-{number}" for number in range(100)]
    token = sign(replace(GIVEN, request_id="0" * 32, release="r" * 40, items=digest(listed)), "k1", KEYS["k1"])
    ten = sign(replace(GIVEN, request_id="0" * 32, items=digest(listed[:10])), "k1", KEYS["k1"])
    assert len(token) < 800  # an event's `attribution` may have 1,024 characters
    assert len(ten) < 300
    assert sum(read(token).holds(f"other-{number}") for number in range(10_000)) < 50  # 100 / 65536 of them


def test_a_token_of_the_first_format_counts_for_any_item_until_it_expires() -> None:
    fields = {name: getattr(GIVEN, name) for name in GIVEN.__slots__ if name != "items"}
    payload = json.dumps({"kid": "k1", **fields}).encode()
    signature = hmac.digest(KEYS["k1"], payload, "sha256")
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (payload, signature))
    found = verify(token, KEYS, "grocer", "u1", NOW)
    assert found == GIVEN
    assert found.holds("whatever")


@given(st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_garbage_is_refused_never_raised_through(token: str) -> None:
    with pytest.raises(BadAttribution):
        verify(token, KEYS, "grocer", "u1", NOW)
