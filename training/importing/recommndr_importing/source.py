"""A shop's file, read in batches: Parquet, CSV (and its relatives) or JSON lines, also compressed; never all of it at once."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from recommndr_importing.delimiter import single_character
from recommndr_importing.json_lines import JsonLines
from recommndr_importing.mapping import TextFile

BATCH_ROWS = 250_000
_CSV_BLOCK_BYTES = 16 << 20
# What exports write where there is nothing.
_NOTHING = ["", "NULL", "null", "NaN", "nan", "\\N"]


class BadFile(ValueError):
    """The file is not there or is not what its name says."""


@dataclass(frozen=True)
class Batch:
    """Rows of a file, their numbers in it (from 1, header not counted), and the rows that could not even be split."""

    rows: pa.Table
    row_numbers: npt.NDArray[np.int64]
    broken: list[tuple[int, str]] = field(default_factory=list)  # number, text


class Source(Protocol):
    """A file of rows."""

    columns: list[str]
    n_rows: int | None  # None: not known before it was read

    def batches(self) -> Iterator[Batch]:
        """All rows, in the order of the file; may be called once; raises `BadFile` where it cannot go on."""
        ...


def open_source(path: Path, written: TextFile) -> Source:
    """The file at `path` by its ending; raises `BadFile`."""
    if not path.is_file():
        raise BadFile(f"{path}: no such file")
    with _told(path):
        if path.suffix in (".parquet", ".pq"):
            return _Parquet(path)
        if {".jsonl", ".ndjson"} & set(path.suffixes):
            return _JsonLines(path)
        return _Csv(path, written)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, LookupError, csv.Error) as cause:
        raise BadFile(f"{path}: cannot be read: {cause}") from cause


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = pq.ParquetFile(path, memory_map=True)
        self.columns = list(self._file.schema_arrow.names)
        self.n_rows: int | None = self._file.metadata.num_rows

    def batches(self) -> Iterator[Batch]:
        start = 1
        with _told(self._path):
            for batch in self._file.iter_batches(BATCH_ROWS):
                yield Batch(pa.Table.from_batches([batch]), np.arange(start, start + batch.num_rows))
                start += batch.num_rows


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._path, self._lines = path, JsonLines(path)
        self.columns = self._lines.columns
        self.n_rows: int | None = None

    def batches(self) -> Iterator[Batch]:
        with _told(self._path):
            for rows, numbers, broken in self._lines.blocks():
                yield Batch(rows, numbers, broken)


class _Csv:
    """Every column is text here: what a value is, the mapping says, and one odd value is one reject, not a failed file."""

    def __init__(self, path: Path, written: TextFile) -> None:
        self._path, self._written = path, written
        self.columns = list(written.columns or self._header())
        if len(set(self.columns)) < len(self.columns):
            raise BadFile(f"{path}: the header names a column twice: {', '.join(self.columns)}")
        self.n_rows: int | None = None
        self._broken: list[tuple[int, str]] = []

    def _header(self) -> list[str]:
        with pa.input_stream(str(self._path)) as file:
            head = file.read(1 << 16)
        lines = head.decode(self._written.encoding, errors="replace").lstrip("\ufeff").splitlines()
        if not lines:
            raise BadFile(f"{self._path}: empty, expected a header at least")
        line = lines[0].replace(self._written.delimiter, "\x1f")
        return next(csv.reader([line], delimiter="\x1f"))

    def batches(self) -> Iterator[Batch]:
        with _told(self._path), pa.input_stream(str(self._path)) as raw, self._open(raw) as reader:
            start, gathered = 1, list[pa.RecordBatch]()
            for batch in reader:
                gathered.append(batch)
                if sum(part.num_rows for part in gathered) >= BATCH_ROWS:
                    yield (full := self._batch(gathered, start))
                    start, gathered = _after(full, start), []
            yield self._batch(gathered, start, last=True)

    def _batch(self, gathered: list[pa.RecordBatch], start: int, last: bool = False) -> Batch:
        rows = pa.Table.from_batches(gathered, pa.schema([(name, pa.string()) for name in self.columns]))
        candidates = np.arange(start, start + rows.num_rows + len(self._broken))
        numbers = candidates[~np.isin(candidates, [number for number, _ in self._broken])][: rows.num_rows]
        broken = [row for row in self._broken if last or row[0] < numbers[-1]]
        self._broken = self._broken[len(broken) :]
        return Batch(rows, numbers, broken)

    def _open(self, raw: pa.NativeFile) -> pa_csv.CSVStreamingReader:
        written = self._written
        stream, delimiter = single_character(raw, written)
        n_headers = 0 if written.columns else 1
        return pa_csv.open_csv(
            stream,
            # one thread: only then does it know the numbers of broken rows
            pa_csv.ReadOptions(use_threads=False, block_size=_CSV_BLOCK_BYTES, column_names=self.columns, skip_rows=n_headers),
            pa_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if written.quoted else False,
                newlines_in_values=written.quoted,
                invalid_row_handler=lambda row: self._set_aside(row, n_headers),
            ),
            pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in self.columns},
                null_values=_NOTHING,
                strings_can_be_null=True,
                check_utf8=True,
            ),
        )

    def _set_aside(self, row: pa_csv.InvalidRow, n_headers: int) -> str:
        self._broken.append((row.number - n_headers, row.text or f"{row.actual_columns} columns"))
        return "skip"


def _after(batch: Batch, start: int) -> int:
    last = batch.row_numbers[-1] if len(batch.row_numbers) else start - 1
    return int(last) + 1
