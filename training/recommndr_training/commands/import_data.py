"""`recommndr import`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from deltalake.exceptions import DeltaError
from rich.console import Console
from rich.table import Table

from recommndr.events import MAX_LINES
from recommndr.identity import check_tenant
from recommndr.settings import Settings
from recommndr.tenancy import TenantPolicy, Tenants
from recommndr_importing import mapping as mapping_module
from recommndr_importing.batch import BadFile
from recommndr_importing.lake_rows import Written
from recommndr_importing.mapping import BadMapping, Mapping
from recommndr_importing.rejects import next_path
from recommndr_importing.shop_import import Order, Outcome, run
from recommndr_lake_writer.lake import policy_of
from recommndr_training.console import explained, progress, settings

_NO_LINES = ("search",)  # kinds whose events have no item


def import_data(  # noqa: PLR0913 the options of a command
    events: Annotated[list[Path] | None, typer.Argument(help="Files of the event log: Parquet, CSV or JSON lines.")] = None,
    *,
    tenant: Annotated[str, typer.Option(help="Tenant that the data belong to.")],
    mapping: Annotated[str, typer.Option(help="Mapping file, or the name of one that ships (retailrocket, …).")],
    items: Annotated[Path | None, typer.Option(help="File of the item table; it replaces the tenant's catalogue.")] = None,
    lake: Annotated[Path | None, typer.Option(help="Lake to write to; by default the installation's.")] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="File for rejected rows, .parquet or .csv; by default in the lake.")
    ] = None,
    max_rejects: Annotated[
        float, typer.Option(help="Write nothing when a larger share of rows is rejected.", min=0, max=1)
    ] = 0.5,
    now: Annotated[datetime | None, typer.Option(help="Reject events later than this (UTC); by default now.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Delete the tenant's earlier imports.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count and show the first rejects; write nothing.")] = False,
) -> None:
    """Bring a shop's event log and item table into the lake, as a mapping file says.

    Example: recommndr import events.csv --items items.csv --tenant boutique --mapping boutique.yaml

    Rows that cannot be read as events go to the rejects file with the reason. Importing the same file again adds nothing;
    after a change of the mapping, import with --replace.
    """
    with explained(DeltaError, OSError, ValueError):
        if not events and items is None:
            raise BadFile("nothing to import: name a file of events, or a file of items with --items")
        read = mapping_module.load(mapping)
        installation = settings()
        lake_dir = lake or installation.lake_dir
        order = Order(
            event_files=tuple(events or ()),
            item_file=items,
            mapping=read,
            tenant=check_tenant(tenant),
            policy=_policy(installation, tenant, read, mapping),
            lake_dir=lake_dir,
            rejects_path=rejects or next_path(lake_dir, tenant),
            now=now.replace(tzinfo=UTC) if now else datetime.now(UTC),
            max_rejects=max_rejects,
            dry_run=dry_run,
            replace=replace,
        )
        start = perf_counter()
        outcome = run(order, progress)
        _tell(outcome, order, perf_counter() - start)


def _policy(installation: Settings, tenant: str, mapping: Mapping, name: str) -> TenantPolicy:
    """The tenant's policy, or the default one of a shop that is not in tenants.yaml yet."""
    file = installation.tenants_file
    tenants = Tenants.from_yaml(file.read_text()).tenants if file.is_file() else {}
    policy = policy_of(tenants, tenant)
    known = [kind for kind in policy.kinds if kind not in _NO_LINES]
    unknown = sorted(mapping.events.kind.names - set(known))
    if unknown:
        raise BadMapping(f"{name}: events.kind {unknown}: expected some of {known}")
    return policy


def _not_written(written: Written) -> list[tuple[str, int]]:
    every = [
        ("lines that repeat another", written.n_repeats),
        ("lines that the lake has already", written.n_known),
        (f"lines left out of orders of over {MAX_LINES}", written.n_over),
    ]
    return [(what, n) for what, n in every if n]


def _hints(outcome: Outcome) -> Iterator[str]:
    """Hints about rows that the mapping accepts or rejects, probably against the shop's intention."""
    noticed = outcome.noticed
    for column, n in noticed.damaged.items():
        example = f", such as {noticed.examples[column]!r}" if column in noticed.examples else ""
        yield (
            f"{column} looks damaged in {n:,} rows{example}: spreadsheets shorten long numbers, and programs write "
            "None or undefined for missing values. Export ids as text, or reject such rows in the mapping"
        )
    if noticed.fractions:
        yield f"quantity is a fraction in {noticed.fractions:,} rows: `quantity: {{fractional: true}}` takes goods by weight"


def _tell(outcome: Outcome, order: Order, seconds: float) -> None:
    summary = Table(show_header=False, box=None)
    summary.add_column()
    summary.add_column(justify="right")
    summary.add_row("rows read", f"{outcome.n_rows:,}")
    summary.add_row("rows accepted", f"{outcome.n_accepted:,}")
    summary.add_row("rows rejected", f"{outcome.rejects.n:,}")
    for reason, n in sorted(outcome.rejects.counts.items(), key=lambda pair: -pair[1]):
        summary.add_row(f"  {reason}", f"{n:,}")
    for column, n in outcome.noticed.emptied.items():
        summary.add_row(f"{column} left empty, does not fit", f"{n:,}")
    if not order.dry_run:
        summary.add_row("events written", f"{outcome.written.n_events:,}")
        summary.add_row("lines written", f"{outcome.written.n_lines:,}")
        for what, n in _not_written(outcome.written):
            summary.add_row(what, f"{n:,}")
    summary.add_row("items", "left as they are" if outcome.n_items is None else f"{outcome.n_items:,}")
    summary.add_row("seconds", f"{seconds:,.1f}")
    summary.add_row("rows/s", f"{outcome.n_rows / seconds:,.0f}")
    out = Console(highlight=False, soft_wrap=True)
    out.print(summary)
    for hint in _hints(outcome):
        out.print(f"look at this: {hint}", markup=False)
    if order.dry_run:
        _tell_first(outcome, out)
    elif outcome.rejects.n:
        out.print(f"rejected rows: {outcome.rejects.path}", markup=False)


def _tell_first(outcome: Outcome, out: Console) -> None:
    first = outcome.rejects.first
    out.print("dry run: nothing was written." + (" The first rejects:" if first else ""))
    for row in first:
        said = [f"{name} {value!r}" for name, value in row.items() if value is not None and not name.startswith("_")]
        line = repr(row["_line"]) if row["_line"] else ", ".join(said)
        out.print(f"  {row['_file']} row {row['_row']}: {row['_reason']}: {line}", markup=False)
