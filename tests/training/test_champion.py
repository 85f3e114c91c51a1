"""A challenger is judged by the champion's recipe, trained at the same cut; a recipe that is no better is not registered."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from recommndr.bundle import BundleRefused
from recommndr_engine import bundle_files
from recommndr_training import stage_files
from recommndr_training.judging import champion, evaluate
from recommndr_training.judging.gate_report import GateReport
from recommndr_training.judging.version import CHAMPION_STATE
from recommndr_training.judging.version_recipe import VersionRecipe
from recommndr_training.ranking import ranker_refit
from recommndr_training.shipping import bundle, champion_recipe, refit, register, seed
from recommndr_training.shipping.register import Registry, local_registry
from recommndr_training.shipping.shipped import RECIPE_FILE
from recommndr_training.shipping.trained_stages import CARD_FILE
from tests.training.test_odd_shops import ENOUGH, FITS, TENANT, trained_copy

# MLflow's tables under the newest SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a profile whose first version is trained."""
    return trained_copy(ENOUGH, tmp_path_factory) / "var" / TENANT


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return local_registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture
def champion_of(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, with the bundle's own recipe as the champion's."""
    monkeypatch.chdir(trained.parents[1])
    recipe = {"recipe": stage_files.load_json(trained / "bundle" / RECIPE_FILE), "method": "ranker", "scope_methods": {}}
    stage_files.save_json(trained / stage_files.CHAMPION_RECIPE, recipe)
    return trained


def changed(trained: Path, **sections: object) -> None:
    """Settings of the challenger from now on."""
    path = trained.parents[1] / "params.yaml"
    known = yaml.safe_load(path.read_text())
    known["profiles"][TENANT] |= sections
    path.write_text(yaml.safe_dump(known))


def test_the_recipe_of_a_registered_version_is_found_again(trained: Path, registry: Registry) -> None:
    register.register(trained / "bundle", registry, "odd", NOW)
    _, found = champion_recipe.champion(registry, TENANT, "odd") or (None, {})
    assert found["method"] == bundle_files.read_manifest(trained / "bundle").method
    recipe = VersionRecipe.from_json(found["recipe"])
    assert recipe.options["als"]["n_factors"] == 4
    assert recipe.ranker is not None and recipe.learnt is not None


def test_a_version_with_the_champions_settings_is_a_refresh(champion_of: Path) -> None:
    champion.main(TENANT)
    state = json.loads((champion_of / CHAMPION_STATE).read_text())
    assert not state["compared"] and "refresh" in state["why"]


def test_a_profile_without_a_champion_is_not_compared(champion_of: Path) -> None:
    stage_files.save_json(champion_of / stage_files.CHAMPION_RECIPE, {})
    champion.main(TENANT)
    state = json.loads((champion_of / CHAMPION_STATE).read_text())
    assert state == {"compared": False, "why": "no champion with a recipe"}


def test_a_recipe_that_todays_code_cannot_train_is_named(champion_of: Path) -> None:
    found = stage_files.load_json(champion_of / stage_files.CHAMPION_RECIPE)
    for part in ("options", "settings"):
        found["recipe"][part]["als"]["n_clouds"] = 3
    stage_files.save_json(champion_of / stage_files.CHAMPION_RECIPE, found)
    champion.main(TENANT)
    state = json.loads((champion_of / CHAMPION_STATE).read_text())
    assert not state["compared"] and "n_clouds" in state["why"]


def test_the_champion_is_trained_at_the_cut_by_its_own_recipe_and_judges_the_challenger(champion_of: Path) -> None:
    changed(champion_of, als={"n_factors": 3, "n_iterations": 2})
    next(fit for fit in FITS if fit.__name__.endswith(".als")).main(TENANT)
    champion.main(TENANT)
    state = json.loads((champion_of / CHAMPION_STATE).read_text())
    assert state == {"compared": True, "method": "ranker", "scope_methods": {}}
    factors = [np.load(folder / "als" / "item_factors.npy") for folder in (champion_of, champion_of / "champion")]
    assert [each.shape[1] for each in factors] == [3, 4]
    evaluate.main(TENANT)
    report = json.loads((champion_of / "evaluate" / "gate.json").read_text())
    names = {check["name"] for check in report["checks"]}
    assert {"champion.all.no_loss", "champion.new.no_loss", "champion.gain"} <= names
    assert {"variety.coverage", "variety.diversity", "variety.novelty"} <= names
    assert not report["passed"]  # other settings that are not better outside the interval
    for stage in (refit, seed, bundle):
        stage.main(TENANT)
    card = (champion_of / "bundle" / CARD_FILE).read_text()
    assert "**refused by the gate**: better than the champion outside the interval" in card
    with pytest.raises(BundleRefused, match="must be for one at least"):
        register.check_gate(champion_of / "bundle", bundle_files.read_manifest(champion_of / "bundle"))

    state["scope_methods"] = {"discover": "popularity", "unseen": "popularity"}
    stage_files.save_json(champion_of / CHAMPION_STATE, state)
    evaluate.main(TENANT)
    assert minus_champion_of_new(champion_of) == f"{popularity_is_behind(champion_of):+.4f}"


def minus_champion_of_new(directory: Path) -> str:
    """What the gate found for new items."""
    checks = json.loads((directory / "evaluate" / "gate.json").read_text())["checks"]
    (finding,) = (check["finding"] for check in checks if check["name"] == "champion.new.no_loss")
    return finding.partition("the champion's is ")[2].split()[0]


def popularity_is_behind(directory: Path) -> float:
    """By how much popularity, which champion and challenger share, is behind the challenger's lists of new items."""
    report = GateReport.from_json(json.loads((directory / "evaluate" / "gate.json").read_text()))
    by_shopper = pd.read_parquet(directory / evaluate.BY_SHOPPER)
    new = by_shopper[by_shopper["requests"] == "new"]
    return float((new[report.methods["new"]] - new["popularity"]).mean())


def test_the_champion_learns_from_as_many_cuts_as_it_says(champion_of: Path) -> None:
    recipe = VersionRecipe.from_json(stage_files.load_json(champion_of / stage_files.CHAMPION_RECIPE)["recipe"])
    assert recipe.ranker is not None and recipe.ranker["max_cuts"] == 2
    assert ranker_refit.Recipe.from_json(recipe.learnt or {}).n_trees
