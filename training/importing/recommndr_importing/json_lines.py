"""A file of one JSON object per line.

Every value is text, numbers with all their digits as they are written, so that no row depends on the types of others. A value
inside an object has its path for a name (`user.id`); a list is JSON text, which `words` reads again.
"""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from recommndr_importing import batch
from recommndr_importing.batch import MALFORMED, NOT_OF_THE_ENCODING, TOO_LONG, BadFile, Batch, Broken, Reached, tidy, told
from recommndr_importing.mapping import TextFile
from recommndr_importing.text_blocks import blocks

Row = dict[str, str | None]
_EXACT = 2**53  # above it a number with an exponent may have lost digits, and stays as it is written
_MAX_COLUMNS = 2_000
_PLAIN = {str, type(None)}
_STRINGS = re.compile(rb'"([^"\\\n]*+(?:\\.[^"\\\n]*+)*+)"(\s*+:)?')


class JsonLines:
    """Rows in batches. The file is read twice: first for its names, since a row may be the first one to have a name."""

    def __init__(self, path: Path, written: TextFile) -> None:
        self._path, self._written = path, written
        self._point = written.decimal
        decoder: Any = json.JSONDecoder(
            object_pairs_hook=_object, parse_int=str, parse_float=self._number, parse_constant=lambda _: None
        )
        self._scan = decoder.scan_once  # one call of C a line, twice as fast as `decode`
        self._n_lines = Reached()
        with told(path, self._n_lines):
            self._names = self._survey()
        self.columns = list(self._names)
        self.n_rows: int | None = self._n_lines.row

    def _survey(self) -> dict[str, str]:
        """Names of values, tidy and as they are written."""
        names, first = dict[str, None](), b""
        for text in blocks(self._path, self._written.encoding):
            first = first or text.lstrip().partition(b"\n")[0]
            n_lines = sum(map(bool, map(bytes.strip, text.split(b"\n"))))
            self._n_lines.row += n_lines
            if text.count(b"{") <= n_lines:  # no object within another: names are what a colon follows
                found = {name for name, colon in _STRINGS.findall(text) if colon}
                names.update(dict.fromkeys(filter(None, map(_name, sorted(found)))))
            else:
                for row in self._objects(text):
                    names.update(dict.fromkeys(row if isinstance(row, dict) else ()))
            if len(names) > _MAX_COLUMNS:
                raise BadFile(f"{self._path}: more than {_MAX_COLUMNS:,} names: expected objects of the same few")
        if _is_array(first, self._n_lines.row):
            raise BadFile(f"{self._path}: no object per line: a JSON array becomes one with `jq -c '.[]'`")
        return {tidy(name): name for name in names if tidy(name)}

    def batches(self) -> Iterator[Batch]:
        """All rows; raises `BadFile`."""
        reached, rows, numbers, broken, n_bytes = Reached(), list[Row](), list[int](), list[Broken](), 0
        with told(self._path, reached):
            for text in blocks(self._path, self._written.encoding):
                for row in self._objects(text):
                    reached.row += 1
                    if isinstance(row, dict):
                        rows.append(row)
                        numbers.append(reached.row)
                    else:
                        broken.append(Broken.from_bytes(reached.row, *row))
                n_bytes += len(text)
                if len(rows) >= batch.BATCH_ROWS or n_bytes >= batch.BATCH_BYTES:
                    yield self._batch(rows, numbers, broken)
                    rows, numbers, broken, n_bytes = [], [], [], 0
            yield self._batch(rows, numbers, broken)

    def _objects(self, text: bytes) -> Iterable[Row | tuple[bytes, str]]:
        """Each line that is not blank: an object's values, or the line and what is wrong with it."""
        for line in filter(bytes.strip, text.split(b"\n")):
            if len(line) > batch.MAX_ROW_BYTES:
                yield line, TOO_LONG
                continue
            try:
                said = line.decode().strip()
                row, end = self._scan(said, 0)
            except UnicodeDecodeError:
                yield line, NOT_OF_THE_ENCODING
            except (StopIteration, ValueError, RecursionError):
                yield line, MALFORMED
            else:
                yield _values(row) if isinstance(row, dict) and end == len(said) else (line, MALFORMED)

    def _batch(self, rows: list[Row], numbers: list[int], broken: list[Broken]) -> Batch:
        kept = np.ones(len(rows), np.bool_)
        columns = {}
        for name, written in self._names.items():
            values = [row.get(written) for row in rows]
            try:
                columns[name] = pa.array(values, pa.string())
            except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write and no encoding can
                sound = np.array([value is None or _is_sound(value) for value in values])
                kept &= sound
                columns[name] = pa.array(
                    [value if fine else None for value, fine in zip(values, sound, strict=True)], pa.string()
                )
        table = pa.table(columns) if columns else pa.table({"": pa.nulls(len(rows))})
        for place in np.flatnonzero(~kept):
            broken.append(Broken.from_bytes(numbers[place], json.dumps(rows[place]).encode(), NOT_OF_THE_ENCODING))
        return Batch(table.filter(pa.array(kept)), np.array(numbers, np.int64)[kept], sorted(broken))

    def _number(self, written: str) -> str:
        """A number with a point or an exponent; without the exponent where it is a whole number that is exact."""
        value = Decimal(written) if "e" in written.lower() else None
        if value is not None and abs(value) < _EXACT and value == value.to_integral_value():
            return str(int(value))
        return written.replace(".", self._point)


def _is_array(first_line: bytes, n_lines: int) -> bool:
    """Whether a file is one array of objects, on one line or on many; a whole list on one of many lines is a bad row."""
    if not first_line.startswith(b"["):
        return False
    try:
        json.loads(first_line)
    except (ValueError, RecursionError):
        return True
    return n_lines == 1


def _name(written: bytes) -> str | None:
    try:
        name: str = json.loads(b'"%b"' % written)
        name.encode()
    except ValueError:
        return None  # the line is rejected
    return name


class _Repeated(ValueError):
    """An object names a value twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Repeated
    return found


def _values(row: dict[str, Any]) -> Row:
    return row if _PLAIN.issuperset(map(type, row.values())) else dict(_flat(row, ""))


def _flat(row: dict[str, Any], within: str) -> Iterator[tuple[str, str | None]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{name}.")
        else:
            yield within + name, _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)  # true, false, lists


def _is_sound(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
