"""Reads columns of a shop's table as text, ids and numbers. Pure; no value depends on the others."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.identity import MAX_ID_BYTES

Flags = npt.NDArray[np.bool_]
# What exports write for an empty value.
_NOTHING = pa.array(["", "NULL", "null", "NaN", "nan", "\\N"])
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
# 1.234.567,89; the mapping says which sign separates decimals. 1.234 alone is refused: it may be another number.
_GROUPED = r"^[+-]?([0-9]{1,3}(G[0-9]{3})+D[0-9]+|[0-9]{1,3}(G[0-9]{3}){2,})$"
_CONTROL = r"[\x00-\x1f\x7f\x{80}-\x{9f}]"
_WHOLE = r"^([+-]?[0-9]+)\.0+$"
# A spreadsheet's 5.01235E+12 has lost digits. The words are what programs write for no id. Lists and objects are not ids.
_DAMAGED = r"^([0-9](\.[0-9]+)?[eE]\+[0-9]+|(?i:none|undefined|<na>|n/a|#n/a|\(null\)|\[object object\])|[\[{].*)$"


class MissingColumn(ValueError):
    """The mapping names a column that the file does not have."""


class Ids(NamedTuple):
    """A column of ids; each field has shape (n,)."""

    ids: pa.Array  # string; null: no id
    bad: Flags  # too long, or with control characters
    inexact: Flags  # numbers that may have lost digits in the export
    damaged: Flags  # accepted, but they look as if a program changed them


def find(names: Sequence[str], there: Sequence[str], field: str, optional: bool) -> str | None:
    """Return the first of `names` that is `there`, or None when the column is optional; raises `MissingColumn`."""
    for name in names:
        if name in there:
            return name
    if optional:
        return None
    wanted = " or ".join(repr(name) for name in names)
    raise MissingColumn(f"{field}: no column {wanted}: the file has {', '.join(there)}")


def flags(mask: pa.Array) -> Flags:
    """Convert a Boolean array; null becomes False."""
    found: Flags = mask.fill_null(False).to_numpy(zero_copy_only=False)
    return found


def text(column: pa.Array) -> pa.Array:
    """Return values as trimmed text, (n,) string, null for empty ones. Whole floats lose their point.

    Raises `ValueError` for lists and structures.
    """
    if pa.types.is_nested(column.type):
        raise ValueError(f"the column has type {column.type}: expected text or numbers, one value per row")
    if pa.types.is_floating(column.type):
        # Exports without null write NaN. As text it would become a shopper's id.
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
        whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), 2.0**63))
        as_whole = pc.if_else(whole, column, 0.0).cast(pa.int64()).cast(pa.string())
        column = pc.if_else(whole, as_whole, column.cast(pa.string()))
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.is_in(trimmed, _NOTHING), pa.scalar(None, pa.string()), trimmed)


def codes(column: pa.Array) -> pa.Array:
    """Return values like `text`, but whole numbers without decimals: 7.0 is 7 in every file format."""
    return by_distinct(text(column), _without_zeros)


def ids(column: pa.Array) -> Ids:
    """Read a column of ids. Integers of any size keep all digits; floats that may have lost digits are inexact."""
    words = text(column).dictionary_encode()
    distinct = _without_zeros(words.dictionary)
    bad = pc.or_(pc.greater(pc.binary_length(distinct), MAX_ID_BYTES), pc.match_substring_regex(distinct, _CONTROL))
    damaged = pc.match_substring_regex(distinct, _DAMAGED)
    inexact = np.zeros(len(column), np.bool_)
    if pa.types.is_floating(column.type):
        exact_below = 2.0 ** {16: 11, 32: 24, 64: 53}[column.type.bit_width]
        inexact = flags(pc.and_(pc.is_finite(column), pc.greater_equal(pc.abs(column), exact_below)))
    places = words.indices
    return Ids(distinct.take(places), flags(bad.take(places)), inexact, flags(damaged.take(places)))


def by_distinct(words: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Apply a change of text to each distinct value once."""
    encoded = words.dictionary_encode()
    return change(encoded.dictionary).take(encoded.indices)


def _without_zeros(words: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(words, _WHOLE, r"\1")


def numbers(column: pa.Array, point: str = ".") -> tuple[npt.NDArray[np.float64], Flags]:
    """Return values as (n,) float64, NaN for empty ones, and which ones are not a finite number.

    `point` is what stands before decimals in text.
    """
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = text(column)
        plain = by_distinct(column, lambda words: _with_point(words, point))
        readable = pc.match_substring_regex(plain, _NUMBER)
        read = pc.if_else(readable, plain, pa.scalar(None, pa.string())).cast(pa.float64())
    else:
        read = column.cast(pa.float64(), safe=False)
    values: npt.NDArray[np.float64] = read.fill_null(np.nan).to_numpy(zero_copy_only=False)
    bad = flags(column.is_valid()) & ~np.isfinite(values)
    return np.where(bad, np.nan, values), bad


def _with_point(words: pa.Array, point: str) -> pa.Array:
    group = "," if point == "." else "."
    grouped = pc.match_substring_regex(words, _GROUPED.replace("G", f"[{group}]").replace("D", f"[{point}]"))
    words = pc.if_else(grouped, pc.replace_substring(words, group, ""), words)
    if point == ".":
        return words
    other = pc.match_substring(words, ".")  # a point that does not group thousands is invalid here
    return pc.if_else(other, "not a number", pc.replace_substring(words, point, "."))


def whole_quantity(values: npt.NDArray[np.float64], bad: Flags) -> tuple[npt.NDArray[np.int32], Flags]:
    """Return pieces as (n,) int32, 1 for empty values, and which ones are not whole or outside 1-1,000,000."""
    said = ~np.isnan(values)
    bad = bad | (said & ((values != np.floor(values)) | (values < 1) | (values > 1_000_000)))
    return np.where(said & ~bad, values, 1).astype(np.int32), bad


def renamed(words: pa.Array, values: dict[str, str] | None) -> pa.Array:
    """Replace words by the mapping's `values`; words it does not name become null. Without `values` nothing changes."""
    if values is None:
        return words
    places = pc.index_in(words, pa.array(list(values), pa.string()))
    return pa.array(list(values.values()), pa.string()).take(places)


def fitting(words: pa.Array, pattern: str) -> pa.Array:
    """Return the words that match a pattern as a whole; null for the others.

    >>> fitting(pa.array(["DE", "Germany"]), "[A-Z]{2}").to_pylist()
    ['DE', None]
    """
    fits = pc.match_substring_regex(words, f"^(?:{pattern})$")
    return pc.if_else(fits, words, pa.scalar(None, pa.string()))
