"""Columns of times -> UTC instants, whatever they are written in."""

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
# After a time of day, so that the end of a date is none; PostgreSQL writes whole hours as +02.
_HAS_OFFSET = r"[T ][0-9][0-9:.,]* ?[+-][0-9]{2}(:?[0-9]{2})?$"
_UNITS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
# Beyond this a float64 of microseconds is no instant of pandas' calendar.
_MAX_US = 2**53


def instants(column: pa.Array, time: Time) -> pa.Array:
    """UTC instants, (n,) timestamp[us]; null where there is none or it cannot be read.

    A wall clock shows the hour before summer time ends twice: the earlier one is meant. An hour that summer time skips is its
    end.
    """
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _zoned(column.cast(pa.timestamp("us", tz=getattr(column.type, "tz", None))), time.zone)
    if time.format in _UNITS:
        return _since_1970(column, _UNITS[time.format])
    return _read(text(column), time)


def _zoned(at: pa.Array, zone: str) -> pa.Array:
    if at.type.tz is None:
        at = pc.assume_timezone(at, zone, ambiguous="earliest", nonexistent="latest")
    return at.cast(_UTC_US)


def _since_1970(column: pa.Array, us_per_unit: int) -> pa.Array:
    values, _ = numbers(column)
    at_us = np.rint(values * us_per_unit)
    unknown = ~(np.abs(at_us) < _MAX_US)
    return pa.array(np.where(unknown, 0, at_us).astype(np.int64), mask=unknown).cast(_UTC_US)


def _read(words: pa.Array, time: Time) -> pa.Array:
    if time.format == "iso":
        in_utc = flags(pc.match_substring_regex(words, _IS_UTC))
        bare = pc.replace_substring_regex(words, _IS_UTC, "")
        read = _plain_iso(bare)
        if read is not None:
            return _by_clock(read, ~in_utc, time.zone)
        names_zone = in_utc | flags(pc.match_substring_regex(words, _HAS_OFFSET))
        words = pc.if_else(pa.array(in_utc), pc.binary_join_element_wise(bare, "Z", ""), words)
        return _by_clock(_parsed(words, "ISO8601", utc=True), ~names_zone, time.zone)
    wall = np.full(len(words), "%z" not in time.format.lower())
    return _by_clock(_parsed(words, time.format, utc=not wall.all()), wall, time.zone)


def _by_clock(read: pa.Array, wall: Flags, zone: str) -> pa.Array:
    """Instants of what was read as if in UTC; `wall` are those that a clock in `zone` showed."""
    in_utc = read.cast(_UTC_US)
    return pc.if_else(pa.array(wall), _zoned(read.cast(_WALL_US), zone), in_utc) if wall.any() else in_utc


def _plain_iso(words: pa.Array) -> pa.Array | None:
    """Times without offsets, four times as fast; None when one of them is not plain, or no time."""
    try:
        at = words.cast(_WALL_US)
    except pa.ArrowInvalid:
        return None
    at_us = at.cast(pa.int64())
    return pc.if_else(pc.less(pc.abs(at_us), _MAX_US), at, pa.scalar(None, _WALL_US))


def _parsed(words: pa.Array, pattern: str, utc: bool) -> pa.Array:
    series = pd.Series(words.to_numpy(zero_copy_only=False), dtype=object)
    read = pd.to_datetime(series, format=pattern, utc=utc, errors="coerce", cache=True)
    at_us: npt.NDArray[np.int64] = read.to_numpy("datetime64[us]").view(np.int64)
    unknown = read.isna().to_numpy()
    return pa.array(np.where(unknown, 0, at_us), mask=unknown).cast(_UTC_US if utc else _WALL_US)
