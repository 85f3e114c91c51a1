"""`recommndr train`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from recommndr_training import one_process, params
from recommndr_training.console import Profile, explained
from recommndr_training.dvc_run import UNCHANGED, PipelineFailed, reproduce
from recommndr_training.params import BadParams
from recommndr_training.shipping import stage_times


def train(
    profile: Profile = "small",
    force: Annotated[bool, typer.Option(help="Run every stage again.")] = False,
    in_one_process: Annotated[
        bool, typer.Option("--one-process", help="Run every stage in this process, without DVC: quicker for a small shop.")
    ] = False,
) -> None:
    """Run the pipeline of a profile up to its bundle (`dvc repro bundle@PROFILE`); unchanged stages are not run again."""
    with explained(PipelineFailed, one_process.NotInOneProcess):
        if profile not in params.profiles():
            raise BadParams(f"no profile {profile!r}: expected one of {', '.join(params.profiles())}")
        ran = one_process.run(profile, "bundle") if in_one_process else reproduce(f"bundle@{profile}", force=force)
        for stage, seconds in ran:
            typer.echo(f"{stage:<24}{seconds:8.1f} s")
            if not stage.endswith(UNCHANGED):
                stage_times.note(params.profile_dir(profile), stage.partition("@")[0], datetime.now(UTC), seconds)
        typer.echo(f"bundle: {params.profile_dir(profile) / 'bundle'}")
