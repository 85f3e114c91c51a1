"""Cuts the lines of a CSV file into rows and finds the lines that are not rows. Pure.

A row is one line, unless a value in double quotes contains line ends. A quote that is opened and not closed correctly makes
only its own line unreadable, never the lines after it.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing.batch import MALFORMED, MAX_ROW_BYTES, NOT_OF_THE_ENCODING, TOO_LONG, Broken
from recommndr_importing.text_blocks import not_utf8

# With fewer columns a text of several lines looks too much like several rows.
_MIN_TELLING_WIDTH = 4
_IS_ROW, _IS_BLANK, _IS_CONTINUED = 0, 1, 2
_FAULTS = {3: MALFORMED, 4: NOT_OF_THE_ENCODING, 5: TOO_LONG}
_CODES = {reason: code for code, reason in _FAULTS.items()}
Lines = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """A block of lines, cut into rows."""

    text: bytes  # the rows that a strict CSV parser can split
    numbers: Lines  # line numbers of these rows, (n,), from 1 in this block
    broken: list[Broken]
    n_rows: int  # readable and unreadable rows together
    rest: bytes  # lines of a row that ends in the next block


class CsvRows:
    """Cuts blocks of lines into rows of values between `delimiter` (one byte).

    `width` is the number of columns of the header; a value in quotes may hold line ends when its row has as many.
    """

    def __init__(self, delimiter: str, quoted: bool, width: int) -> None:
        self._quoted, self._width, self._delimiter = quoted, width, delimiter.encode()
        d = re.escape(self._delimiter)
        # Possessive quantifiers: without backtracking no text makes matching slow.
        value = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"%b\n][^%b\n]*+|)' % (d, d)
        self._row = re.compile(rb"%b(?:%b%b)*+\n" % (value, d, value))
        self._open_row = re.compile(rb'(?:%b%b)*+"[^"]*+(?:""[^"]*+)*+' % (value, d))
        self._value = re.compile(rb"(?:\A|%b)(%b)" % (d, value))
        safe = re.escape(delimiter) if delimiter != "\x1f" else r"\x1f"
        strict = rf'(?:"(?:[^"]|"")*"|[^"{safe}\n][^{safe}\n]*|)'
        self._strict = rf"^{strict}(?:{safe}{strict})*\n$"

    def values(self, row: bytes) -> list[bytes]:
        """Return the values of one row without their quotes."""
        if not self._quoted:
            return row.rstrip(b"\n").split(self._delimiter)
        found: list[bytes] = self._value.findall(row.removesuffix(b"\n"))
        return [value[1:-1].replace(b'""', b'"') if value.startswith(b'"') else value for value in found]

    def first(self, text: bytes) -> tuple[bytes, bytes]:
        """Return the first row of a text that is not blank, and the rest."""
        text = text.lstrip(b"\n")
        found = self._row.match(text) if self._quoted else None
        end = found.end() if found else text.find(b"\n") + 1
        return text[:end], text[end:]

    def cut(self, text: bytes, last: bool) -> Cut:
        """Return the rows of a block. Unless the block is the `last` one, its last row may continue in the next block."""
        octets = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(octets == ord("\n"))
        starts = np.r_[0, ends[:-1] + 1][: len(ends)]
        kinds = np.full(len(ends), _IS_ROW, np.int8)
        kinds[ends == starts] = _IS_BLANK
        kinds[ends - starts > MAX_ROW_BYTES] = _CODES[TOO_LONG]
        n_lines = self._join_lines(text, starts, ends, kinds, last) if self._quoted and b'"' in text else len(ends)
        end = int(ends[n_lines - 1]) + 1 if n_lines else 0
        rest, text = text[end:], text[:end]
        starts, ends, kinds = starts[:n_lines], ends[:n_lines], kinds[:n_lines]
        begins = (kinds != _IS_CONTINUED) & (kinds != _IS_BLANK)
        for line in not_utf8(text, ends):
            row = line if begins[line] else np.flatnonzero(begins[: line + 1])[-1]
            kinds[row] = _CODES[NOT_OF_THE_ENCODING] if kinds[row] == _IS_ROW else kinds[row]
        return self._sorted(text, starts, ends, kinds, rest)

    def _sorted(self, text: bytes, starts: Lines, ends: Lines, kinds: npt.NDArray[np.int8], rest: bytes) -> Cut:
        begins = (kinds != _IS_CONTINUED) & (kinds != _IS_BLANK)
        numbers = np.cumsum(begins)
        kind_of_row = kinds[begins]
        broken = []
        firsts = np.flatnonzero(begins)
        for row in np.flatnonzero(kind_of_row != _IS_ROW):
            reason = _FAULTS[int(kind_of_row[row])]
            broken.append(Broken.from_bytes(int(row) + 1, text[starts[firsts[row]] : ends[firsts[row]]], reason))
        if broken or (kinds == _IS_BLANK).any():
            kept = (kind_of_row[np.maximum(numbers, 1) - 1] == _IS_ROW) & (kinds != _IS_BLANK) if len(firsts) else begins
            octets = np.frombuffer(text, np.uint8)
            text = octets[np.repeat(kept, ends - starts + 1)].tobytes()
        return Cut(text, np.flatnonzero(kind_of_row == _IS_ROW) + 1, broken, int(begins.sum()), rest)

    def _join_lines(self, text: bytes, starts: Lines, ends: Lines, kinds: npt.NDArray[np.int8], last: bool) -> int:
        """Mark lines that continue the row before and lines with wrong quotes; returns how many lines are decided."""
        settled = 0
        for line in self._not_rows_by_themselves(text, ends):
            if line < settled or kinds[line] == _CODES[TOO_LONG]:
                continue
            start = int(starts[line])
            found = self._row.match(text, start, start + MAX_ROW_BYTES)
            if found and self._is_one_row(found[0]):
                settled = int(np.searchsorted(ends, found.end() - 1)) + 1
                kinds[line + 1 : settled] = _IS_CONTINUED
            elif not found and not last and len(text) - start <= MAX_ROW_BYTES and self._open_row.fullmatch(text, start):
                return int(line)
            else:
                kinds[line] = _CODES[MALFORMED]
        return len(ends)

    def _not_rows_by_themselves(self, text: bytes, ends: Lines) -> Lines:
        """Find lines with quotes that are not a whole row: a value is open at the end, or a quote is in a wrong place."""
        suspects = self._suspects(np.frombuffer(text, np.uint8), ends)
        offsets = pa.py_buffer(np.r_[0, ends + 1].astype(np.int32))
        every = pa.BinaryArray.from_buffers(pa.binary(), len(ends), [None, offsets, pa.py_buffer(text)])
        strict = pc.match_substring_regex(every.take(pa.array(suspects)), self._strict)
        found: Lines = suspects[~strict.to_numpy(zero_copy_only=False)]
        return found

    def _suspects(self, octets: npt.NDArray[np.uint8], ends: Lines) -> Lines:
        """Find lines that need a closer look at their quotes. This is five times as fast as matching every line."""
        quotes = np.flatnonzero(octets == ord('"'))
        until = np.searchsorted(quotes, ends)
        counts = np.diff(until, prepend=0)
        line = np.repeat(np.arange(len(ends)), counts)
        opens = (np.arange(len(quotes)) - np.repeat(until - counts, counts)) % 2 == 0
        beside = octets[np.where(opens, quotes - 1, quotes + 1)]
        fits = (beside == self._delimiter[0]) | (beside == ord("\n"))
        if len(quotes) and quotes[0] == 0:
            fits[0] = True
        return np.union1d(line[~fits], np.flatnonzero(counts % 2))

    def _is_one_row(self, row: bytes) -> bool:
        """Whether lines joined by quotes are one row, and not several rows between two wrong quotes."""
        lines = row.removesuffix(b"\n").split(b"\n")
        each_is_a_row = all(line.count(self._delimiter) == self._width - 1 for line in lines)
        values = self.values(row)
        fits = len(values) >= self._width and not any(values[self._width :])
        return fits and not (each_is_a_row and self._width >= _MIN_TELLING_WIDTH)
