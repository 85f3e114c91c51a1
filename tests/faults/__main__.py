"""Releases faulty versions on a running installation with simulated shoppers, and compares what comes with what should.

Starts an installation of its own (all processes of the Procfile, on free ports), puts the simulated shop live, lets simulated
shoppers visit it, and makes one release after the other: a challenger that raises, sleeps, leaks, recommends at random, shows
what nobody buys, has two ranker columns exchanged, does not start, is just as good, or is better; then faults of the world.
Steps take seconds, all limits are a shop's defaults. A run takes about 25 minutes on a quiet machine; it ends with status 1
if a verdict is not the expected one, or if a request failed because of a move.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from recommndr_engine import bundle_files
from recommndr_native.go_live import GoLive, fill_catalogue
from recommndr_native.installation import Installation, free_ports
from recommndr_native.installed import Tools
from recommndr_native.secret_files import write_for_owner_only
from recommndr_training import params
from recommndr_training.shipping.held_out import known_users
from tests.faults import report
from tests.faults.cases import SWAPPED, cases
from tests.faults.order import SLOT_COMMANDS
from tests.faults.trial import Case, Result, Running, run
from tests.faults.watcher import watching

_PROFILE = _TENANT = "boutique"
_BUDGET_S = 900.0
_N_WATCHING = 60
_END_S = 60.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=[], metavar="FAULT", help="only these; --list tells their names")
    parser.add_argument("--list", action="store_true", help="list the faults and stop")
    parser.add_argument("--sessions", type=float, default=4.0, help="sessions of simulated shoppers that begin per second")
    parser.add_argument("--asks", type=float, default=10.0, help="requests of watching shoppers per second")
    parser.add_argument("--budget", type=float, default=400.0, help="seconds that a verdict may take")
    parser.add_argument("--folder", type=Path, default=Path("var/faults"), help="for faults.json and faults.png")
    return parser.parse_args()


def main() -> None:
    """Start, try all, tell, stop."""
    asked, console = _arguments(), Console()
    if asked.list:
        for case in cases(SWAPPED):
            console.print(f"{case.name}: {case.told}; expected: {case.expected}")
        return
    checkout = Tools.of_checkout().checkout
    write_for_owner_only()
    scratch = Path(tempfile.mkdtemp(prefix="recommndr-faults-"))  # its path is short, as supervisord's socket needs it
    installation = Installation.fresh(scratch, commands=SLOT_COMMANDS, **free_ports())
    live = GoLive(installation, _TENANT, _PROFILE, checkout, console.print)
    try:
        installation.start()
        live.train()
        wanted = _wanted(checkout, asked.only)
        _go_live(live, installation, console)
        with _visitors(live, asked.sessions, scratch) as visitors:
            results = _try_all(wanted, live, installation, asked, console)
        summary = json.loads(visitors.read_text())
    finally:
        installation.stop()
    console.print(report.table(results))
    console.print(f"simulated shoppers: {summary['sessions']} sessions, failed: {summary['failed']}")
    console.print(f"figures and plot: {report.save(results, summary, asked.folder)}")
    shutil.rmtree(scratch)
    sys.exit(not all(one.is_well for one in results))


def _wanted(checkout: Path, only: Sequence[str]) -> tuple[Case, ...]:
    manifest = bundle_files.read_manifest(checkout / params.profile_dir(_PROFILE) / "bundle")
    every = cases([column.name for column in manifest.ranker_columns])
    if unknown := set(only) - {case.name for case in every}:
        raise SystemExit(f"--only {sorted(unknown)[0]}: expected some of {', '.join(case.name for case in every)}")
    return tuple(case for case in every if not only or case.name in only)


def _go_live(live: GoLive, installation: Installation, console: Console) -> None:
    installation.bring_up(_BUDGET_S, tell=lambda name: console.print(f"ready: {name}"))
    registered = live.register()
    live.release(registered)
    live.seed()
    with closing(live.shop()) as shop:
        fill_catalogue(shop, live.items())
        live.await_answers(shop, registered["bundle_version"], known_users(_PROFILE, _N_WATCHING), _BUDGET_S)


def _try_all(
    wanted: Sequence[Case], live: GoLive, installation: Installation, asked: argparse.Namespace, console: Console
) -> list[Result]:
    results = []
    with (
        watching(live.shop, known_users(_PROFILE, _N_WATCHING), asked.asks) as watcher,
        tempfile.TemporaryDirectory(prefix="recommndr-bundles-") as folder,
    ):
        running = Running(live, installation, watcher, Path(folder), asked.budget)
        for number, case in enumerate(wanted, 1):
            console.print(f"[bold]{number} of {len(wanted)}: {case.name}[/] ({case.told})")
            results.append(run(case, running, number))
            one = results[-1]
            console.print(f"  {one.ended} {', '.join(one.by)} {one.reason}")
    return results


@contextmanager
def _visitors(live: GoLive, per_s: float, folder: Path) -> Iterator[Path]:
    """Simulated shoppers visit; afterwards the file holds their summary."""
    summary = folder / "visitors.json"
    command = [
        "recommndr", "simulate", "--live", "--tenant", _TENANT, "--rate", str(per_s), "--duration", "24h", "--json",
        "--out", str(live.checkout / params.profile_dir(_PROFILE) / "simulate"),
        "--key-file", str(live.installation.settings.server_keys_dir / _TENANT),
    ]  # fmt: skip
    environment: dict[str, Any] = live.environment()
    with summary.open("wb") as out, (folder / "visitors.log").open("wb") as log:
        visiting = subprocess.Popen(command, env=environment, cwd=live.checkout, stdout=out, stderr=log)
        try:
            yield summary
        finally:
            visiting.send_signal(signal.SIGINT)
            visiting.wait(_END_S)


if __name__ == "__main__":
    main()
