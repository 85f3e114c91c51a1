"""`recommndr serve`."""

import os
import sys
from importlib.util import find_spec

import typer

_MODULE = "recommndr_one_process"
SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def serve(context: typer.Context) -> None:
    """Serve all trained shops from one process: API, storefront, metrics; no Kafka, Flink, Redis, Envoy."""
    if find_spec(_MODULE) is None:
        typer.echo(f"recommndr serve: {_MODULE} is not installed in this environment; run `make setup`", err=True)
        raise typer.Exit(1)
    # It takes this process's place, so that training's libraries do not stay in its memory.
    os.execv(sys.executable, [sys.executable, "-m", _MODULE, *context.args])  # noqa: S606 - our own module, arguments as a list
