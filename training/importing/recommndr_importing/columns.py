"""Columns of a shop's table as the types of events: text, numbers, ids, prices. Pure, and one array at a time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.events import MAX_PRICE_MINOR
from recommndr.identity import MAX_ID_BYTES

Flags = npt.NDArray[np.bool_]
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_CONTROL = r"[\x00-\x1f\x7f\x{80}-\x{9f}]"


class MissingColumn(ValueError):
    """The mapping names a column that the file does not have."""


def find(names: Sequence[str], there: Sequence[str], field: str, optional: bool) -> str | None:
    """The first of `names` that is `there`; None when none is and that is allowed; raises `MissingColumn`."""
    for name in names:
        if name in there:
            return name
    if optional:
        return None
    wanted = " or ".join(repr(name) for name in names)
    raise MissingColumn(f"{field}: no column {wanted}: the file has {', '.join(there)}")


def flags(mask: pa.Array) -> Flags:
    """A Boolean array, null = False."""
    found: Flags = mask.fill_null(False).to_numpy(zero_copy_only=False)
    return found


def text(column: pa.Array) -> pa.Array:
    """Values as trimmed text, (n,) string; empty and NaN = null. Whole floats (a reader's integers with gaps) lose their point.

    Raises `ValueError` for lists and structures.
    """
    if pa.types.is_nested(column.type):
        raise ValueError(f"a column of {column.type} where the mapping needs one value a row: expected text or numbers")
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):
        # readers that know no null write NaN: as text it would be the name of a shopper
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
        whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), 2.0**53))
        as_whole = pc.if_else(whole, column, 0.0).cast(pa.int64()).cast(pa.string())
        column = pc.if_else(whole, as_whole, column.cast(pa.string()))
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.equal(pc.binary_length(trimmed), 0), pa.scalar(None, pa.string()), trimmed)


def bad_ids(ids: pa.Array) -> Flags:
    """Which (n,) string ids are too long or hold control characters; null ones are not."""
    too_long = pc.greater(pc.binary_length(ids), MAX_ID_BYTES)
    return flags(pc.or_(too_long, pc.match_substring_regex(ids, _CONTROL)))


def numbers(column: pa.Array) -> tuple[npt.NDArray[np.float64], Flags]:
    """Values as (n,) float64, NaN where there is none, and which ones are there but no finite number."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_dictionary(column.type):
        column = text(column)
        readable = pc.match_substring_regex(column, _NUMBER)
        read = pc.if_else(readable, column, pa.scalar(None, pa.string())).cast(pa.float64())
    else:
        read = column.cast(pa.float64())
    values: npt.NDArray[np.float64] = read.fill_null(np.nan).to_numpy(zero_copy_only=False)
    return values, flags(column.is_valid()) & ~np.isfinite(values)


def whole_quantity(column: pa.Array) -> tuple[npt.NDArray[np.int32], Flags]:
    """Pieces as (n,) int32, 1 where not said, and which ones are not whole or outside 1-1,000,000."""
    values, bad = numbers(column)
    said = ~np.isnan(values)
    bad |= said & ((values != np.floor(values)) | (values < 1) | (values > 1_000_000))
    return np.where(said & ~bad, values, 1).astype(np.int32), bad


def price_minor(column: pa.Array, decimals: int) -> tuple[pa.Array, Flags]:
    """Major units as (n,) int64 minor units, null where not said, and which ones are negative, huge or no number."""
    values, bad = numbers(column)
    minor = np.rint(values * 10**decimals)
    bad |= (minor < 0) | (minor > MAX_PRICE_MINOR)
    unknown = bad | np.isnan(minor)
    return pa.array(np.where(unknown, 0, minor).astype(np.int64), mask=unknown), bad


def renamed(words: pa.Array, values: dict[str, str] | None) -> pa.Array:
    """Words by the mapping's `values`, null for those it does not name; as they are without one."""
    if values is None:
        return words
    places = pc.index_in(words, pa.array(list(values), pa.string()))
    return pa.array(list(values.values()), pa.string()).take(places)


def fitting(words: pa.Array, pattern: str) -> pa.Array:
    """Words that fit a pattern as a whole; null for the others.

    >>> fitting(pa.array(["DE", "Germany"]), "[A-Z]{2}").to_pylist()
    ['DE', None]
    """
    fits = pc.match_substring_regex(words, f"^(?:{pattern})$")
    return pc.if_else(fits, words, pa.scalar(None, pa.string()))
