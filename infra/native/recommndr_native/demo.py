"""`recommndr-demo`: trains, starts everything, replays real baskets, shows how answers change; Ctrl-C stops it."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from recommndr.settings import Settings
from recommndr_native import report
from recommndr_native.demo_run import DemoRun, Wishes
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation, used_ports
from recommndr_native.installed import Tools
from recommndr_native.keys import OPERATIONS_PASSWORD
from recommndr_native.lock import AlreadyRunning, only_one
from recommndr_native.secret_files import write_for_owner_only
from recommndr_native.stages import Stages
from recommndr_training import params

_TENANT = "grocer"
_WIDTH_OF_A_LOG = 140  # if there is no terminal


def demo(
    profile: Annotated[str, typer.Option(help="profile of params.yaml: tiny or small")] = "tiny",
    speed: Annotated[float, typer.Option(min=0.1, help="held-out baskets per second")] = 20.0,
    baskets: Annotated[int, typer.Option(min=50, help="number of held-out baskets")] = 300,
    beside: Annotated[str, typer.Option(help="profiles of other shops to serve too, separated by spaces")] = "",
    leave: Annotated[bool, typer.Option("--exit", help="stop after the summary")] = False,
) -> None:
    """Start an installation, replay real purchases, and show how answers change."""
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH_OF_A_LOG)
    checkout = Tools.of_checkout().checkout
    var = checkout / "var"
    try:
        with only_one(var / "demo.lock"):
            _refuse_used_ports(console)
            failed = _run(console, Wishes(profile, speed, baskets, tuple(beside.split())), checkout, leave)
    except AlreadyRunning as refused:
        console.print(f"[red]{escape(str(refused))}[/]")
        raise typer.Exit(1) from None
    raise typer.Exit(int(failed))


def _refuse_used_ports(console: Console) -> None:
    used = used_ports(Settings())
    for port, owner in used.items():
        console.print(
            f"[red]port {port} is in use by {escape(owner)}[/]; stop that process, or choose another port", soft_wrap=True
        )
    if used:
        raise typer.Exit(1)


def _run(console: Console, wishes: Wishes, checkout: Path, leave: bool) -> bool:
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)  # also if a shell started us in the background, where Ctrl-C is ignored
    stages = Stages(console)
    failed = False
    installation = Installation.fresh(checkout / "var")
    try:
        beside = [_going(profile, installation, checkout, stages) for profile in wishes.beside]
        DemoRun(installation, _going(wishes.profile, installation, checkout, stages), stages, wishes, beside)()
        console.print(stages.summary())
        if not leave:
            console.print(report.urls_table(installation.settings, f"var/keys/{_TENANT}", f"var/keys/{OPERATIONS_PASSWORD}"))
            signal.pause()
    except KeyboardInterrupt:
        console.print("stopping")
    except Exception as cause:  # print the whole error and exit with status 1
        failed = True
        console.print(f"[red]failed:[/] {escape(str(cause) or repr(cause))}", highlight=False, soft_wrap=True)
        console.print(stages.summary())
    finally:
        # A second Ctrl-C must not leave half of the processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        installation.stop()
    return failed or stages.failed


def _going(profile: str, installation: Installation, checkout: Path, stages: Stages) -> GoLive:
    tenant = params.data(profile, checkout / params.PARAMS).tenant
    return GoLive(installation, tenant, profile, checkout, stages.tell)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point."""
    write_for_owner_only()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    typer.run(demo)
