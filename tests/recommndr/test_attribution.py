"""Attribution tokens: only an untouched, fresh token of the shopper's own counts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.attribution import TOKEN_LIFETIME, Attribution, BadAttribution, sign, user_hash, verify

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


@given(st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_garbage_is_refused_never_raised_through(token: str) -> None:
    with pytest.raises(BadAttribution):
        verify(token, KEYS, "grocer", "u1", NOW)
