"""Batches of rows, the common format of all file readers, with the rows that could not be read."""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BATCH_ROWS = 250_000
# A batch of long texts has fewer rows, so that its columns stay far below Arrow's limit of 2 GB.
BATCH_BYTES = 128 << 20
# Longer rows are rejected: a file without line ends would be one row and could fill the memory.
MAX_ROW_BYTES = 1 << 20
_SHOWN_BYTES = 2_000

MALFORMED, NOT_OF_THE_ENCODING, TOO_LONG = "malformed", "encoding_invalid", "row_too_long"


class BadFile(ValueError):
    """The file does not exist, cannot be read, or has another format than its name says."""


class Broken(NamedTuple):
    """A row that could not be split into columns."""

    number: int
    text: str
    reason: str

    @classmethod
    def from_bytes(cls, number: int, line: bytes, reason: str) -> "Broken":
        """A row as it is in the file. Bytes that are not UTF-8 become U+FFFD, and long rows are cut."""
        return cls(number, line[:_SHOWN_BYTES].decode(errors="replace"), reason)


@dataclass(frozen=True)
class Batch:
    """Rows of a file, their numbers in it (from 1, header not counted), and the rows that could not be read."""

    rows: pa.Table
    row_numbers: npt.NDArray[np.int64]
    broken: list[Broken] = field(default_factory=list)


def in_batches(parts: Iterable[Batch]) -> Iterator[Batch]:
    """Joins parts of a file until they have enough rows or bytes for a batch."""
    waiting, n_rows, n_bytes = list[Batch](), 0, 0
    for part in parts:
        waiting.append(part)
        n_rows, n_bytes = n_rows + len(part.row_numbers), n_bytes + part.rows.nbytes
        if n_rows >= BATCH_ROWS or n_bytes >= BATCH_BYTES:
            yield _joined(waiting)
            waiting, n_rows, n_bytes = [], 0, 0
    if waiting:
        yield _joined(waiting)


def _joined(parts: list[Batch]) -> Batch:
    rows = pa.concat_tables([part.rows for part in parts])
    return Batch(rows, np.concatenate([part.row_numbers for part in parts]), [row for part in parts for row in part.broken])


class Source(Protocol):
    """A file of rows."""

    columns: list[str]
    n_rows: int | None  # None: unknown before the file is read

    def batches(self) -> Iterator[Batch]:
        """Yield all rows in the order of the file; call it once. Raises `BadFile` when the file cannot be read further."""
        ...


@contextmanager
def naming_file(path: Path, reached: "Reached | None" = None) -> Iterator[None]:
    """Turn any error of reading a file into a `BadFile` that names the file, the row and the cause in one line."""
    try:
        yield
    except BadFile:
        raise
    except (pa.ArrowException, OSError, EOFError, ValueError, LookupError, zlib.error) as cause:
        row = f" after row {reached.row:,}" if reached and reached.row else ""
        raise BadFile(f"{path}: cannot be read{row}: {one_line(cause)}") from cause


@dataclass
class Reached:
    """How far a file has been read."""

    row: int = 0


def one_line(cause: object) -> str:
    """A message without line ends, at most 500 characters."""
    return " ".join(str(cause).split())[:500]


def tidy(name: str) -> str:
    """Replace each run of whitespace in a column's name by one space: names from spreadsheets contain line ends.

    >>> tidy("Price,\\n EUR ")
    'Price, EUR'
    """
    return " ".join(name.split())


def check_names(path: Path, names: list[str]) -> list[str]:
    """Return the names of columns; raises `BadFile` when a name occurs twice."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadFile(f"{path}: two columns have the same name: {', '.join(map(repr, twice))}: rename or remove one of them")
    return names
