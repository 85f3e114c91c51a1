"""Trains and judges a profile as of an earlier gate cut and with another seed, in a folder of its own.

The folder is a repository in small: the parameters with the moved cut and the seed, the tenants, the stages, and a link to what
was imported. All stages of the pipeline run in it, so prices, items and histories are as they were known at the moved cut.
Champions are left out: the question is how good the recipe is.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer
import yaml

from recommndr_training import one_process, params, stage_files, training_inputs
from recommndr_training.data import coded_lines
from recommndr_training.judging import evaluate
from recommndr_training.judging.gate_report import GateReport
from recommndr_training.judging.pooled import Run
from recommndr_training.params import DataParams
from recommndr_training.retrieval import kept_fits

FOLDER = Path("var/judge")
TARGET = "evaluate"
LEFT_OUT = ("champion_recipe", "champion")
SEEDED = ("als", "ranker", "tune")  # sections of params.yaml with a seed
_LOG = "stages.log"
_STARTED_FROM = "judged_from.txt"  # written when a run has ended
_SPLIT = "split"  # writes what the stages after it learn from


class NotJudged(RuntimeError):
    """A window cannot be judged; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Window:
    """A gate period; number 1 is the profile's own."""

    number: int
    cut: datetime


def windows(data: DataParams, n: int) -> list[Window]:
    """The gate period and those before it, each a label horizon earlier; raises `NotJudged` where the data are too short."""
    horizon = timedelta(days=data.policy.label_horizon_days)
    possible = max(int((data.gate_cut - data.since) / horizon), 1)
    if n > possible:
        raise NotJudged(
            f"{n} windows of {horizon.days} days: {data.tenant}'s data before its gate cut have room for {possible}"
        )
    return [Window(place + 1, data.gate_cut - place * horizon) for place in range(n)]


def moved(values: dict[str, Any], profile: str, cut: datetime, seed: int) -> dict[str, Any]:
    """The content of `params.yaml` with another gate cut and seed for this profile; other profiles are not in it."""
    section = dict(values["profiles"][profile])
    tenant = section["tenant"]
    seeded = {name: {**(section[name] or {}), "seed": seed} for name in SEEDED if name in section}
    dataset = {**values["datasets"][tenant], "gate_cut": cut.isoformat()}
    return {"datasets": {tenant: dataset}, "profiles": {profile: {**section, **seeded}}}


def stages(profile: str) -> list[str]:
    """The stages of one run, in their order."""
    return [name for name in one_process.names(profile, TARGET) if name not in LEFT_OUT]


def folder_of(profile: str, window: Window, seed: int, hidden: float = 0.0) -> Path:
    """The folder of a run."""
    return FOLDER / profile / f"window-{window.number}-seed-{seed}{'-hidden-items' if hidden else ''}"


def started_from(profile: str, window: Window, seed: int, hidden: float = 0.0) -> str:
    """Digest of what a run starts from: code, data, settings, cut and seed. The same start makes the same figures."""
    settings = moved(params.read_yaml(params.file_of(profile)), profile, window.cut, seed)
    parts = (
        training_inputs.of_code_and_data(profile, TARGET),
        yaml.safe_dump(settings),
        params.tenants_of(profile).read_text(),
        str(hidden),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def prepare(profile: str, window: Window, seed: int, hidden: float = 0.0) -> Path:
    """Make the folder of a run anew."""
    folder = folder_of(profile, window, seed, hidden)
    shutil.rmtree(folder, ignore_errors=True)
    own, fits = folder / params.profile_dir(profile), FOLDER / profile / kept_fits.FOLDER
    for needed in (own, fits):
        needed.mkdir(parents=True, exist_ok=True)
    for path in (params.tenants_of(profile), one_process.DVC_FILE):
        shutil.copyfile(path, folder / path)
    settings = params.file_of(profile)
    values = params.read_yaml(settings)
    (folder / settings).write_text(yaml.safe_dump(moved(values, profile, window.cut, seed)))
    (own / kept_fits.FOLDER).symlink_to(fits.resolve())  # what differs only in the seed of the trees fits nothing twice
    for path in (Path(given) for given in one_process.given(profile, TARGET)):
        if path.exists():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(path.resolve())
    return folder


def hide(directory: Path, share: float) -> int:
    """Remove all that happened before the cut to a random `share` of the items with events; returns the number of these items.

    They stay in the catalogue, so only what they are can speak for them.
    """
    path = directory / stage_files.TRAIN_LINES
    lines = coded_lines.read(path)
    item_ids = np.sort(lines["item_id"].unique().astype(str))
    hidden = np.random.default_rng(0).permutation(item_ids)[: round(share * len(item_ids))]
    coded_lines.write(lines[~lines["item_id"].isin(hidden)], path)
    return len(hidden)


def run(
    profile: str, window: Window, seed: int, advance: Callable[[int], None], hidden: float = 0.0, *, force: bool = False
) -> Run:
    """Train and judge; raises `NotJudged` when a stage refuses. What stages print goes to a file in the run's folder.

    A run that ended is kept: it is read again as long as it would start from the same, unless `force`.
    `hidden` is the share of items of which all interactions are hidden from training.
    """
    kept, start = folder_of(profile, window, seed, hidden), started_from(profile, window, seed, hidden)
    if not force and (kept / _STARTED_FROM).exists() and (kept / _STARTED_FROM).read_text() == start:
        advance(len(stages(profile)))
        return read(kept / params.profile_dir(profile), window, seed)
    folder = prepare(profile, window, seed, hidden)
    with (folder / _LOG).open("w") as log, chdir(folder), redirect_stdout(log):
        try:
            for stage, _ in _stages_run(profile):
                if stage == _SPLIT and hidden:
                    hide(params.profile_dir(profile), hidden)
                advance(1)
        except typer.Exit as cause:
            where = f"window {window.number} (gate cut {window.cut:%Y-%m-%d %H:%M}), seed {seed}"
            raise NotJudged(
                f"{where}: a stage refused, see the message above; what stages said is in {folder / _LOG}"
            ) from cause
    (folder / _STARTED_FROM).write_text(start)
    return read(folder / params.profile_dir(profile), window, seed)


def _stages_run(profile: str) -> Iterator[tuple[str, float]]:
    return one_process.run(profile, TARGET, without=LEFT_OUT)


def read(directory: Path, window: Window, seed: int) -> Run:
    """The figures that `evaluate` wrote below a profile's folder."""
    report = GateReport.from_json(stage_files.load_json(directory / evaluate.GATE_REPORT))
    segments = {name: found["segments"] for name, found in stage_files.load_json(directory / evaluate.METRICS).items()}
    return Run(window.number, seed, report.methods, pd.read_parquet(directory / evaluate.BY_SHOPPER), segments)
