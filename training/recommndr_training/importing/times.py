"""Columns of times -> UTC instants, whatever they are written in."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_training.importing.columns import flags, numbers, text
from recommndr_training.importing.mapping import Time

_UTC_US = pa.timestamp("us", tz="UTC")
_NAMES_ITS_ZONE = r"([Zz]|[+-][0-9]{2}:?[0-9]{2})$"
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
        words = pc.replace_substring_regex(words, r" ?UTC$", "Z")
        names_zone = flags(pc.match_substring_regex(words, _NAMES_ITS_ZONE))
        wall = ~names_zone
        read = _parsed(words, "ISO8601", utc=True)
    else:
        wall = np.full(len(words), "%z" not in time.format.lower())
        read = _parsed(words, time.format, utc=not wall.all())
    if wall.any():
        as_wall = _zoned(read.cast(pa.timestamp("us")), time.zone)
        return pc.if_else(pa.array(wall), as_wall, read.cast(_UTC_US))
    return read.cast(_UTC_US)


def _parsed(words: pa.Array, pattern: str, utc: bool) -> pa.Array:
    series = pd.Series(words.to_numpy(zero_copy_only=False), dtype=object)
    read = pd.to_datetime(series, format=pattern, utc=utc, errors="coerce", cache=True)
    at_us: npt.NDArray[np.int64] = read.to_numpy("datetime64[us]").view(np.int64)
    unknown = read.isna().to_numpy()
    return pa.array(np.where(unknown, 0, at_us), mask=unknown).cast(_UTC_US if utc else pa.timestamp("us"))
