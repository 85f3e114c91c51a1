"""`recommndr served`."""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import typer
from kafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from recommndr.identity import check_tenant
from recommndr.topics import SERVED
from recommndr_training.console import duration_s, explained, settings
from recommndr_training.live.served_table import batches, schema_of
from recommndr_training.live.served_topic import ServedAnswers

_SHOWN = ("at", "user_id", "list", "arm", "model_version", "method", "rank", "item_id", "score", "drawn")


class Format(StrEnum):
    """What is written."""

    PARQUET = "parquet"
    CSV = "csv"
    TABLE = "table"


class NothingServed(RuntimeError):
    """The topic has no answer of the tenant in the period."""


def served(
    tenant: Annotated[str, typer.Option(help="Whose answers.")],
    last: Annotated[str, typer.Option(help="How far back, as 90s, 15m, 1h or 3d; the topic keeps three days.")] = "1h",
    format_: Annotated[
        Format,
        typer.Option("--format", help="parquet or csv: all columns with the ranker inputs; table: the newest rows to read."),
    ] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(help="File to write; csv and table go to standard output without it.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="With --format table: at most so many rows.")] = 40,
) -> None:
    """Show what the tenant's shoppers were served: a row per place of a list, and per drawn candidate its ranker inputs."""
    with explained(KafkaError, NothingServed, OSError, ValueError):
        if format_ is Format.PARQUET and out is None:
            raise ValueError("--format parquet: name the file to write (--out FILE)")
        since = datetime.now(UTC) - timedelta(seconds=duration_s("--last", last))
        found = ServedAnswers.read(settings().kafka, check_tenant(tenant), since)
        if found.n_unreadable:
            typer.echo(f"{found.n_unreadable} records could not be read and were left out", err=True)
        if not found.served:
            raise NothingServed(
                f"{SERVED.name} has no answers of tenant {tenant!r} of the last {last}: look further back (--last 3d), and see "
                "whether the slots write it: recommndr_serving_served_total in their metrics (runbook ServedLogLosing)"
            )
        _write(found, format_, out, rows)


def _write(found: ServedAnswers, format_: Format, out: Path | None, n_rows: int) -> None:
    if format_ is Format.TABLE:
        with ExitStack() as stack:
            file = sys.stdout if out is None else stack.enter_context(out.open("w"))
            Console(file=file, width=None if file.isatty() else 160).print(_readable(found, n_rows))
        return
    with ExitStack() as stack:
        writer = stack.enter_context(_writer(schema_of(found), format_, out))
        for part in batches(found):
            writer.write_table(part if format_ is Format.PARQUET else _flat(part))
    if out is not None:
        typer.echo(f"{len(found.served)} answers in {out}")


def _writer(schema: pa.Schema, format_: Format, out: Path | None) -> pq.ParquetWriter | pa_csv.CSVWriter:
    if format_ is Format.PARQUET:
        return pq.ParquetWriter(out, schema, compression="zstd")
    return pa_csv.CSVWriter(sys.stdout.buffer if out is None else out, _flat(schema.empty_table()).schema)


def _flat(part: pa.Table) -> pa.Table:
    """With the sources as one text: CSV has no lists."""
    place = part.schema.get_field_index("sources")
    return part.set_column(place, "sources", pc.binary_join(part["sources"], "|"))


def _readable(found: ServedAnswers, n_rows: int) -> Table:
    """The newest rows, without the ranker inputs."""
    newest = ServedAnswers(found.served[-n_rows:], found.columns)
    rows = pa.concat_tables(batches(newest)).select(_SHOWN).to_pylist()[-n_rows:]
    caption = (
        f"{len(rows)} rows of the newest of {len(found.served)} answers; --format parquet or csv has all, with ranker inputs"
    )
    table = Table(*_SHOWN, caption=caption, box=None)
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in _SHOWN))
    return table


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
