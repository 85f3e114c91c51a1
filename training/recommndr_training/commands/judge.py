"""`recommndr judge`."""

from typing import Annotated

import typer

from recommndr_training import one_process, params
from recommndr_training.console import Profile, explained, progress
from recommndr_training.params import BadParams


def judge(
    profile: Profile = "small",
    windows: Annotated[int, typer.Option(min=1, max=12, help="Gate windows: the gate, and others a horizon earlier each.")] = 2,
    seeds: Annotated[int, typer.Option(min=1, max=10, help="Trainings of each window, with other random numbers.")] = 3,
    hide_items: Annotated[
        float,
        typer.Option(min=0.0, max=0.5, help="Also train once with this share of items hidden, to see how they are found."),
    ] = 0.0,
    force: Annotated[bool, typer.Option(help="Train again what an earlier `judge` has trained from the same.")] = False,
) -> None:
    """Train and judge a profile at several gate cuts with several seeds; report what ships against every method, pooled.

    Nothing of the profile changes: each training has a folder of its own below var/judge. A training that ended is kept, so the
    command goes on where it was interrupted, until code, data or settings change.
    """
    # What trains takes seconds to import, which the other commands need not wait for.
    from recommndr_training import stage_files  # noqa: PLC0415
    from recommndr_training.judging import gate, pooled_report, window_run  # noqa: PLC0415

    with explained(window_run.NotJudged, one_process.NotInOneProcess):
        if profile not in params.profiles():
            raise BadParams(f"no profile {profile!r}: expected one of {', '.join(params.profiles())}")
        asked = window_run.windows(params.data(profile), windows)
        n_runs = windows * seeds + bool(hide_items)
        with progress(f"{n_runs} trainings", n_runs * len(window_run.stages(profile))) as advance:
            runs = [window_run.run(profile, window, seed, advance, force=force) for window in asked for seed in range(seeds)]
            unseen = window_run.run(profile, asked[0], 0, advance, hide_items, force=force) if hide_items else None
        found = pooled_report.figures(runs, asked, gate.GatePolicy().n_draws)
        if unseen:
            found = pooled_report.with_hidden_items(found, unseen, hide_items)
        text, folder = pooled_report.markdown(profile, found), window_run.FOLDER / profile
        stage_files.save_json(folder / "figures.json", {"profile": profile, **found})
        (folder / "table.md").write_text(text)
    typer.echo(f"{text}\nreport: {folder / 'table.md'}, all figures: {folder / 'figures.json'}")
