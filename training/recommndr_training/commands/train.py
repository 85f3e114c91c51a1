"""`recommndr train`."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from recommndr.audit_log import operator
from recommndr_training import one_process, params, training_inputs
from recommndr_training.commands.train_all import train_all
from recommndr_training.commands.train_tenant import train_tenant
from recommndr_training.console import Profile, explained
from recommndr_training.dvc_run import UNCHANGED, PipelineFailed, reproduce
from recommndr_training.params import BadParams
from recommndr_training.retraining.installation import Installation
from recommndr_training.retraining.pool_run import Limits
from recommndr_training.shipping import stage_times

_TARGET = "bundle"


def train(  # noqa: PLR0913 the options of a command
    profile: Profile = "small",
    *,
    tenant: Annotated[
        str | None,
        typer.Option(
            help="Instead of a profile: a shop of an installation, trained on its lake, then registered and released."
        ),
    ] = None,
    tenants: Annotated[
        str | None, typer.Option(help="As --tenant for several: `all`, or names with commas; those with new events only.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="With --tenants: how many trainings at once.", min=1)] = 1,
    max_minutes: Annotated[float, typer.Option(help="With --tenants: a training that takes longer is ended.", min=0)] = 120.0,
    data: Annotated[
        Path | None,
        typer.Option(help="With --tenant: folder of `recommndr serve`; by default the installation that RECOMMNDR_… names."),
    ] = None,
    lake_version: Annotated[
        int | None, typer.Option(help="With --tenant: as of this version of the lake's events; by default the newest.")
    ] = None,
    register_only: Annotated[
        bool, typer.Option("--register-only", help="With --tenant: do not release the version that the gate passed.")
    ] = False,
    by: Annotated[str, typer.Option(help="With --tenant: name for the audit log; by default that of your account.")] = "",
    force: Annotated[bool, typer.Option(help="Run every stage again.")] = False,
    in_one_process: Annotated[
        bool,
        typer.Option(
            "--one-process",
            help="Run the stages in this process, without DVC: quicker, but when anything changed all of them run again.",
        ),
    ] = False,
) -> None:
    """Run the pipeline of a profile up to its bundle (`dvc repro bundle@PROFILE`); what did not change is not run again.

    With --tenant it learns what has happened in a running shop, and ends with a release: gate, registry, record, audit log.
    """
    if tenant is not None or tenants is not None:
        _, variables = Installation.of(data, os.environ, Path.cwd())
        os.environ.update(variables)  # the stages and the command of releases read them there
        if tenant is not None:
            train_tenant(tenant, lake_version, by or operator(), release=not register_only)
        elif tenants is not None:
            train_all(tenants, jobs, Limits(max_s=60.0 * max_minutes), by or operator())
        return
    with explained(PipelineFailed):
        if profile not in params.profiles():
            raise BadParams(f"no profile {profile!r}: expected one of {', '.join(params.profiles())}")
        alone = in_one_process or params.is_added(profile)  # DVC knows the profiles of params.yaml only
        ran = _in_one_process(profile, force) if alone else reproduce(f"{_TARGET}@{profile}", force=force)
        for stage, seconds in ran:
            typer.echo(f"{stage:<24}{seconds:8.1f} s")
            if not stage.endswith(UNCHANGED):
                stage_times.note(params.profile_dir(profile), stage.partition("@")[0], datetime.now(UTC), seconds)
        typer.echo(f"bundle: {params.profile_dir(profile) / 'bundle'}")


def _in_one_process(profile: str, force: bool) -> Iterator[tuple[str, float]]:
    """Imports and simulations that are missing are made by DVC: no module of training runs them."""
    for stage in one_process.missing(profile, _TARGET):
        yield from reproduce(f"{stage}@{profile}")
    if not force and training_inputs.unchanged(profile, _TARGET):
        yield f"{_TARGET}{UNCHANGED}", 0.0
        return
    yield from one_process.run(profile, _TARGET)
    training_inputs.keep(profile, _TARGET)
