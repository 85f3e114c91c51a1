"""`recommndr`: what an engineer does by hand, and the demo by itself. Errors say what is wrong and what to do about it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from recommndr import settings as settings_module
from recommndr.bundle import BundleRefused
from recommndr.identity import check_tenant
from recommndr.settings import Settings, UnknownSetting
from recommndr.tenancy import hash_key, new_server_key
from recommndr_training import params, seed
from recommndr_training.dvc_run import PipelineFailed, reproduce
from recommndr_training.params import BadParams
from recommndr_training.seed_publisher import HISTORY_ONLY, Generation, KafkaSeedLog, SeedsNotPublished, publish
from recommndr_training.time_shift import weeks_to_now

app = typer.Typer(help="Recommndr: train, register and seed a tenant.", no_args_is_help=True, add_completion=False)
_ERRORS = Console(stderr=True)
_KNOWN_ERRORS: tuple[type[Exception], ...] = (
    BadParams,
    BundleRefused,
    FileNotFoundError,
    PipelineFailed,
    SeedsNotPublished,
    UnknownSetting,
    ValidationError,
)

Profile = Annotated[str, typer.Option(help="Profile of params.yaml: tiny (a sample) or small (all of grocer).")]


@app.command()
def train(profile: Profile = "small", force: Annotated[bool, typer.Option(help="Run every stage again.")] = False) -> None:
    """Run the pipeline of a profile up to its bundle (`dvc repro bundle@PROFILE`); unchanged stages are not run again."""
    with _explained():
        if profile not in params.profiles():
            raise BadParams(f"no profile {profile!r}: expected one of {', '.join(params.profiles())}")
        for stage, seconds in reproduce(f"bundle@{profile}", force=force):
            typer.echo(f"{stage:<24}{seconds:8.1f} s")
        typer.echo(f"bundle: {params.profile_dir(profile) / 'bundle'}")


@app.command()
def register(profile: Profile = "small") -> None:
    """Register a profile's bundle with the installation's MLflow (RECOMMNDR_MLFLOW_URI); prints the version as JSON."""
    # By itself MLflow tries for four minutes, without a word, before it says that there is no server.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    # Importing MLflow takes two seconds, which the other commands need not wait for.
    from recommndr_training import register as stage  # noqa: PLC0415

    with _explained(stage.NotRegistered):
        registry = stage.Registry(_settings().mlflow_uri)
        version = stage.register(stage.bundle_dir(profile), registry, profile, datetime.now(UTC))
        typer.echo(json.dumps(asdict(version)))


@app.command("seed")
def seed_command(
    profile: Profile = "small",
    publish_: Annotated[
        bool, typer.Option("--publish", help="Write the seeds to Kafka; without it only say what would be.")
    ] = False,
) -> None:
    """Start live state from history: write a profile's seeds, shifted by whole weeks to now, to recommndr.seeds.v1."""
    with _explained():
        data, now = params.data(), datetime.now(UTC)
        seeds = seed.read(seed.seed_path(profile))
        shift = weeks_to_now(data.gate_cut, now)
        plan = {"tenant": data.tenant, "seeds": len(seeds.rows), "shift_weeks": shift // timedelta(weeks=1)}
        if publish_:
            bootstrap = _settings().kafka_bootstrap
            generation = Generation(data.tenant, int(now.timestamp() * 1000), HISTORY_ONLY, shift.total_seconds())
            _publish(bootstrap, seeds, generation)
            plan |= {"generation": generation.number}
        typer.echo(json.dumps(plan | {"published": publish_}))


@app.command()
def key(tenant: Annotated[str, typer.Option(help="Whose key.")] = "grocer") -> None:
    """Make a new server key: the key itself for the shop, its hash for the tenants file. It is shown once and kept nowhere."""
    with _explained(ValueError):
        server_key = new_server_key(check_tenant(tenant))
        typer.echo(f"key:    {server_key}")
        typer.echo("in the tenants file, under the tenant's `keys:`:")
        typer.echo(f'- {{sha256: "{hash_key(server_key)}", scopes: [read, events, catalogue, admin]}}')


def _publish(bootstrap: str, seeds: seed.SeedFile, generation: Generation) -> None:
    log = KafkaSeedLog(bootstrap)
    try:
        with _progress("seeds", len(seeds.rows)) as advance:
            publish(log, seeds, generation, advance)
    finally:
        log.close()


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_ERRORS) as progress:
        task = progress.add_task(what, total=total)
        yield lambda n: progress.advance(task, n)


def _settings() -> Settings:
    return settings_module.load(os.environ)


@contextmanager
def _explained(*more: type[Exception]) -> Iterator[None]:
    """Known errors as one message and exit status 1; anything else is a bug and keeps its traceback."""
    try:
        yield
    except (*_KNOWN_ERRORS, *more) as cause:
        _ERRORS.print(f"[red]error:[/] {escape(str(cause))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from cause


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
