"""`recommndr train`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from recommndr_training import one_process, params, training_inputs
from recommndr_training.console import Profile, explained
from recommndr_training.dvc_run import UNCHANGED, PipelineFailed, reproduce
from recommndr_training.params import BadParams
from recommndr_training.shipping import stage_times

_TARGET = "bundle"


def train(
    profile: Profile = "small",
    force: Annotated[bool, typer.Option(help="Run every stage again.")] = False,
    in_one_process: Annotated[
        bool,
        typer.Option(
            "--one-process",
            help="Run the stages in this process, without DVC: quicker, but when anything changed all of them run again.",
        ),
    ] = False,
) -> None:
    """Run the pipeline of a profile up to its bundle (`dvc repro bundle@PROFILE`); what did not change is not run again."""
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
