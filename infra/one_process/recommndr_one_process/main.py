"""`recommndr serve`: events and catalogue in, lists out, storefront and metrics, in one process on one folder."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from recommndr.settings import Settings, UnknownSetting, variable
from recommndr_native.commands import CommandFailed, run
from recommndr_native.installed import Tools
from recommndr_native.lock import AlreadyRunning, only_one
from recommndr_native.ports import owner
from recommndr_native.secret_files import write_for_owner_only
from recommndr_one_process.database import Database, WrongDatabase
from recommndr_one_process.places import Places
from recommndr_one_process.serving import serve_shops
from recommndr_one_process.trained import NotTrained, newest_of_each_tenant, to_take_up, without_bundle
from recommndr_one_process.trainer import PORT_ABOVE, trainer_beside


class PortInUse(RuntimeError):
    """Another process has the port; the message says which."""


_EXPLAINED = (
    AlreadyRunning, CommandFailed, NotTrained, PortInUse, UnknownSetting, ValidationError, WrongDatabase, OSError, ValueError,
)  # fmt: skip


def command(  # noqa: PLR0913 the options of a command
    data: Annotated[Path, typer.Option(help="Folder of this installation: log, states, keys, bundles.")] = Path("var/serve"),
    profile: Annotated[
        list[str] | None, typer.Option(help="Trained profile to serve; may be repeated. Default: each shop's newest.")
    ] = None,
    *,
    port: Annotated[int | None, typer.Option(help="Port of the API; default RECOMMNDR_ENVOY_PORT.")] = None,
    pages: Annotated[Path, typer.Option(help="Folder of the storefront's exported pages.")] = Path("frontend/out"),
    train: Annotated[
        bool, typer.Option("--train", help="First train those of the named profiles that have no bundle.")
    ] = False,
    train_at: Annotated[
        str | None,
        typer.Option(
            help='Train shops on what happens in them, beside: crontab notation in UTC, as "0 3 * * *" for each night.'
        ),
    ] = None,
    dev: Annotated[bool, typer.Option("--dev", help="Visitors of the storefront may act as any shopper in its list.")] = False,
) -> None:
    """Serve all shops from one process, without Kafka, Flink, Redis and Envoy. Ctrl-C ends it; its folder keeps its state."""
    with _explained():
        checkout, places = Tools.of_checkout().checkout, Places(data.resolve())
        exported = pages.resolve()
        os.chdir(checkout)
        environment = os.environ | _of_port(port)
        write_for_owner_only()
        with only_one(places.lock, f"an installation in {data}"):
            settings = places.settings(environment, checkout)
            _check_ports(settings)
            if train:
                _train(profile or (), environment)
            database = Database(places.database)
            _take_up(settings, database, places, profile, environment)
            with (
                nullcontext() if train_at is None else trainer_beside(places.folder, train_at, settings.envoy_port + PORT_ABOVE)
            ):
                serve_shops(settings, database, exported, dev=dev)


def _of_port(port: int | None) -> dict[str, str]:
    if port is None:
        return {}
    return {variable("envoy_port"): str(port), variable("envoy_url"): f"http://127.0.0.1:{port}"}


@contextmanager
def _explained() -> Iterator[None]:
    """Errors that a person can correct, as one line."""
    try:
        yield
    except _EXPLAINED as cause:
        print(f"recommndr serve: {cause}", file=sys.stderr)
        raise typer.Exit(1) from None


def _check_ports(settings: Settings) -> None:
    for port in (settings.envoy_port, settings.storefront_port):
        used_by = owner(port)
        if used_by is not None:
            raise PortInUse(f"port {port} is in use by {used_by}; stop that process, or choose another port (--port)")


def _train(wished: Sequence[str], environment: dict[str, str]) -> None:
    for one in without_bundle(wished):
        print(f"trains profile {one}, which takes some minutes", flush=True)
        run(("recommndr", "train", "--one-process", "--profile", one), environment, Path.cwd(), partial(print, " ", flush=True))


def _take_up(
    settings: Settings, database: Database, places: Places, wished: Sequence[str] | None, environment: dict[str, str]
) -> None:
    profiles = newest_of_each_tenant(wished)
    if not profiles:
        print("no shop is trained yet (recommndr train --one-process --profile …): lists stay empty until one is", flush=True)
    with closing(database.connect()) as connection:
        new = [one for one in profiles if to_take_up(one, connection, settings.releases_dir)]
    for one in new:
        print(f"takes up profile {one}: bundle, catalogue and history", flush=True)
        words = ("python", "-m", "recommndr_one_process.first_start", "--data", str(places.folder), "--profile", one)
        run(words, environment, Path.cwd(), partial(print, " ", flush=True))


def main() -> None:
    """Entry point."""
    app = typer.Typer(add_completion=False)
    app.command("serve")(command)
    app(prog_name="recommndr serve")
