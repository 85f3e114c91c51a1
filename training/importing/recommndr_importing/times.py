"""Reads columns of times in any format as UTC instants."""

import re
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing.columns import Flags, flags, numbers, text
from recommndr_importing.mapping import Time

_UTC_US = pa.timestamp("us", tz="UTC")
_WALL_US = pa.timestamp("us")
_IS_UTC = r"( ?UTC|[Zz])$"
# Arrow reads these like Python's `fromisoformat`, but four times as fast.
_PLAIN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?$"
_ISO = re.compile(r"[0-9W-]{8,10}([T ].+)?")
_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
# Larger float64 microseconds are outside pandas' calendar.
_MAX_US = 2**53
# Times outside these are invalid: Go writes year 1 for a missing time, and nanosecond calendars span 1677 to 2262.
_EARLIEST_US, _LATEST_US = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 for year in (1800, 2200))


def instants(column: pa.Array, time: Time, point: str = ".") -> pa.Array:
    """Return UTC instants, (n,) timestamp[us]; null where the time is missing or cannot be read.

    A wall clock shows the hour before summer time ends twice: the earlier one is meant. An hour that summer time skips is its
    end.
    """
    if pa.types.is_timestamp(column.type):
        return _zoned(_microseconds(column), time.zone)
    if pa.types.is_date(column.type):
        return _zoned(_microseconds(column.cast(pa.timestamp("ms"), safe=False)), time.zone)
    if time.format in _UNITS:
        return _since_1970(column, _UNITS[time.format], point)
    return _read(text(column), time)


def _zoned(at: pa.Array, zone: str) -> pa.Array:
    if at.type.tz is None:
        at = pc.assume_timezone(at, zone, ambiguous="earliest", nonexistent="latest")
    return at.cast(_UTC_US)


def _since_1970(column: pa.Array, us_per_unit: int, point: str) -> pa.Array:
    values, _ = numbers(column, point)
    with np.errstate(over="ignore"):  # an infinite instant is outside the years below, as any that is too far away
        at_us = np.rint(values * us_per_unit)
    unknown = ~(np.abs(at_us) < _MAX_US)
    return pa.array(np.where(unknown, 0, at_us).astype(np.int64), mask=unknown).cast(_UTC_US)


def _microseconds(column: pa.Array) -> pa.Array:
    """Convert timestamps of any unit, without parts of a microsecond; null for times outside the valid range."""
    per_second, kind = _PER_SECOND[column.type.unit], pa.timestamp("us", tz=column.type.tz)
    ticks = column.cast(pa.int64()).fill_null(0).to_numpy()
    low, high = (bound_us * per_second // 1_000_000 for bound_us in (_EARLIEST_US, _LATEST_US))
    unknown = column.is_null().to_numpy(zero_copy_only=False) | (ticks < low) | (ticks > high)
    ticks = np.where(unknown, 0, ticks)
    at_us = ticks // (per_second // 1_000_000) if per_second >= 10**6 else ticks * (1_000_000 // per_second)
    return pa.array(at_us, mask=unknown).cast(kind)


def _read(words: pa.Array, time: Time) -> pa.Array:
    if time.format == "iso":
        return _iso(words, time.zone)
    wall = np.full(len(words), "%z" not in time.format.lower())
    return _by_clock(_parsed(words, time.format, utc=not wall.all()), wall, time.zone)


def _iso(words: pa.Array, zone: str) -> pa.Array:
    """Read each time by its own form: plain ones as an array, the others one by one."""
    in_utc = flags(pc.match_substring_regex(words, _IS_UTC))
    bare = pc.replace_substring_regex(words, _IS_UTC, "") if in_utc.any() else words
    plain = flags(pc.match_substring_regex(bare, _PLAIN))
    wall = plain & ~in_utc
    try:
        at = pc.if_else(pa.array(plain), bare, pa.scalar(None, pa.string())).cast(_WALL_US)
    except pa.ArrowInvalid:  # for example a 30th of February
        plain[:] = False
        at = pa.nulls(len(words), _WALL_US)
    if not plain.all():
        others, is_wall = _one_by_one(pc.if_else(pa.array(plain), pa.scalar(None, pa.string()), words))
        at, wall = pc.coalesce(at, others), wall & plain | is_wall
    return _by_clock(at, wall, zone)


def _one_by_one(words: pa.Array) -> tuple[pa.Array, Flags]:
    """Return times as if in UTC, null for invalid ones, and which of them have no zone."""
    encoded = words.dictionary_encode()
    read = [_from_iso(word) for word in encoded.dictionary.to_pylist()]
    at = pa.array([at and at.replace(tzinfo=None) for at, _ in read], _WALL_US)
    is_wall = pa.array([is_wall for _, is_wall in read], pa.bool_())
    return at.take(encoded.indices), flags(is_wall.take(encoded.indices))


def _from_iso(word: str) -> tuple[datetime | None, bool]:
    word = word.upper()
    if not _ISO.fullmatch(word):
        return None, False
    try:
        at = datetime.fromisoformat(_with_zone(word))
        return (at, True) if at.tzinfo is None else (at.astimezone(UTC), False)
    except (ValueError, OverflowError):
        return None, False


def _with_zone(word: str) -> str:
    """Write a time as Python reads it: without a space before the zone, and with Z for UTC."""
    bare = word.removesuffix("UTC").rstrip() + "Z" if word.endswith("UTC") else word
    return re.sub(r" (?=[+-][0-9:]+$)", "", bare)


def _by_clock(read: pa.Array, wall: Flags, zone: str) -> pa.Array:
    """Return the instants of times read as if in UTC; `wall` marks the local times of `zone`."""
    read = _microseconds(read)
    in_utc = read.cast(_UTC_US)
    return pc.if_else(pa.array(wall), _zoned(read.cast(_WALL_US), zone), in_utc) if wall.any() else in_utc


def _parsed(words: pa.Array, pattern: str, utc: bool) -> pa.Array:
    series = pd.Series(words.to_numpy(zero_copy_only=False), dtype=object)
    read = pd.to_datetime(series, format=pattern, utc=utc, errors="coerce", cache=True)
    at_us: npt.NDArray[np.int64] = read.to_numpy("datetime64[us]").view(np.int64)
    unknown = read.isna().to_numpy()
    return pa.array(np.where(unknown, 0, at_us), mask=unknown).cast(_UTC_US if utc else _WALL_US)
