"""A file of one JSON object per line, read block by block."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.json as pa_json

_BLOCK_BYTES = 32 << 20
Block = tuple[pa.Table, npt.NDArray[np.int64], list[tuple[int, str]]]


class JsonLines:
    """Blocks of rows; a block that Arrow refuses (a broken line, a field of mixed types) is read line by line as text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        first = next(self._texts(), b"")
        self._schema = _schema_of(first)
        self.columns = self._schema.names

    def blocks(self) -> Iterator[Block]:
        """Rows, their line numbers from 1 (empty lines not counted), and the lines that are no objects."""
        start = 1
        for text in self._texts():
            rows, numbers, broken = self._block(text, start)
            yield rows, numbers, broken
            start += len(numbers) + len(broken)

    def _texts(self) -> Iterator[bytes]:
        with pa.input_stream(str(self._path)) as file:
            rest = b""
            while part := file.read(_BLOCK_BYTES):
                text = rest + part
                end = text.rfind(b"\n") + 1
                rest = text[end:]
                if end:
                    yield text[:end]
            if rest.strip():
                yield rest

    def _block(self, text: bytes, start: int) -> Block:
        try:
            rows = _parsed(text, self._schema)
        except pa.ArrowInvalid:
            return _line_by_line(text, start, self._schema)
        return rows, np.arange(start, start + rows.num_rows), []


def _parsed(text: bytes, schema: pa.Schema | None) -> pa.Table:
    options = pa_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="infer" if schema is None else "ignore")
    return pa_json.read_json(BytesIO(text), pa_json.ReadOptions(block_size=2 * _BLOCK_BYTES), options)


def _schema_of(text: bytes) -> pa.Schema:
    """Types as Arrow sees them, but times stay text: the mapping says what they are."""
    try:
        rows = _parsed(text, None)
    except pa.ArrowInvalid:
        rows, _, _ = _line_by_line(text, 1, None)
    kept = [field for field in rows.schema if not pa.types.is_struct(field.type)]
    return pa.schema([field.with_type(_plain(field.type)) for field in kept])


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(pa.string())
    return kind


def _line_by_line(text: bytes, start: int, schema: pa.Schema | None) -> Block:
    found: list[dict[str, Any]] = []
    numbers: list[int] = []
    broken: list[tuple[int, str]] = []
    for number, line in enumerate(filter(bytes.strip, text.split(b"\n")), start):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            found.append({name: _as_text(value) for name, value in row.items()})
            numbers.append(number)
        else:
            broken.append((number, line.decode(errors="replace")))
    names = list(dict.fromkeys(name for row in found for name in row)) if schema is None else schema.names
    columns = {name: _column([row.get(name) for row in found]) for name in names}
    return pa.table(columns), np.array(numbers, np.int64), broken


def _column(values: list[Any]) -> pa.Array:
    if any(isinstance(value, list) for value in values):
        return pa.array([value if isinstance(value, list) else None for value in values], pa.list_(pa.string()))
    return pa.array(values, pa.string())


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [part for part in map(_as_text, value) if part is not None]
    return value if value is None or isinstance(value, str) else json.dumps(value)
