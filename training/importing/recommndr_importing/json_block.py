"""Reads the plain lines of a block of JSON lines as columns of text, with Arrow.

A plain line is an object of strings, numbers, true, false and null. Arrow gives all values of a column one type, but numbers
must keep their digits and no row may depend on others. So numbers are put in quotes first. `json_lines` reads the
other lines one by one. Both give the same result for a row.
"""

import re
from collections.abc import Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from recommndr_importing import batch
from recommndr_importing.columns import Flags
from recommndr_importing.text_blocks import not_utf8

_LINE_FEED, _QUOTE, _COLON, _BACKSLASH = (ord(letter) for letter in '\n":\\')
# The numbers of Python's parser without exponents, which need arithmetic.
_LITERAL = r"^(-?(0|[1-9][0-9]*)(\.[0-9]+)?|true|false)$"
# Halves of a surrogate pair: Arrow accepts some unpaired ones.
_SURROGATE = re.compile(rb"\\u[dD]")
_PARSED_BYTES = 2 << 20  # per read and thread; longer than the longest row
_FEW_LINES = 500
Places = npt.NDArray[np.int64]


def _is_one_of(letters: bytes) -> Flags:
    found = np.zeros(256, np.bool_)
    found[np.frombuffer(letters, np.uint8)] = True
    return found


_SPACE, _AFTER_A_VALUE = _is_one_of(b" \t"), _is_one_of(b" \t,}")


class JsonBlock:
    """A block of lines, each ended by a line feed, without blank lines."""

    def __init__(self, text: bytes) -> None:
        self._text = _without_blank_lines(text)
        self._octets = np.frombuffer(self._text, np.uint8)
        self._ends = np.flatnonzero(self._octets == _LINE_FEED)
        self._starts = _starts(self._ends)

    @property
    def n_lines(self) -> int:
        """The number of lines."""
        return len(self._ends)

    def line(self, place: int) -> bytes:
        """Return a line without its line feed."""
        return self._text[self._starts[place] : self._ends[place]]

    def names(self) -> list[bytes]:
        """Return the distinct strings before a colon, as they are written."""
        opens, closes, _ = self._strings
        if not len(opens):
            return []
        bounds = np.column_stack([opens[self._is_name] + 1, closes[self._is_name]]).ravel()
        names: list[bytes] = _within(self._cut(bounds)).unique().to_pylist()
        return names

    def rows(self, names: list[str], point: str) -> tuple[pa.Table, Flags]:
        """Return the values of plain lines, one column of text per name of `names`, and which lines are plain.

        `names` are all names that the block has; `point` is what is written before decimals.
        """
        plain = self._plain()
        block = self if plain.all() else self._only(plain)
        schema = pa.schema([(name, pa.string()) for name in names])
        text = block._quoted(point)
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _LINE_FEED)
        parts, read = [schema.empty_table()], np.zeros(len(ends), np.bool_)
        for first, last, rows in _parsed(text, ends, schema):
            parts.append(rows)
            read[first:last] = True
        plain[plain] = read
        return pa.concat_tables(parts), plain

    @cached_property
    def _strings(self) -> tuple[Places, Places, Flags]:
        """Find where strings open and close, and which lines have an odd number of quotes; these count as without strings."""
        quotes = np.flatnonzero(self._octets == _QUOTE)
        if b"\\" in self._text:
            quotes = np.setdiff1d(quotes, _escaped(self._octets), assume_unique=True)
        counts = np.diff(np.searchsorted(quotes, self._ends), prepend=0)
        is_odd = counts % 2 == 1
        quotes = quotes[~np.repeat(is_odd, counts)] if is_odd.any() else quotes
        return quotes[0::2], quotes[1::2], is_odd

    @cached_property
    def _after(self) -> Places:
        """Find the first position after each string that is not a space."""
        return _moved(self._octets, self._strings[1] + 1, _SPACE, 1)

    @cached_property
    def _is_name(self) -> Flags:
        return np.asarray(self._octets[self._after] == _COLON)

    @cached_property
    def _bare(self) -> tuple[Places, pa.Array]:
        """Find values without quotes: where each begins and ends, (2n,), and its kind."""
        value = _moved(self._octets, self._after[self._is_name] + 1, _SPACE, 1)
        is_bare = self._octets[value] != _QUOTE
        starts = value[is_bare]
        next_string = np.append(self._strings[0], len(self._octets))[np.flatnonzero(self._is_name)[is_bare] + 1]
        until = np.minimum(next_string, self._ends[np.searchsorted(self._ends, starts)])
        stops = np.maximum(_moved(self._octets, until - 1, _AFTER_A_VALUE, -1) + 1, starts)
        bounds = np.column_stack([starts, stops]).ravel()
        return bounds, _within(self._cut(bounds))

    def _cut(self, bounds: Places) -> pa.Array:
        """Cut the block at `bounds`, (2n,). The n pieces have odd indexes; the text before and after each has even ones."""
        offsets = np.zeros(len(bounds) + 2, np.int32)
        offsets[1:-1], offsets[-1] = bounds, len(self._octets)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._text)]
        return pa.BinaryArray.from_buffers(pa.binary(), len(bounds) + 1, buffers)

    def _plain(self) -> Flags:
        _, _, is_odd = self._strings
        plain: Flags = ~is_odd & (self._octets[self._starts] == ord("{")) & (self._octets[self._ends - 1] == ord("}"))
        plain &= self._ends - self._starts <= batch.MAX_ROW_BYTES
        plain[not_utf8(self._text, self._ends)] = False
        bounds, values = self._bare
        known = pc.or_(pc.match_substring_regex(values, _LITERAL), pc.equal(values, b"null"))
        wrong = [bounds[0::2][~known.to_numpy(zero_copy_only=False)]]
        if b"\0" in self._text:
            wrong.append(np.flatnonzero(self._octets == 0))
        wrong.append(np.array([found.start() for found in _SURROGATE.finditer(self._text)], np.int64))
        plain[np.searchsorted(self._ends, np.concatenate(wrong))] = False
        return plain

    def _only(self, lines: Flags) -> "JsonBlock":
        return JsonBlock(self._octets[np.repeat(lines, self._ends - self._starts + 1)].tobytes())

    def _quoted(self, point: str) -> bytes:
        """Return the text of plain lines with quotes around every bare value except null."""
        bounds, values = self._bare
        said = pc.not_equal(values, b"null").to_numpy(zero_copy_only=False)
        if not said.any():
            return self._text
        pieces = self._cut(bounds.reshape(-1, 2)[said].ravel())
        if point != ".":
            is_value = pa.array(np.arange(len(pieces)) % 2 == 1)
            pieces = pc.if_else(is_value, pc.replace_substring(pieces, ".", point), pieces)
        whole = pa.ListArray.from_arrays(pa.array([0, len(pieces)], pa.int32()), pieces)
        quoted: bytes = pc.binary_join(whole, b'"')[0].as_py()
        return quoted


