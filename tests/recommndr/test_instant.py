"""A time means the same however it is written, and what is none is refused by name."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from recommndr.instant import Instant

ADAPTER: TypeAdapter[datetime] = TypeAdapter(Instant)
whole_seconds = st.integers(-(10**9), 2 * 10**10)


def read(text: str) -> datetime:
    return ADAPTER.validate_json(text, strict=True)


@given(seconds=whole_seconds)
def test_seconds_are_seconds_as_number_and_as_text(seconds: int) -> None:
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert read(str(seconds)) == read(json.dumps(str(seconds))) == read(json.dumps(expected.isoformat())) == expected


@given(milliseconds=st.integers(2 * 10**10 + 1, 2 * 10**14))
def test_milliseconds_are_milliseconds_as_number_and_as_text(milliseconds: int) -> None:
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert read(str(milliseconds)) == read(json.dumps(str(milliseconds))) == expected


@given(seconds=st.integers(0, 4 * 10**9), us=st.integers(0, 999_999))
@example(seconds=0, us=1)  # Python writes it as 1e-06
def test_no_microsecond_is_lost(seconds: int, us: int) -> None:
    digits = f"{seconds}.{us:06d}"
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=us)
    assert read(digits) == read(json.dumps(digits)) == expected


@given(at=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), minutes=st.integers(-14 * 60, 14 * 60))
def test_a_zone_changes_the_spelling_and_not_the_instant(at: datetime, minutes: int) -> None:
    local = at.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    found = read(json.dumps(local.isoformat()))
    assert (found, found.tzinfo) == (at.replace(tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    "text",
    [
        '"2026-03-01T12:00:00"', '"2026-03-01"', '""', '"yesterday"', "true", "null", "[]", "{}", "NaN", "Infinity",
        "1e400", "1e20", '"1e9"', '"NaN"', "9" * 30, "9" * 5_000, '"' + "9" * 5_000 + '"', '"0001-01-01T00:00:00+14:00"',
        "-1e300", '" 1770000000"',
    ],
    ids=range(20),
)  # fmt: skip
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read(text)
