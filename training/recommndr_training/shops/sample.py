"""A bounded sample of a shop's file: its first lines and some from its further parts, read by the importer's own readers."""

import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recommndr_importing.batch import BadFile, naming_file
from recommndr_importing.mapping import TextFile
from recommndr_importing.source import open_source
from recommndr_importing.text_blocks import packing
from recommndr_training.shops.column_look import ColumnLook, looks
from recommndr_training.shops.text_dialect import dialect, encoding

MAX_LINES = 65_536
_HEAD_BYTES = 16 << 20
_N_PARTS, _PART_BYTES, _PART_ROWS = 8, 256 << 10, 4_096
_OTHERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"SQLite format", b"%PDF")  # what the importer refuses by name


@dataclass(frozen=True)
class Sample:
    """Rows of a file, with the names of its columns; values are texts unless the file has types."""

    path: Path
    written: TextFile
    rows: pa.Table
    n_broken: int

    @cached_property
    def looks(self) -> list[ColumnLook]:
        """What the columns look like."""
        return looks(self.rows)

    @property
    def names(self) -> list[str]:
        """The columns' names, as the importer calls them."""
        return list(self.rows.column_names)


def take(path: Path) -> Sample:
    """Sample a file; its format follows from its content. Raises `BadFile`."""
    if not path.is_file():
        raise BadFile(f"{path}: no such file")
    with naming_file(path), tempfile.TemporaryDirectory() as folder:
        with path.open("rb") as file:
            start = file.read(16)
        if start.startswith(_OTHERS):
            open_source(path, TextFile())  # raises, and says what the file is
        part = Path(folder) / "sample"
        if start.startswith(b"PAR1"):
            _write_rows(path, part)
            written = TextFile(format="parquet")
        else:
            head, more = _head(path, packing(start)), _further(path, packing(start))
            written = _written(head)
            part.write_bytes(head + (b"" if written.encoding == "utf-16" else more))
        return _read(path, part, written)


def _read(path: Path, part: Path, written: TextFile) -> Sample:
    try:
        batches = list(open_source(part, written).batches())
    except BadFile as cause:
        raise BadFile(str(cause).replace(str(part), str(path))) from None
    rows = pa.concat_tables([batch.rows for batch in batches], promote_options="permissive").combine_chunks()
    if not rows.num_rows:
        raise BadFile(f"{path}: no row can be read: expected a header and rows, or one JSON object per line")
    return Sample(path, written, rows, sum(len(batch.broken) for batch in batches))


def _written(head: bytes) -> TextFile:
    name = encoding(head)
    if head.decode(name, errors="replace").lstrip("\ufeff \n\r\t").startswith(("{", "[")):
        return TextFile(format="json_lines", encoding=name)
    return dialect(head)


def _head(path: Path, packed: str | None) -> bytes:
    """The first whole lines, at most `MAX_LINES`."""
    with pa.input_stream(str(path), compression=packed) as stream:
        text: bytes = stream.read(_HEAD_BYTES)
        if len(text) < _HEAD_BYTES:
            text += b"" if text.endswith(b"\n") else b"\n"
    lines = text.splitlines(keepends=True)[:MAX_LINES]
    return b"".join(lines[:-1] if len(text) >= _HEAD_BYTES and len(lines) < MAX_LINES else lines)


def _further(path: Path, packed: str | None) -> bytes:
    """Whole lines from evenly spaced places after the head. A compressed file cannot be read from its middle."""
    size = path.stat().st_size
    if packed or size <= _HEAD_BYTES:
        return b""
    found = []
    with path.open("rb") as file:
        for place in range(1, _N_PARTS + 1):
            file.seek(_HEAD_BYTES + (size - _HEAD_BYTES - _PART_BYTES) * place // _N_PARTS)
            _, _, after = file.read(_PART_BYTES).partition(b"\n")
            found.append(after[: after.rfind(b"\n") + 1])
    return b"".join(found)


def _write_rows(path: Path, to: Path) -> None:
    """Write the first rows of a Parquet file, and some of its further row groups, as a small one."""
    file = pq.ParquetFile(path, memory_map=True)
    parts = [next(file.iter_batches(MAX_LINES), None)]
    starts = np.cumsum([0, *(file.metadata.row_group(group).num_rows for group in range(file.num_row_groups))])
    later = [group for group in range(file.num_row_groups) if starts[group] >= MAX_LINES]
    for group in later[:: max(-(-len(later) // _N_PARTS), 1)]:
        parts.append(next(file.iter_batches(_PART_ROWS, row_groups=[group]), None))
    rows = pa.Table.from_batches([part for part in parts if part is not None], schema=file.schema_arrow)
    pq.write_table(rows, to)
