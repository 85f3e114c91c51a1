"""Opens a shop's file by its format: Parquet, CSV and its variants, or JSON lines; text may be compressed."""

from collections.abc import Callable
from pathlib import Path

from recommndr_importing.batch import BadFile, Source, naming_file
from recommndr_importing.csv_file import CsvFile
from recommndr_importing.json_lines import JsonLines
from recommndr_importing.mapping import Format, TextFile
from recommndr_importing.parquet_file import ParquetFile
from recommndr_importing.text_blocks import packing

_PACKED_ENDINGS = (".gz", ".gzip", ".bz2", ".zst", ".lz4")
_ENDINGS: dict[str, Format] = {
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "json_lines"),
    # MovieLens uses .data, .item and .dat
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".item"), "csv"),
}
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive or a workbook: unpack it, or save its sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old workbook: save its sheet as CSV",
    b"SQLite format": "a database: export the table as CSV",
    b"%PDF": "a PDF",
}


def open_source(path: Path, written: TextFile) -> Source:
    """Open the file at `path`. The mapping or the file's ending gives its format. Raises `BadFile`."""
    if not path.is_file():
        raise BadFile(f"{path}: no such file")
    with naming_file(path), path.open("rb") as file:
        head = file.read(16)
    what = next((what for magic, what in _OTHERS.items() if head.startswith(magic)), None)
    if what is not None:
        raise BadFile(f"{path}: is {what}")
    kind = written.format or _by_ending(path)
    if head.startswith(b"PAR1"):
        kind = "parquet"
    elif kind == "parquet" and packing(head):
        raise BadFile(f"{path}: is a compressed Parquet file: unpack it first; Parquet compresses its columns itself")
    read: dict[Format, Callable[[], Source]] = {
        "parquet": lambda: ParquetFile(path),
        "json_lines": lambda: JsonLines(path, written),
        "csv": lambda: CsvFile(path, written),
    }
    return read[kind]()


def _by_ending(path: Path) -> Format:
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in _PACKED_ENDINGS:
        endings.pop()
    kind = _ENDINGS.get(endings[-1]) if endings else None
    if kind is None:
        known = ", ".join(_ENDINGS)
        raise BadFile(
            f"{path}: unknown ending: expected one of {known} (text may be compressed: {', '.join(_PACKED_ENDINGS)}), "
            "or `file: {format: csv}` in the mapping"
        )
    return kind
