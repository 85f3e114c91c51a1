"""`recommndr served`."""

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import typer
from deltalake.exceptions import DeltaError
from kafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from recommndr.identity import TenantId, check_tenant
from recommndr_training.console import duration_s, explained, settings
from recommndr_training.live.served_acts import FIELDS, Acts
from recommndr_training.live.served_lake import ServedLake
from recommndr_training.live.served_table import FACTS, batches, schema_of
from recommndr_training.live.served_topic import Served, ServedAnswers

_SHOWN = ("at", "user_id", "list", "arm", "model_version", "method", "rank", "item_id", "score", "drawn")


class Format(StrEnum):
    """What is written."""

    PARQUET = "parquet"
    CSV = "csv"
    TABLE = "table"


class Source(StrEnum):
    """Where answers are read."""

    TOPIC = "topic"
    LAKE = "lake"


class NothingServed(RuntimeError):
    """There is no answer of the tenant in the period."""


@dataclass(frozen=True)
class _Found:
    """Answers in parts, oldest first, and the names of the ranker inputs of all of them by version of the bundle."""

    columns: Mapping[str, tuple[str, ...]]
    parts: Iterator[ServedAnswers]
    acts: Acts | None = None


def served(  # noqa: PLR0913, PLR0917 (options of a command)
    tenant: Annotated[str, typer.Option(help="Whose answers.")],
    last: Annotated[str, typer.Option(help="How far back, as 90s, 15m, 1h or 30d; the topic keeps three days.")] = "1h",
    source: Annotated[
        Source, typer.Option(help="topic: up to now; lake: up to a minute ago, and as far back as the installation keeps it.")
    ] = Source.TOPIC,
    format_: Annotated[
        Format,
        typer.Option("--format", help="parquet or csv: all columns with the ranker inputs; table: the newest rows to read."),
    ] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(help="File to write; csv and table go to standard output without it.")] = None,
    acts: Annotated[
        bool, typer.Option("--acts", help="With --source lake: a column for what the shopper did with each item of a list.")
    ] = False,
    rows: Annotated[int, typer.Option(min=1, help="With --format table: at most so many rows.")] = 40,
) -> None:
    """Show what the tenant's shoppers were served: a row per place of a list, and per drawn candidate its ranker inputs."""
    with explained(KafkaError, DeltaError, NothingServed, OSError, ValueError):
        if format_ is Format.PARQUET and out is None:
            raise ValueError("--format parquet: name the file to write (--out FILE)")
        if acts and source is not Source.LAKE:
            raise ValueError("--acts: events are in the lake, so it needs --source lake")
        since = datetime.now(UTC) - timedelta(seconds=duration_s("--last", last))
        found = _of_lake(check_tenant(tenant), since, acts) if source is Source.LAKE else _of_topic(check_tenant(tenant), since)
        if not _write(found, format_, out, rows):
            raise NothingServed(
                f"the {source} has no answers of tenant {tenant!r} of the last {last}: look further back (--last 3d), and see "
                "whether the slots write it: recommndr_serving_served_total in their metrics (runbook ServedLogLosing)"
            )


def _of_topic(tenant: TenantId, since: datetime) -> _Found:
    found = ServedAnswers.read(settings().kafka, tenant, since)
    if found.n_unreadable:
        typer.echo(f"{found.n_unreadable} records could not be read and were left out", err=True)
    return _Found(found.columns, iter([found] if found.served else []))


def _of_lake(tenant: TenantId, since: datetime, with_acts: bool) -> _Found:
    lake_dir, now = settings().lake_dir, datetime.now(UTC)
    found = ServedLake(lake_dir, tenant, since, now)
    return _Found(found.columns(), found.days(), Acts.read(lake_dir, tenant, since, now) if with_acts else None)


def _write(found: _Found, format_: Format, out: Path | None, n_rows: int) -> int:
    """Returns the number of answers; writes nothing if there are none."""
    first = next(found.parts, None)
    if first is None:
        return 0
    parts = chain([first], found.parts)
    if format_ is Format.TABLE:
        return _show(parts, out, n_rows)
    n_answers, schema = 0, schema_of(found.columns)
    with ExitStack() as stack:
        written = pa.schema([*schema, *FIELDS]) if found.acts else schema
        writer = stack.enter_context(_writer(written, format_, out))
        for part in parts:
            n_answers += len(part.served)
            for plain in batches(part, schema):
                rows = found.acts.beside(plain) if found.acts else plain
                writer.write_table(rows if format_ is Format.PARQUET else _flat(rows))
    if out is not None:
        typer.echo(f"{n_answers} answers in {out}")
    return n_answers


def _writer(schema: pa.Schema, format_: Format, out: Path | None) -> pq.ParquetWriter | pa_csv.CSVWriter:
    if format_ is Format.PARQUET:
        return pq.ParquetWriter(out, schema, compression="zstd")
    return pa_csv.CSVWriter(sys.stdout.buffer if out is None else out, _flat(schema.empty_table()).schema)


def _flat(part: pa.Table) -> pa.Table:
    """With the sources as one text: CSV has no lists."""
    place = part.schema.get_field_index("sources")
    return part.set_column(place, "sources", pc.binary_join(part["sources"], "|"))


def _show(parts: Iterable[ServedAnswers], out: Path | None, n_rows: int) -> int:
    """The newest rows, without the ranker inputs."""
    n_answers, newest = 0, deque[Served](maxlen=n_rows)
    for part in parts:
        n_answers += len(part.served)
        newest.extend(part.served)
    rows = pa.concat_tables(batches(ServedAnswers(list(newest)), FACTS)).select(_SHOWN).to_pylist()[-n_rows:]
    caption = f"{len(rows)} rows of the newest of {n_answers} answers; --format parquet or csv has all, with ranker inputs"
    table = Table(*_SHOWN, caption=caption, box=None)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in _SHOWN))
    with ExitStack() as stack:
        file = sys.stdout if out is None else stack.enter_context(out.open("w"))
        Console(file=file, width=None if file.isatty() else 160).print(table)
    return n_answers


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
        case float():
            return f"{value:.4f}"
        case bool():
            return "drawn" if value else ""
        case _:
            return str(value)
