"""`recommndr serve`."""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NoReturn

import typer

_MODULE = "recommndr_one_process"
SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def serve(context: typer.Context) -> None:
    """Serve all trained shops from one process: API, storefront, metrics; no Kafka, Flink, Redis, Envoy."""
    become_one_process(context.args)


def become_one_process(arguments: Sequence[str]) -> NoReturn:
    """Let it take this process's place, so that training's libraries do not stay in its memory."""
    if find_spec(_MODULE) is None:
        raise SystemExit(f"recommndr serve: {_MODULE} is not installed in this environment; run `make setup`")
    os.execv(sys.executable, [sys.executable, "-m", _MODULE, *arguments])  # noqa: S606 - our own module, arguments as a list
