"""`recommndr train --tenants all`."""

import os
import time
from collections.abc import Sequence

import typer
from deltalake.exceptions import DeltaError
from rich.console import Console
from rich.table import Table

from recommndr_training import params
from recommndr_training.console import explained
from recommndr_training.retraining import installation, lake_part, live_profile, pool, pool_run
from recommndr_training.retraining.outcome import Outcome
from recommndr_training.retraining.pool import Candidate, Pool
from recommndr_training.retraining.pool_run import Limits, OneTraining

ALL = "all"
_MAX_TRIES = 2
_OUT = Console(highlight=False, soft_wrap=True, width=None if Console().is_terminal else 160)


def train_all(tenants: str, n_jobs: int, limits: Limits, by: str) -> None:
    """Train all tenants, or those named with commas between them, of the installation that this process's variables name."""
    with explained(DeltaError, OSError, ValueError):
        names = pool.order(candidates(_named(tenants)), time.time())
        if not names:
            typer.echo("no tenant has new events since its last training")
            return
        train = OneTraining(limits, by, time.time, dict(os.environ))
        last: dict[str, Outcome] = {}
        for outcome in pool_run.run(Pool.of(names, _MAX_TRIES), n_jobs, train):
            typer.echo(f"{outcome.tenant}: {outcome.ending}: {outcome.told.splitlines()[0] if outcome.told else ''}")
            last[outcome.tenant] = outcome
    _OUT.print(summary(list(last.values())))
    if any(outcome.ending == "failed" for outcome in last.values()):
        raise typer.Exit(1)


def candidates(tenants: Sequence[str]) -> list[Candidate]:
    """What the lake has of each tenant, and how its last training ended; raises `DeltaError`."""
    n_rows = lake_part.rows_by_tenant(installation.of_environment().settings.lake_dir)
    folders = {tenant: params.profile_dir(live_profile.profile_of(tenant)) for tenant in tenants}
    return [Candidate(tenant, n_rows.get(tenant, 0), Outcome.read(folder)) for tenant, folder in folders.items()]


def known_tenants() -> list[str]:
    """All tenants of the installation that this process's variables name; raises `OSError`."""
    return sorted(params.read_yaml(installation.of_environment().settings.tenants_file)["tenants"])


def summary(outcomes: Sequence[Outcome]) -> Table:
    """A row for each tenant."""
    table = Table("shop", "ended", "version", "of the lake", "live rows", "why", box=None)
    for one in outcomes:
        why = one.told.splitlines()[0] if one.told else ""
        version, lake = (str(number) if number is not None else "-" for number in (one.model_version, one.lake_version))
        table.add_row(one.tenant, one.ending, version, lake, f"{one.n_live:,}", why)
    return table


def _named(tenants: str) -> list[str]:
    known = known_tenants()
    if tenants == ALL:
        return known
    wished = tenants.split(",")
    if unknown := sorted(set(wished) - set(known)):
        raise ValueError(f"--tenants {unknown[0]}: no such tenant: expected {ALL}, or some of {', '.join(known)}")
    return wished
