"""The rejects file: every rejected row with its number, the reason and its values."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from recommndr_importing.batch import Broken

_OWN = ("_file", "_row", "_reason", "_line")
_N_FIRST = 5
_FORMULA, _NUMBER = r"^[\t\r ]*[=+\-@]", r"^[+-]?[0-9.,]+$"


def next_path(lake_dir: Path, tenant: str) -> Path:
    """Return `<lake>/rejects/<tenant>-<n>.parquet` with the first n that is free."""
    directory = lake_dir / "rejects"
    n = 1
    while (path := directory / f"{tenant}-{n}.parquet").exists():
        n += 1
    return path


class Rejects:
    """Counts rejected rows and writes them to a Parquet or CSV file (by its ending). Without a path it only counts them.

    `columns` are those of all files together; values are written as text, so that what could not be read is there as it was.
    """

    def __init__(self, path: Path | None, columns: Sequence[str]) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        self.first: list[dict[str, str | int | None]] = []
        names = [*_OWN, *(name for name in dict.fromkeys(columns) if name not in _OWN)]
        self._schema = pa.schema([(name, pa.int64() if name == "_row" else pa.string()) for name in names])
        self._writer: pq.ParquetWriter | pa_csv.CSVWriter | None = None

    @property
    def n(self) -> int:
        """The number of rejected rows."""
        return sum(self.counts.values())

    def add(self, file: str, rows: pa.Table, row_numbers: npt.NDArray[np.int64], reasons: pa.Array) -> None:
        """Add rejected rows of a file, each with its reason."""
        if rows.num_rows == 0:
            return
        found: dict[str, pa.Array] = {name: _text(rows[name].combine_chunks()) for name in rows.column_names}
        found |= {"_file": pa.repeat(file, rows.num_rows), "_row": pa.array(row_numbers), "_reason": reasons}
        self._put(found, rows.num_rows)

    def add_broken(self, file: str, broken: Sequence[Broken]) -> None:
        """Add rows that could not be read."""
        if not broken:
            return
        numbers, lines, reasons = zip(*broken, strict=True)
        found = {"_file": pa.repeat(file, len(lines)), "_row": pa.array(numbers, pa.int64()), "_line": pa.array(lines)}
        self._put(found | {"_reason": pa.array(reasons)}, len(lines))

    def _put(self, found: dict[str, pa.Array], n: int) -> None:
        table = pa.table([found.get(field.name, pa.nulls(n, field.type)) for field in self._schema], schema=self._schema)
        for count in table["_reason"].value_counts().to_pylist():
            self.counts[count["values"]] = self.counts.get(count["values"], 0) + count["counts"]
        self.first += table.slice(0, max(_N_FIRST - len(self.first), 0)).to_pylist()
        if self.path is not None:
            writer = self._open(self.path)
            writer.write_table(table if isinstance(writer, pq.ParquetWriter) else _harmless(table))

    def _open(self, path: Path) -> "pq.ParquetWriter | pa_csv.CSVWriter":
        if self._writer is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            is_csv = path.suffix == ".csv"
            self._writer = (
                pa_csv.CSVWriter(path, self._schema) if is_csv else pq.ParquetWriter(path, self._schema, compression="zstd")
            )
        return self._writer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.close()


def _harmless(table: pa.Table) -> pa.Table:
    """Put an apostrophe before cells that a spreadsheet would run as formulas."""
    for place, name in enumerate(table.column_names):
        if pa.types.is_string(table.schema.field(name).type):
            runs = pc.match_substring_regex(table[name], _FORMULA)
            runs = pc.and_not(runs, pc.match_substring_regex(table[name], _NUMBER))
            quoted = pc.binary_join_element_wise("'", table[name], "")
            table = table.set_column(place, name, pc.if_else(runs, quoted, table[name]))
    return table


def _text(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type):
        return pa.array(
            [None if value is None else json.dumps(value, default=str) for value in column.to_pylist()], pa.string()
        )
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.string())
