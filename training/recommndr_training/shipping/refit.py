"""Stage refit: what ships. The recipe that the gate judges is fitted once more, on everything up to now.

The models of the stages before were fitted on events before the gate cut, so that the gate can judge them. Shipped like that,
they would be a label horizon old on their first day. The recipe is the retrievers that were fitted, their settings, and the
ranker's settings with the number of trees that tuning chose; its learning cuts go on to the end, one more than before. Nothing
is chosen here.

A profile whose gate period is replayed to a running shop must not learn it: `refit: {until: gate_cut}` ships the judged models.
"""

import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import typer

from recommndr_engine import retrievers
from recommndr_engine.ranker import RANKER_FILE
from recommndr_training import params, stage_files
from recommndr_training.console import explained
from recommndr_training.data import coded_lines, logins
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.known_items import known_before
from recommndr_training.data.split import split, write_train
from recommndr_training.judging.version_recipe import VersionRecipe
from recommndr_training.params import DataParams
from recommndr_training.ranking import ranker, ranker_refit
from recommndr_training.retrieval import kept_retrievers, retriever_fits
from recommndr_training.shipping import shipped
from recommndr_training.validation.refusal import Refused


def refit(profile: str, data: DataParams, directory: Path) -> float:
    """Fit the recipe of a profile's folder on everything; returns the instant where that ends."""
    lines = coded_lines.read(directory / "prepared/lines.parquet")
    items = pd.read_parquet(directory / "prepared/items.parquet")
    cut_s, out = shipped.end_s(lines, data), directory / shipped.DIRECTORY
    identified = logins.known_before(logins.read(directory / "prepared/logins.parquet"), cut_s)
    write_train(split(lines, cut_s, cut_s).train, identified, known_before(items, lines, cut_s), out)
    known, options = Interactions.read(out, data.policy), retriever_fits.options_of(profile)
    names = kept_retrievers.names(directory)
    for stage in retrievers.stages_of(names):
        retriever_fits.FITS[stage].write(known, cut_s, options[stage], out)
    if (directory / kept_retrievers.LEFT_OUT).exists():
        (out / kept_retrievers.LEFT_OUT).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(directory / kept_retrievers.LEFT_OUT, out / kept_retrievers.LEFT_OUT)
    if lost := set(names) - set(kept_retrievers.names(out)):
        raise Refused(f"with all data, {sorted(lost)[0]} cannot be fitted any more; the gate has judged lists with it")
    if (directory / RANKER_FILE).exists():
        ranker_refit.refit(profile, replace(data, gate_cut=datetime.fromtimestamp(cut_s, UTC)), directory, out)
    else:
        stage_files.save_parameters(out / ranker.PARAMETERS, {})
    return cut_s


def take_judged(directory: Path) -> None:
    """Ship the models that the gate judges, as they are."""
    for stage in (*retrievers.stages_of(kept_retrievers.names(directory)), "ranker"):
        shutil.copytree(directory / stage, directory / shipped.DIRECTORY / stage)
    for name in (stage_files.TRAIN_LINES, stage_files.TRAIN_LOGINS, stage_files.ITEMS):
        target = directory / shipped.DIRECTORY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(directory / name, target)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Write the models of a profile that ship."""
    data, directory = params.data(profile), params.profile_dir(profile)
    shutil.rmtree(directory / shipped.DIRECTORY, ignore_errors=True)
    cut_s = data.gate_cut_s
    with explained(Refused):
        if shipped.learns_gate_period(profile):
            cut_s = refit(profile, data, directory)
        else:
            take_judged(directory)
    stage_files.save_json(directory / shipped.UNTIL, {"until_s": cut_s})
    recipe = VersionRecipe.of_profile(profile, directory)
    stage_files.save_json(directory / shipped.RECIPE, asdict(recipe))
    typer.echo(f"the version that ships has learnt what was known before {shipped.until(profile):%Y-%m-%d %H:%M:%S} UTC")


if __name__ == "__main__":
    typer.run(main)
