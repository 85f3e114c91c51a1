"""`recommndr shop`: shops of this installation, from their files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from deltalake.exceptions import DeltaError
from rich.console import Console
from rich.table import Table

from recommndr.bundle import BundleRefused
from recommndr.identity import check_tenant
from recommndr.release_files import ReleaseFiles
from recommndr.settings import Settings
from recommndr_training import params
from recommndr_training.commands.shop_mapping import Wanted, mapping_of
from recommndr_training.commands.shop_steps import ShopSteps
from recommndr_training.console import explained, settings
from recommndr_training.one_process import NotInOneProcess
from recommndr_training.params import BadParams
from recommndr_training.shops.preview import preview
from recommndr_training.shops.shop_files import ShopFiles
from recommndr_training.shops.shop_folder import ShopFolder, all_shops
from recommndr_training.shops.shop_state import NONE, ShopState
from recommndr_training.shops.traffic import traffic

app = typer.Typer(help="Shops of this installation: from a shop's files to its recommendations.", no_args_is_help=True)
_OUT = Console(highlight=False, soft_wrap=True, width=None if Console().is_terminal else 160)
_ONE_PROCESS = Settings(state_dir=Path("var/serve"))  # the folder that `recommndr serve` takes if nothing else is said
Name = Annotated[str, typer.Argument(help="Name of the shop.", show_default=False)]


@app.callback()
def shops() -> None:
    """Shops of this installation: from a shop's files to its recommendations."""


@app.command()
def add(  # noqa: PLR0913
    name: Annotated[str, typer.Argument(help="Name of the shop: small letters, digits, hyphens.", show_default=False)],
    *,
    events: Annotated[
        list[Path],
        typer.Option(help="File of orders or events, or a folder of them; may be repeated.", show_default=False),
    ],
    items: Annotated[Path | None, typer.Option(help="File of the items.", show_default=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: take what is likely.")] = False,
    zone: Annotated[str | None, typer.Option(help="Time zone of times without one, such as Europe/Berlin.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the prices, such as EUR, if no column says it.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look at the files and write the mapping; import nothing.")
    ] = False,
) -> None:
    """From a shop's files to a registered version: mapping, import, settings, training, gate, keys.

    Example: recommndr shop add myshop --events orders.csv --items products.csv

    What the columns mean is guessed and written to a mapping file beside the files. Correct it and run the command again: it
    reads the file then. Running it again is safe: what did not change is not done again.
    """
    with explained(OSError, ValueError, DeltaError, BundleRefused, NotInOneProcess):
        _refuse_taken(check_tenant(name))
        files = ShopFiles.look(events, items)
        mapping, path = mapping_of(files, Wanted(name, events[0], zone, currency, yes), _OUT)
        found = preview(files.log, mapping, name, datetime.now(UTC))
        _OUT.print(found.table())
        _OUT.print(found.told(), markup=False)
        if not found.lines.num_rows:
            raise ValueError(f"no row of the sample is an event: correct {path} by the reasons above")
        if dry_run:
            _OUT.print(f"in the sample: {traffic(found.lines).told()}", markup=False)
            _OUT.print(f"dry run: nothing was imported. Correct {path}, or run the command without --dry-run", markup=False)
            return
        ShopSteps(ShopFolder(name), files, mapping, path, _OUT).run()


@app.command("list")
def list_shops() -> None:
    """Show the added shops: when each was trained, what the gate said, which version is registered and which one is live."""
    with explained(OSError, ValueError):
        table = Table("shop", "trained", "gate", "registered", "live", box=None)
        for shop in all_shops():
            state = _state(shop)
            table.add_row(shop.tenant, state.trained, state.gate, state.registered, state.live)
        _OUT.print(table)


@app.command()
def show(name: Name) -> None:
    """Show one added shop: its settings, what the gate said and how good each method is."""
    with explained(OSError, ValueError):
        shop = _added(name)
        data, state = params.data(shop.profile), _state(shop)
        _OUT.print(
            f"target kind: {data.policy.target_kind}; label horizon: {data.policy.label_horizon_days:g} days\n"
            f"data: {data.since:%Y-%m-%d} to {data.until:%Y-%m-%d}, judged from {data.gate_cut:%Y-%m-%d %H:%M} on\n"
            f"trained: {state.trained}; registered: {state.registered}; live: {state.live}\n"
            f"settings and keys: {shop.path}",
            markup=False,
        )
        _OUT.print(f"\n{shop.table() or 'gate: not yet'}", markup=False)


@app.command()
def remove(name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete an added shop: its data, models, settings and keys on this machine. Registered versions stay in the registry."""
    with explained(OSError, ValueError):
        shop = _added(name)
        live = _state(shop).live
        if live != NONE:
            _OUT.print(f"version {live} is live: an installation that runs serves it until it starts anew", markup=False)
        if not yes:
            typer.confirm(f"Delete {shop.path} with the shop's data, models and keys?", abort=True)
        shop.remove()
        _OUT.print(f"{name} is removed", markup=False)


def _added(name: str) -> ShopFolder:
    """The folder of an added shop; raises `BadParams` where there is none."""
    shop = ShopFolder(check_tenant(name))
    if not shop.exists:
        known = ", ".join(each.tenant for each in all_shops()) or "none"
        raise BadParams(f"{name}: no such shop: added are {known}; add it with `recommndr shop add`")
    return shop


def _state(shop: ShopFolder) -> ShopState:
    every = [ReleaseFiles(folder).load(shop.tenant) for folder in (settings().releases_dir, _ONE_PROCESS.releases_dir)]
    release = next((one for one in every if one is not None), None)
    return ShopState.of(shop, None if release is None else release.stable.model_version)


def _refuse_taken(name: str) -> None:
    """Raise `BadParams` for the name of a shop that is in `tenants.yaml`."""
    if name in params.repository_tenants():
        raise BadParams(f"{name}: is in {params.TENANTS} already: choose another name")
