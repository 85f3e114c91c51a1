"""`recommndr trainer`."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from deltalake.exceptions import DeltaError
from prometheus_client import CollectorRegistry

from recommndr.hosts import LOOPBACK
from recommndr.identity import check_tenant
from recommndr.log_lines import log_json_lines
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_tail.probes import serve_probes
from recommndr_tail.start import stop_on_signals
from recommndr_training.commands.train_all import candidates, known_tenants
from recommndr_training.console import explained
from recommndr_training.retraining.due import Rules
from recommndr_training.retraining.installation import Installation
from recommndr_training.retraining.pool_run import Limits, OneTraining
from recommndr_training.retraining.requests import Requests
from recommndr_training.retraining.trainer import CronSchedule, Metrics, Trainer

app = typer.Typer(help="Train shops by themselves, or ask for a training.", no_args_is_help=True)
_PAUSE_S = 5.0
_STALLED_AFTER_S = 60.0
Data = Annotated[
    Path | None, typer.Option(help="Folder of `recommndr serve`; by default the installation that RECOMMNDR_… names.")
]


@app.command()
def run(  # noqa: PLR0913 the options of a command
    data: Data = None,
    *,
    at: Annotated[str, typer.Option(help="When all shops with new events are trained: crontab notation, UTC.")] = "0 3 * * *",
    min_new: Annotated[int, typer.Option(help="New events of a shop that start a training before that.", min=1)] = 5_000,
    jobs: Annotated[int, typer.Option(help="How many trainings at once.", min=1)] = 1,
    max_minutes: Annotated[float, typer.Option(help="A training that takes longer is ended.", min=0)] = 120.0,
    nice: Annotated[int, typer.Option(help="Nice value of a training.", min=0, max=19)] = 10,
    memory_mb: Annotated[int, typer.Option(help="Most data of a training, in MB.", min=256)] = 8_192,
    port: Annotated[int, typer.Option(help="Port of its metrics and health.")] = 18_035,
) -> None:
    """Train until SIGTERM: by schedule, by volume of new events, and on request; one tenant's training at a time."""
    with explained(OSError, ValueError):
        settings, metrics = _installation(data).settings, Metrics(CollectorRegistry())
        log_json_lines("trainer")
        stop, loops = stop_on_signals(), Loops(metrics.registry)
        train = OneTraining(Limits(60.0 * max_minutes, nice, memory_mb), "trainer", time.time, dict(os.environ))
        trainer = Trainer(
            Rules(min_new), CronSchedule(at), Requests(settings.state_dir), lambda: candidates(known_tenants()),
            train, metrics=metrics, now=_now, n_jobs=jobs,
        )  # fmt: skip
        work = Work("trainer", trainer.step, _PAUSE_S, _PAUSE_S, _STALLED_AFTER_S, expected=(DeltaError, OSError))
        with serve_probes(settings.host, port, metrics.registry, lambda: True, loops.stalled, LOOPBACK):
            print(f"ready: trainer of {settings.lake_dir}, metrics at port {port}", flush=True)
            loops.add(work).run(stop)
            os._exit(0)  # a training under way is a process of its own: it ends by itself


@app.command()
def ask(tenant: Annotated[str, typer.Argument(help="Tenant to train.", show_default=False)], data: Data = None) -> None:
    """Ask the running trainer for a training of a tenant now."""
    with explained(OSError, ValueError):
        installation = _installation(data)
        if check_tenant(tenant) not in known_tenants():
            raise ValueError(f"{tenant}: no such tenant: expected one of {', '.join(known_tenants())}")
        Requests(installation.settings.state_dir).ask(tenant)
        typer.echo(f"{tenant}: asked for; the trainer begins within seconds, or when the training under way is done")


def _installation(data: Path | None) -> Installation:
    installation, variables = Installation.of(data, os.environ, Path.cwd())
    os.environ.update(variables)
    return installation


def _now() -> datetime:
    return datetime.now(UTC)
