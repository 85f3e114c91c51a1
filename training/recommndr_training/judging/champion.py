"""Stage champion: the recipe of the version that serves, trained again at the gate cut with today's code.

Its served models have seen the gate period and would win by memory. Nothing is trained where the challenger has the same
settings: then it is a refresh, and both would be the same.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import typer

from recommndr_engine import retrievers
from recommndr_engine.retrievers import UnusableRetrievers
from recommndr_training import params, stage_files
from recommndr_training.data.interactions import Interactions
from recommndr_training.examples.asking import Asking
from recommndr_training.judging.version import CHAMPION, CHAMPION_STATE, RANKER_PARAMETERS
from recommndr_training.judging.version_recipe import VersionRecipe
from recommndr_training.params import DataParams
from recommndr_training.ranking import ranker_refit
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import Recipe
from recommndr_training.ranking.ranker_refit import Learning
from recommndr_training.retrieval import kept_retrievers, retriever_fits


def train(recipe: VersionRecipe, profile: str, data: DataParams, out: Path) -> None:
    """Write the models of a recipe, fitted on what was known before the gate cut; raises when today's code cannot."""
    directory = params.profile_dir(profile)
    for name in (stage_files.TRAIN_LINES, stage_files.TRAIN_LOGINS, stage_files.ITEMS):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(directory / name, out / name)
    known = Interactions.read(out, data.policy)
    own = retriever_fits.options_of(profile)
    options = {stage: type(own[stage])(**recipe.options[stage]) for stage in retrievers.stages_of(recipe.retrievers)}
    for stage, each in options.items():
        retriever_fits.FITS[stage].write(known, data.gate_cut_s, each, out)
    left_out = sorted(set(retrievers.found(out)) - set(recipe.retrievers))
    stage_files.save_json(out / kept_retrievers.LEFT_OUT, {"names": left_out})
    told: dict[str, float | int | str] = {}
    if recipe.ranker is not None and recipe.learnt is not None:
        learnt = Recipe.from_json(recipe.learnt)
        told = {f"ranker.{name}": getattr(learnt, name) for name in ("variant", "n_ranked")}
        told["ranker.share_of_negatives"] = recipe.ranker["share_of_negatives"]
        ranker_refit.write(
            Learning(recipe.retrievers, options, RankerParams(**recipe.ranker), learnt, Asking(**recipe.asking)), data, out
        )
    stage_files.save_parameters(out / RANKER_PARAMETERS, told)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Train the champion of a profile again, if it has another recipe."""
    data, directory = params.data(profile), params.profile_dir(profile)
    out, found = directory / CHAMPION, stage_files.load_json(directory / stage_files.CHAMPION_RECIPE)
    shutil.rmtree(out, ignore_errors=True)
    state: dict[str, object] = {"compared": False, "why": "no champion with a recipe"}
    if found:
        recipe = VersionRecipe.from_json(found["recipe"])
        if recipe.has_settings_of(VersionRecipe.of_profile(profile, directory)):
            state["why"] = "the champion has the same settings: this is a refresh"
        else:
            state = _trained(recipe, profile, data, out) | {"method": found["method"], "scope_methods": found["scope_methods"]}
    stage_files.save_json(directory / CHAMPION_STATE, state)
    typer.echo(state["why"] if not state["compared"] else f"the champion is trained again, until {_day(data.gate_cut_s)}")


def _trained(recipe: VersionRecipe, profile: str, data: DataParams, out: Path) -> dict[str, object]:
    try:
        train(recipe, profile, data, out)
    except (TypeError, KeyError, UnusableRetrievers) as cause:
        shutil.rmtree(out)
        return {"compared": False, "why": f"today's code cannot train the champion's recipe: {cause!r}"}
    return {"compared": True}


def _day(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M}"


if __name__ == "__main__":
    typer.run(main)
