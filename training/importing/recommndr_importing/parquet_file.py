"""Reads Parquet files. Values keep their types, and a value that is not UTF-8 rejects only its row."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recommndr_importing import batch
from recommndr_importing.batch import NOT_OF_THE_ENCODING, BadFile, Batch, Broken, Reached, check_names, naming_file, tidy
from recommndr_importing.columns import Flags

# A log takes at least about a byte per row. A file with far more rows than bytes is built to fill the disk.
_MANY_ROWS, _MAX_ROWS_PER_BYTE = 20_000_000, 100


class ParquetFile:
    """Reads rows in batches."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with naming_file(path):
            self._file = pq.ParquetFile(path, memory_map=True)
            self.columns = check_names(path, [tidy(name) for name in self._file.schema_arrow.names])
            self.n_rows: int | None = self._file.metadata.num_rows
        if _MANY_ROWS < self._file.metadata.num_rows > _MAX_ROWS_PER_BYTE * path.stat().st_size:
            raise BadFile(f"{path}: {self.n_rows:,} rows in {path.stat().st_size:,} bytes: refused as a decompression bomb")

    def batches(self) -> Iterator[Batch]:
        """Yield all rows; raises `BadFile`."""
        reached = Reached()
        with naming_file(self._path, reached):
            for rows in self._file.iter_batches(batch.BATCH_ROWS):
                yield _checked(pa.Table.from_batches([rows]).rename_columns(self.columns), reached.row + 1)
                reached.row += rows.num_rows


def _checked(rows: pa.Table, start: int) -> Batch:
    bad: Flags = np.zeros(rows.num_rows, np.bool_)
    for column in rows.columns:
        bad |= _not_utf8(column.combine_chunks())
    numbers = np.arange(start, start + rows.num_rows)
    broken = [Broken(start + int(row), _shown(rows.slice(row, 1)), NOT_OF_THE_ENCODING) for row in np.flatnonzero(bad)]
    rows = rows.filter(pa.array(~bad)) if broken else rows
    return Batch(pa.table([_as_text(column) for column in rows.columns], names=rows.column_names), numbers[~bad], broken)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decode bytes as text: writers without a text type store text as bytes."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column.cast(pa.string()) if _is_bytes(kind) or pa.types.is_dictionary(column.type) else column


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _not_utf8(column: pa.Array) -> Flags:
    if _is_sound(column):
        return np.zeros(len(column), np.bool_)
    return np.array([not _is_sound(column.slice(row, 1)) for row in range(len(column))])


def _is_sound(column: pa.Array) -> bool:
    try:
        column.validate(full=True)
        if _is_bytes(column.type):
            column.cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _shown(row: pa.Table) -> str:
    said = []
    for name in row.column_names:
        try:
            value = row[name][0].as_py()
        except UnicodeDecodeError:
            value = row[name][0].cast(pa.binary()).as_py()
        said.append(f"{name} {value!r}")
    return ", ".join(said)
