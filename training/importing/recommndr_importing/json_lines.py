"""A file of one JSON object per line.

Every value is read as text, and numbers keep all digits as written, so that no row depends on the types of others. A value
inside an object is named by its path (`user.id`). A list stays JSON text, which `words` parses. `json_block` reads most
lines as columns. This module reads the others one by one.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recommndr_importing import batch
from recommndr_importing.batch import (
    MALFORMED,
    NOT_OF_THE_ENCODING,
    TOO_LONG,
    BadFile,
    Batch,
    Broken,
    Reached,
    in_batches,
    naming_file,
    tidy,
)
from recommndr_importing.json_block import JsonBlock
from recommndr_importing.mapping import TextFile
from recommndr_importing.text_blocks import blocks

Row = dict[str, str | None]
_EXACT = 2**53  # a larger number with an exponent may have lost digits and stays as written
_MAX_COLUMNS = 2_000
_PLAIN = {str, type(None)}


class JsonLines:
    """Reads rows in batches. The file is read twice, first for its names, because any row may add a name."""

    def __init__(self, path: Path, written: TextFile) -> None:
        self._path, self._written = path, written
        self._point = written.decimal
        decoder: Any = json.JSONDecoder(
            object_pairs_hook=_object, parse_int=str, parse_float=self._number, parse_constant=lambda _: None
        )
        self._scan = decoder.scan_once  # one C call per line, twice as fast as `decode`
        self._n_lines = Reached()
        with naming_file(path, self._n_lines):
            self._said = self._survey()
        self._names = {tidy(name): name for name in self._said if tidy(name)}  # tidy name: name as written
        self.columns = list(self._names)
        self.n_rows: int | None = self._n_lines.row

    def _survey(self) -> list[str]:
        """Return the names of values as they are written."""
        names, first = dict[str, None](), b""
        for text in blocks(self._path, self._written.encoding):
            block = JsonBlock(text)
            first = first or (block.line(0).lstrip() if block.n_lines else b"")
            self._n_lines.row += block.n_lines
            if text.count(b"{") <= block.n_lines:  # without nested objects every string before a colon is a name
                names.update(dict.fromkeys(filter(None, map(_name, sorted(block.names())))))
            else:
                for row in self._objects(map(block.line, range(block.n_lines))):
                    names.update(dict.fromkeys(filter(_is_sound, row) if isinstance(row, dict) else ()))
            if len(names) > _MAX_COLUMNS:
                raise BadFile(f"{self._path}: more than {_MAX_COLUMNS:,} different names: expected objects with the same names")
        if _is_array(first, self._n_lines.row):
            raise BadFile(f"{self._path}: expected one JSON object per line; convert a JSON array with `jq -c '.[]'`")
        return list(names)

    def batches(self) -> Iterator[Batch]:
        """Yield all rows; raises `BadFile`."""
        reached = Reached()
        with naming_file(self._path, reached):
            yield from in_batches(self._parts(reached))

    def _parts(self, reached: Reached) -> Iterator[Batch]:
        yield self._batch([], [], [])  # A file without rows still gives its columns.
        for text in blocks(self._path, self._written.encoding):
            block = JsonBlock(text)
            yield self._part(block, reached.row + 1)
            reached.row += block.n_lines

    def _part(self, block: JsonBlock, start: int) -> Batch:
        """Return the rows of a block whose first line has number `start`."""
        if not self._names:
            return self._one_by_one(block, np.arange(block.n_lines), start)
        rows, plain = block.rows(self._said, self._point)
        rows = rows.select(list(self._names.values())).rename_columns(self.columns)
        if plain.all():
            return Batch(rows, np.arange(block.n_lines) + start)
        others = self._one_by_one(block, np.flatnonzero(~plain), start)
        numbers = np.concatenate([np.flatnonzero(plain) + start, others.row_numbers])
        order = np.argsort(numbers)
        return Batch(pa.concat_tables([rows, others.rows]).take(pa.array(order)), numbers[order], others.broken)

    def _one_by_one(self, block: JsonBlock, places: npt.NDArray[np.int64], start: int) -> Batch:
        rows, numbers, broken = list[Row](), list[int](), list[Broken]()
        for number, row in zip((places + start).tolist(), self._objects(map(block.line, places)), strict=True):
            if isinstance(row, dict):
                rows.append(row)
                numbers.append(number)
            else:
                broken.append(Broken.from_bytes(number, *row))
        return self._batch(rows, numbers, broken)

    def _objects(self, lines: Iterable[bytes]) -> Iterator[Row | tuple[bytes, str]]:
        """Parse each line into an object's values, or into the line and its error."""
        for line in lines:
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
            except UnicodeEncodeError:  # half of a surrogate pair: valid in JSON, not in UTF-8
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
        """Read a number with a point or an exponent; an exact whole number loses its exponent."""
        if "e" in written.lower() and (whole := _whole(written)) is not None:
            return whole
        return written.replace(".", self._point)


def _whole(written: str) -> str | None:
    """Return a number without its exponent, or None unless it is an exact whole number."""
    try:
        value = Decimal(written)
    except ArithmeticError:  # an exponent too large for Decimal
        return None
    is_whole = -_EXACT < value < _EXACT and value == value.to_integral_value()
    return str(int(value)) if is_whole else None


def _is_array(first_line: bytes, n_lines: int) -> bool:
    """Whether a file is one array of objects, on one line or on many. A list on one of many lines is a bad row."""
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
        return None  # The reader rejects this line later.
    return name


class _Repeated(ValueError):
    """An object has the same name twice."""


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