def _within(pieces: pa.Array) -> pa.Array:
    return pieces.take(pa.array(np.arange(1, len(pieces), 2)))


def _starts(ends: Places) -> Places:
    starts: Places = np.r_[0, ends[:-1] + 1][: len(ends)]
    return starts


def _without_blank_lines(text: bytes) -> bytes:
    octets = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(octets == _LINE_FEED)
    starts = _starts(ends)
    suspects = np.flatnonzero(octets[starts] <= ord(" "))
    blank = [line for line in suspects if not text[starts[line] : ends[line]].strip()]
    if not blank:
        return text
    kept = np.ones(len(ends), np.bool_)
    kept[blank] = False
    return octets[np.repeat(kept, ends - starts + 1)].tobytes()


def _escaped(octets: npt.NDArray[np.uint8]) -> Places:
    """Find positions after a backslash that is not itself escaped."""
    found = np.flatnonzero(octets == _BACKSLASH)
    is_first = np.diff(found, prepend=-2) != 1
    since_first = found - found[is_first][np.cumsum(is_first) - 1]
    behind: Places = found[since_first % 2 == 0] + 1
    return behind


def _moved(octets: npt.NDArray[np.uint8], places: Places, over: Flags, step: int) -> Places:
    """Move positions by `step` while their byte is one of `over`."""
    places = places.copy()
    moving = np.flatnonzero(over[octets[places]])
    while len(moving):
        places[moving] += step
        moving = moving[over[octets[places[moving]]]]
    return places


def _parsed(text: bytes, ends: Places, schema: pa.Schema, first: int = 0) -> Iterator[tuple[int, int, pa.Table]]:
    """Yield rows as far as Arrow can read the lines, with the index of the first line and the index after the last.

    Arrow refuses a text as a whole, so it is halved until few lines are left that it does not read. Each line begins and ends
    with a brace: when there are as many objects as lines, each line is one.
    """
    if not len(ends):
        return
    rows = _objects(text, schema)
    if rows is not None and rows.num_rows == len(ends):
        yield first, first + len(ends), rows
    elif len(ends) > _FEW_LINES:
        half = len(ends) // 2
        cut = int(ends[half - 1]) + 1
        yield from _parsed(text[:cut], ends[:half], schema, first)
        yield from _parsed(text[cut:], ends[half:] - cut, schema, first + half)


def _objects(text: bytes, schema: pa.Schema) -> pa.Table | None:
    try:
        return pa_json.read_json(
            pa.BufferReader(text),
            pa_json.ReadOptions(block_size=_PARSED_BYTES),
            pa_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
        )
    except pa.ArrowInvalid:
        return None
