"""`recommndr shop`: shops of this installation, from their files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recommndr.identity import check_tenant
from recommndr_importing import mapping as mapping_module
from recommndr_importing.mapping import Mapping
from recommndr_training.console import explained
from recommndr_training.shops.guess import Question
from recommndr_training.shops.mapping_text import mapping_text
from recommndr_training.shops.preview import Preview, preview
from recommndr_training.shops.shop_files import ShopFiles, not_known
from recommndr_training.shops.traffic import Traffic, traffic

app = typer.Typer(help="Shops of this installation: from a shop's files to its recommendations.", no_args_is_help=True)
_OUT = Console(highlight=False, soft_wrap=True)


@app.callback()
def shops() -> None:
    """Shops of this installation: from a shop's files to its recommendations."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the shop: small letters, digits, hyphens.", show_default=False)],
    *,
    events: Annotated[
        list[Path],
        typer.Option(help="File of orders or events, or a folder of such files; may be repeated.", show_default=False),
    ],
    items: Annotated[Path | None, typer.Option(help="File of the items.", show_default=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: take what is likely.")] = False,
    zone: Annotated[str | None, typer.Option(help="Time zone of times without one, such as Europe/Berlin.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the prices, such as EUR, if no column says it.")] = None,
) -> None:
    """Look at a shop's files and write down what their columns mean.

    Example: recommndr shop add myshop --events orders.csv --items products.csv

    The guesses are a mapping file beside the files. Correct it and run the command again: it reads the file then.
    """
    with explained(OSError, ValueError):
        check_tenant(name)
        files = ShopFiles.look(events, items)
        path = _mapping_path(name, events[0])
        told = {field: said for field, said in (("zone", zone), ("currency", currency)) if said is not None}
        mapping = _mapping(files, path, told, yes)
        found = preview(files.log, mapping, name, datetime.now(UTC))
        _show(found)
        _show_traffic(traffic(found.lines))
        _OUT.print(
            f"next: recommndr import {' '.join(map(str, files.events))} --tenant {name} --mapping {path} ...", markup=False
        )


def _mapping_path(name: str, events: Path) -> Path:
    """The mapping lies beside the shop's files, where people look for it."""
    return (events if events.is_dir() else events.parent) / f"{name}.mapping.yaml"


def _mapping(files: ShopFiles, path: Path, told: dict[str, str], yes: bool) -> Mapping:
    """The mapping in the file if there is one, else the one guessed, which is written there; raises `NotKnown`."""
    if path.exists():
        _OUT.print(f"mapping: {path} (delete it to guess anew)", markup=False)
        return mapping_module.load(str(path))
    guesses = files.guesses(told)
    while questions := [] if yes else list(guesses.questions):
        told[_key(questions[0])] = _answer(questions[0])
        guesses = files.guesses(told)
    text = mapping_text(guesses, files.names)
    path.write_text(text)
    _OUT.print(text, markup=False)
    for note in guesses.notes:
        _OUT.print(f"look at this: {note}", markup=False)
    unknown = [question for question in guesses.questions if question.default is None]
    if unknown:
        raise not_known(unknown[0], files, path)
    for question in {question.text: question for question in guesses.questions}.values():
        _OUT.print(f"not known: {question.text} Taken: {question.default}; to change it write `{question.line}`", markup=False)
    _OUT.print(f"mapping: {path}", markup=False)
    return mapping_module.parse(text, str(path))


def _key(question: Question) -> str:
    return "items.item_id" if (question.section, question.field) == ("items", "item_id") else question.field


def _answer(question: Question) -> str:
    if question.choices:
        _OUT.print(f"one of: {', '.join(question.choices)}", markup=False)
    answer: str = typer.prompt(question.text, default=question.default)
    return answer.strip()


def _show(found: Preview) -> None:
    table = Table(*found.first.column_names, box=None)
    for row in found.first.to_pylist():
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    _OUT.print(table)
    n_rejected = sum(found.rejected.values())
    _OUT.print(f"sample: {found.n_rows:,} rows, {n_rejected:,} of them no events")
    for reason, n in found.rejected.items():
        _OUT.print(f"  {reason}: {n:,}", markup=False)
    if not found.lines.num_rows:
        raise ValueError("no row of the sample is an event: correct the mapping by the reasons above")


def _show_traffic(found: Traffic) -> None:
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in found.kinds.items())
    _OUT.print(f"{found.n_lines:,} lines of {found.n_shoppers:,} shoppers and {found.n_items:,} items: {kinds}")
    _OUT.print(f"from {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}")
    _OUT.print(f"target kind: {found.target_kind} ({found.target_why})")
    _OUT.print(f"label horizon: {found.horizon_days:g} days ({found.horizon_why})")
