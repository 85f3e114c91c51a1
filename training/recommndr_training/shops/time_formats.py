"""How a column of times is written: as a number, as ISO text or by a pattern. Pure.

Patterns are tried on the distinct values. `03/04/2024` is the third of April or the fourth of March: values above 12
decide, then whether the file is in time order under one reading only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing.mapping import Time
from recommndr_importing.times import instants

_YEARS = (1990, 2100)
_PER_SECOND = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000}
_DATES = [
    f"{pattern.replace('/', sign)}"
    for sign in ("/", ".", "-")
    for pattern in ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d/%m/%y", "%m/%d/%y")
]
_DATES += ["%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%Y%m%d", "%d. %B %Y"]
_CLOCKS = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ", %I:%M %p", ", %H:%M", ", %H:%M:%S"]
_CLOCKS += ["T%H:%M:%S", " %H:%M %z", " %H:%M:%S %z", ":%H:%M:%S %z", " %H.%M"]
_MAX_VALUES = 2_000
_LEAST_SHARE = 0.8
_FIRST_TRY = 20
_HAS_ZONE = re.compile(r"(UTC|GMT|[Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2})\s*$")


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a column of times is written. `format` is None for columns that hold timestamps."""

    format: str | None
    share: float  # of the values that can be read so
    has_zone: bool
    why: str
    doubt: str | None = None  # what else it may mean


def time_format(column: pa.Array) -> TimeFormat | None:
    """How a column, (n,), tells times; None if most of its values are no times."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
        return TimeFormat(None, 1.0, zoned, "a column of timestamps")
    if pa.types.is_nested(column.type) or pa.types.is_boolean(column.type):
        return None
    words = pc.utf8_trim_whitespace(column.cast(pa.string())).drop_null()
    words = words.filter(pc.not_equal(words, ""))
    if len(words) == 0:
        return None
    return _since_1970(words) or _iso(words) or _by_pattern(words)


def _since_1970(words: pa.Array) -> TimeFormat | None:
    is_number = pc.match_substring_regex(words, r"^[0-9]+([.,][0-9]*)?([eE]\+?[0-9]+)?$")
    numbers = pc.replace_substring(words.filter(is_number), ",", ".").cast(pa.float64()).to_numpy()
    if len(numbers) < _LEAST_SHARE * len(words):
        return None
    first_s, last_s = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in _YEARS)
    for name, per_second in _PER_SECOND.items():
        share = float(np.mean((numbers >= first_s * per_second) & (numbers < last_s * per_second)))
        if share >= _LEAST_SHARE:
            return TimeFormat(name, share, True, f"numbers of {_UNITS[name]} since 1970")
    return None


_UNITS = {"epoch_s": "seconds", "epoch_ms": "milliseconds", "epoch_us": "microseconds"}


def _iso(words: pa.Array) -> TimeFormat | None:
    some = _some(words)
    share = _share(some, "iso")
    if share < _LEAST_SHARE:
        return None
    return TimeFormat("iso", share, _zoned(some), "dates written as 2024-12-31")


def _by_pattern(words: pa.Array) -> TimeFormat | None:
    some = _some(words)
    first = some.slice(0, _FIRST_TRY)
    fitting = [pattern for pattern in _patterns(first) if _share(first, pattern) >= _LEAST_SHARE]
    shares = {pattern: _share(some, pattern) for pattern in fitting}
    best = max(shares.values(), default=0.0)
    if best < _LEAST_SHARE:
        return None
    equal = [pattern for pattern, share in shares.items() if share > best - 1e-9]
    zoned = "%z" in equal[0]
    rival = next((pattern for pattern in equal[1:] if _swapped(pattern) == equal[0]), None)
    if rival is None:
        return TimeFormat(equal[0], best, zoned, f"dates written as {some[0]}")
    return _in_order(words, equal[0], rival, best)


def _in_order(words: pa.Array, day_first: str, month_first: str, share: float) -> TimeFormat:
    """The reading under which the file is in time order; day first, in doubt, if that does not decide."""
    head = words.slice(0, _MAX_VALUES)
    ordered = {pattern: _share_in_order(head, pattern) for pattern in (day_first, month_first)}
    sure = {pattern: share > 0.99 for pattern, share in ordered.items()}
    if sure[day_first] != sure[month_first]:
        chosen = day_first if sure[day_first] else month_first
        return TimeFormat(chosen, share, False, "only so the file is in the order of time")
    chosen = month_first if "%p" in day_first else day_first
    other = month_first if chosen == day_first else day_first
    return TimeFormat(
        chosen, share, False, f"dates written as {words[0]}", f"no value tells days from months: it may be {other}"
    )


def _share_in_order(words: pa.Array, pattern: str) -> float:
    at = instants(words, Time(column=("at",), format=pattern)).drop_null().cast(pa.int64()).to_numpy()
    steps = np.diff(at)
    return float(np.mean(steps >= 0)) if len(steps) and at[0] != at[-1] else 0.0


def _swapped(pattern: str) -> str:
    return pattern.replace("%d", "?").replace("%m", "%d").replace("?", "%m")


def _patterns(some: pa.Array) -> list[str]:
    """Patterns whose signs are those of the first value; trying all takes seconds."""
    first = str(some[0])
    signs = re.sub(r"[A-Za-z0-9+]", "", first)
    every = (date + clock for date in _DATES for clock in _CLOCKS)
    return [
        pattern for pattern in every if _signs(pattern) == signs or ("%z" in pattern and _signs(pattern) == signs.rstrip("-"))
    ]


def _signs(pattern: str) -> str:
    return re.sub(r"%[A-Za-z]|[A-Za-z]", "", pattern)


def _share(some: pa.Array, form: str) -> float:
    at = instants(some, Time(column=("at",), format=form))
    years = pc.year(at).fill_null(0).to_numpy(zero_copy_only=False)
    return float(np.mean((years >= _YEARS[0]) & (years < _YEARS[1])))


def _some(words: pa.Array) -> pa.Array:
    distinct = words.unique()
    step = max(len(distinct) // _MAX_VALUES, 1)
    return distinct.take(pa.array(np.arange(0, len(distinct), step)[:_MAX_VALUES]))


def _zoned(some: pa.Array) -> bool:
    texts: Sequence[str] = some.slice(0, _FIRST_TRY).to_pylist()
    return all(len(text) > len("2024-12-31") and _HAS_ZONE.search(text[10:]) is not None for text in texts)
