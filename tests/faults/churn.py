"""Weights that change and slots that restart under steady traffic: how many requests fail. `python -m tests.faults.churn`.

Starts an installation of its own with the profile tiny, lets watching shoppers ask, and gives a paused challenger another
weight again and again. In between a slot's process ends: by SIGTERM, as when it is replaced, and by SIGKILL, as when it
crashes, in turn. Every request must be answered with a list. It ends with status 1 if one was not.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from recommndr.release import SLOTS, WEIGHT_TOTAL, Slot, StaleRecord
from recommndr_native.go_live import GoLive, fill_catalogue
from recommndr_native.installation import Installation, free_ports
from recommndr_native.installed import Tools
from recommndr_native.secret_files import write_for_owner_only
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.routes_file import RoutesFile
from recommndr_training.shipping.held_out import known_users
from tests.faults.releases import another_version, move, policy, record
from tests.faults.watcher import Watcher, watching
from tests.patience import PATIENCE_S, eventually

_PROFILE, _TENANT = "tiny", "grocer"
_BUDGET_S = 900.0
_N_WATCHING = 60
_SETTLED_S = 0.5  # Envoy has read the routes, and requests have followed them
# The restarts are ours: no rule may end the release because of them.
_HELD: dict[str, Any] = {
    "min_step_s": 3, "patience_s": 4, "return_s": 1, "settle_s": 2,
    "rules": {name: {"consequence": "observe"} for name in ("slot", "errors", "latency", "ladder", "memory", "processor")},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Churned:
    """What came of it."""

    weights: int
    restarts: int
    took_s: float
    requests: int
    per_s: float
    refused: int
    first_refused: str
    ladder: dict[str, int]  # answers by step of the ladder
    p50_ms: float
    p99_ms: float


def churn(live: GoLive, installation: Installation, watcher: Watcher, n_weights: int, n_restarts: int) -> Churned:
    """Change the weights of a paused challenger, and restart slots in between; afterwards the challenger is gone."""
    folder = Path(tempfile.mkdtemp(prefix="recommndr-churn-"))
    with policy(installation.settings, live.tenant, _HELD):
        eventually(lambda: record(live).phase in {"STEADY", "PROMOTED"}, "no release is under way")
        move(live, "start", another_version(live, time.time(), folder))
        eventually(lambda: record(live).challenger_weight > 0, "the challenger has traffic")
        move(live, "pause")
        n_before, began_s = len(watcher.seen), time.monotonic()
        try:
            restarts = _changes(live, installation, n_weights, n_restarts)
        finally:
            took_s = time.monotonic() - began_s
            seen = list(watcher.seen)[n_before:]
            move(live, "rollback")
            eventually(lambda: record(live).phase == "STEADY", "the release is over")
            shutil.rmtree(folder)
    refused = [one.refused for one in seen if one.refused]
    seconds = sorted(one.took_s for one in seen)
    return Churned(
        weights=n_weights, restarts=restarts, took_s=round(took_s, 1), requests=len(seen), per_s=round(len(seen) / took_s, 1),
        refused=len(refused), first_refused=refused[0] if refused else "",
        ladder=dict(Counter(one.ladder for one in seen if not one.refused)),
        p50_ms=round(1e3 * seconds[len(seconds) // 2], 1), p99_ms=round(1e3 * seconds[len(seconds) * 99 // 100], 1),
    )  # fmt: skip


def _changes(live: GoLive, installation: Installation, n_weights: int, n_restarts: int) -> int:
    chance, turns = random.Random(0), itertools.cycle(itertools.product(SLOTS, (signal.SIGTERM, signal.SIGKILL)))
    every = max(1, n_weights // max(1, n_restarts))
    n_restarted = 0
    for number in range(n_weights):
        if n_restarted < n_restarts and number % every == 0:
            slot, how = next(turns)
            _end(installation, slot, how)
            n_restarted += 1
        _give_weight(live, chance.randrange(1, WEIGHT_TOTAL))
        wanted = record(live).weights()
        routes = RoutesFile(installation.settings.routes_file)
        eventually(_applied(routes, live.tenant, wanted), "the routes have the weight")
        time.sleep(_SETTLED_S)
    return n_restarted


def _applied(routes: RoutesFile, tenant: str, wanted: dict[Slot, int]) -> Callable[[], bool]:
    return lambda: dict(routes.applied().get(tenant, {})) == wanted


def _end(installation: Installation, slot: Slot, how: signal.Signals) -> None:
    """End the slot's process; the other is ready, because one is gone at a time."""
    installation.wait_ready(SLOTS, PATIENCE_S)
    pid = installation.pid(slot)
    if how == signal.SIGKILL:
        installation.kill(slot)
    else:
        os.kill(pid, signal.SIGTERM)
    eventually(lambda: _pid(installation, slot) not in {None, pid}, f"{slot} runs again")
    installation.wait_ready([slot], PATIENCE_S)


def _pid(installation: Installation, slot: Slot) -> int | None:
    try:
        return installation.pid(slot)
    except LookupError:
        return None


def _give_weight(live: GoLive, weight: int) -> None:
    store = FileReleaseStore(live.installation.settings.releases_dir)
    while True:
        try:
            store.save(record(live).model_copy(update={"challenger_weight": weight}))
        except StaleRecord:
            continue
        return


def main() -> None:
    """Start, churn, tell, stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.churn", description=__doc__)
    parser.add_argument("--weights", type=int, default=100, help="changes of the weight")
    parser.add_argument("--restarts", type=int, default=10, help="restarts of a slot")
    parser.add_argument("--asks", type=float, default=50.0, help="requests of watching shoppers per second")
    asked, console = parser.parse_args(), Console()
    write_for_owner_only()
    scratch = Path(tempfile.mkdtemp(prefix="recommndr-churn-"))  # its path is short, as supervisord's socket needs it
    installation = Installation.fresh(scratch, **free_ports())
    live = GoLive(installation, _TENANT, _PROFILE, Tools.of_checkout().checkout, console.print)
    try:
        installation.start()
        live.train()
        installation.bring_up(_BUDGET_S, tell=lambda name: console.print(f"ready: {name}"))
        registered = live.register()
        live.release(registered)
        live.seed()
        users = known_users(_PROFILE, _N_WATCHING)
        with closing(live.shop()) as shop:
            fill_catalogue(shop, live.items())
            live.await_answers(shop, registered["bundle_version"], users, _BUDGET_S)
        with watching(live.shop, users, asked.asks) as watcher:
            came = churn(live, installation, watcher, asked.weights, asked.restarts)
    finally:
        installation.stop()
    console.print_json(json.dumps(asdict(came) | {"load_1m": os.getloadavg()[0]}))
    shutil.rmtree(scratch)
    sys.exit(came.refused > 0)


if __name__ == "__main__":
    main()
