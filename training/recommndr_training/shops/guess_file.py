"""How a file is written, where it differs from what the importer takes for granted. Pure."""

from collections.abc import Iterator, Sequence

from recommndr_training.shops.column_look import ColumnLook, decimal_sign
from recommndr_training.shops.guess import Guess, Section
from recommndr_training.shops.sample import Sample

_FORMATS = {
    **dict.fromkeys(("csv", "tsv", "tab", "txt", "dat", "data", "item"), "csv"),
    **dict.fromkeys(("jsonl", "ndjson", "json"), "json_lines"),
    **dict.fromkeys(("parquet", "pq"), "parquet"),
}
_PACKED = ("gz", "gzip", "bz2", "zst", "lz4")


def file_guess(section: Section, sample: Sample, known: Sequence[ColumnLook]) -> Iterator[Guess]:
    """How a file is written, where it differs from what the importer takes for granted."""
    written = sample.written.model_copy(update={"decimal": decimal_sign(list(known))})
    value = written.model_dump(exclude_defaults=True)
    if value.get("format") == by_ending(sample.path.name):
        del value["format"]
    if value.get("columns"):
        value["columns"] = list(value["columns"])
    if value:
        said = ", ".join(f"{name} {each!r}" for name, each in value.items() if name != "columns")
        lacking = "" if written.columns is None else "the first row has values, no names"
        yield Guess(section, "file", value, "; ".join(filter(None, (said, lacking))), "sure")


def by_ending(name: str) -> str | None:
    """The format that the importer takes a file for by its ending."""
    parts = [part.lower() for part in name.split(".")[1:]]
    if parts and parts[-1] in _PACKED:
        parts.pop()
    return _FORMATS.get(parts[-1]) if parts else None
