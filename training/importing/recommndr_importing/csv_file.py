"""CSV files and their variants. Every value is read as text; the mapping gives it a type."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from recommndr_importing.batch import MALFORMED, BadFile, Batch, Broken, Reached, check_names, in_batches, naming_file, tidy
from recommndr_importing.csv_rows import CsvRows, Lines
from recommndr_importing.mapping import TextFile
from recommndr_importing.text_blocks import blocks

_UNIT_SEPARATOR = "\x1f"  # ASCII's separator of values; shops' data do not contain it


class CsvFile:
    """Reads rows in batches. A row that cannot be read is rejected and does not affect the others."""

    def __init__(self, path: Path, written: TextFile) -> None:
        self._path, self._written = path, written
        self.n_rows: int | None = None
        self._is_one_byte = len(written.delimiter.encode()) == 1
        self._delimiter = written.delimiter if self._is_one_byte else _UNIT_SEPARATOR
        with naming_file(path):
            self._blocks = map(self._single_byte, blocks(path, written.encoding))
            names, self._head = self._header()
        # Spreadsheets export empty columns as a comma without a name.
        self._places = [place for place, name in enumerate(names) if name]
        self.columns = check_names(path, [names[place] for place in self._places])
        if not self.columns:
            raise BadFile(f"{path}: the header has no column names")
        self._width = len(names)
        self._rows = CsvRows(self._delimiter, written.quoted, self._width)

    def _header(self) -> tuple[list[str], bytes]:
        head = next(self._blocks, b"")
        if self._written.columns:
            return [tidy(name) for name in self._written.columns], head
        rows = CsvRows(self._delimiter, self._written.quoted, width=0)
        row, rest = rows.first(head)
        if not row.strip():
            raise BadFile(f"{self._path}: the file is empty: expected a header")
        try:
            names = [tidy(value.decode()) for value in rows.values(row)]
        except UnicodeDecodeError:
            raise BadFile(
                f"{self._path}: the header is not valid {self._written.encoding}: set `file: {{encoding: ...}}` in the mapping"
            ) from None
        if any("\0" in name for name in names):
            raise BadFile(f"{self._path}: zero bytes in the header: for UTF-16 set `file: {{encoding: utf-16}}` in the mapping")
        return names, rest

    def _single_byte(self, text: bytes) -> bytes:
        return text if self._is_one_byte else text.replace(self._written.delimiter.encode(), _UNIT_SEPARATOR.encode())

    def batches(self) -> Iterator[Batch]:
        """Yield all rows; raises `BadFile`."""
        reached = Reached()
        with naming_file(self._path, reached):
            yield from in_batches(self._parts(reached))

    def _parts(self, reached: Reached) -> Iterator[Batch]:
        text, following = self._head, self._next(self._head, reached)
        while True:
            cut = self._rows.cut(text, last=following is None)
            part = self._split(cut.text, cut.numbers + reached.row)
            earlier = [Broken(row.number + reached.row, row.text, row.reason) for row in cut.broken]
            reached.row += cut.n_rows
            yield Batch(part.rows, part.row_numbers, sorted(earlier + part.broken))
            if following is None:
                return
            text = cut.rest + following
            following = self._next(text, reached)

    def _next(self, text: bytes, reached: Reached) -> bytes | None:
        """Return the block after `text`. If that fails, the lines of `text` count as read."""
        try:
            return next(self._blocks, None)
        except OSError:
            reached.row += text.count(b"\n")
            raise

    def _split(self, text: bytes, numbers: Lines) -> Batch:
        """Return the columns of rows. Rows of another width are rejected, unless the values too many or too few are empty."""
        names = [str(place) for place in range(self._width)]
        schema = pa.schema([(name, pa.string()) for name in names])
        others: list[tuple[int, str]] = []

        def set_aside(row: pa_csv.InvalidRow) -> str:
            others.append((row.number - 1, row.text))
            return "skip"

        rows = schema.empty_table() if not text else pa_csv.read_csv(
            pa.BufferReader(text),
            # Arrow counts rows only with one thread.
            pa_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
            pa_csv.ParseOptions(
                delimiter=self._delimiter,
                quote_char='"' if self._written.quoted else False,
                newlines_in_values=self._written.quoted,
                invalid_row_handler=set_aside,
            ),
            pa_csv.ConvertOptions(column_types=schema, null_values=[""], strings_can_be_null=True, check_utf8=False),
        )  # fmt: skip
        if others:
            rows, numbers, broken = self._mended(rows, numbers, others)
        else:
            broken = []
        return Batch(self._named(rows), numbers, broken)

    def _mended(self, rows: pa.Table, numbers: Lines, others: list[tuple[int, str]]) -> tuple[pa.Table, Lines, list[Broken]]:
        broken, mended, places = list[Broken](), list[list[str | None]](), list[int]()
        least = self._places[-1] + 1
        for place, text in others:
            values = [value.decode() or None for value in self._rows.values(text.encode())]
            if len(values) >= least and not any(values[self._width :]):
                mended.append((values + [None] * self._width)[: self._width])
                places.append(place)
            else:
                broken.append(Broken.from_bytes(int(numbers[place]), text.encode(), MALFORMED))
        whole = np.delete(np.arange(len(numbers)), [place for place, _ in others])
        if mended:
            columns = [pa.array(column, pa.string()) for column in zip(*mended, strict=True)]
            rows = pa.concat_tables([rows, pa.table(columns, schema=rows.schema)])
        at = np.r_[whole, places].astype(np.int64)
        order = np.argsort(at)
        return (rows.take(pa.array(order)) if mended else rows), numbers[at[order]], broken

    def _named(self, rows: pa.Table) -> pa.Table:
        rows = rows.select(self._places).rename_columns(self.columns)
        if self._is_one_byte or not self._written.quoted:
            return rows
        # A delimiter inside quotes is text.
        columns = [pc.replace_substring(column, _UNIT_SEPARATOR, self._written.delimiter) for column in rows.columns]
        return pa.table(columns, names=self.columns)
