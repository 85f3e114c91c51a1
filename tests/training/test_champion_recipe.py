"""The champion is the version that serves; an installation's registry that does not answer stops the stage."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from mlflow import MlflowClient
from typer.testing import CliRunner

from recommndr.identity import TenantId
from recommndr.release import Placement, Release
from recommndr.settings import Settings, load
from recommndr_training import stage_files
from recommndr_training.judging.gate_report import GateReport
from recommndr_training.shipping import champion_recipe
from recommndr_training.shipping.champion_recipe import ALIAS, ChampionUnknown, champion, registry_of, released
from recommndr_training.shipping.register import Registry, local_registry, register
from recommndr_training.shipping.shipped import RECIPE_FILE
from tests.engine.bundles import with_scope_methods, write_bundle
from tests.training.test_register import judged

# MLflow's tables under the newest SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PARAMS = """
datasets:
  {tenant}: {{currency: EUR, since: "2026-01-01T00:00:00Z", until: "2026-02-20T00:00:00Z", gate_cut: "2026-02-01T00:00:00Z"}}
profiles: {{mine: {{tenant: {tenant}}}}}
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A real MLflow on a SQLite file; making one takes seconds, so tests use tenants of their own."""
    return local_registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    return str(abs(hash(request.node.name)) % 10**12).join(("t", ""))


def registered(registry: Registry, folder: Path, tenant: str, day: int, profile: str = "mine", recipe: bool = True) -> int:
    """A version with a recipe that names its day."""
    written = write_bundle(folder / f"bundle-{day}", tenant=tenant, until=datetime(2026, 2, day, tzinfo=UTC))
    if recipe:
        stage_files.save_json(written.directory / RECIPE_FILE, {"day": day})
    return register(judged(written).directory, registry, profile, NOW).model_version


def serves(state_dir: Path, tenant: str, model_version: int) -> None:
    """The installation's record says that this version serves."""
    stable = Placement(version="bundle", model_version=model_version, slot="blue")
    record = Release(tenant=TenantId(tenant), release_id="r", stable=stable)
    (state_dir / "releases").mkdir(parents=True)
    (state_dir / "releases" / f"{tenant}.json").write_text(record.model_dump_json())


def day_of(found: object) -> object:
    assert isinstance(found, tuple)
    return found[1]["recipe"]["day"]


def test_the_version_that_serves_is_the_champion_and_not_the_one_registered_last(
    registry: Registry, tmp_path: Path, tenant: str
) -> None:
    first, last = (registered(registry, tmp_path, tenant, day) for day in (1, 2))
    settings = Settings(mlflow_uri=registry.tracking_uri, state_dir=tmp_path / "state")
    serves(tmp_path / "state", tenant, first)
    assert last > first == released(settings, tenant)
    assert day_of(champion(registry_of(settings), tenant, "mine", first)) == 1


def test_a_registry_whose_release_records_are_out_of_sight_names_the_champion_by_its_alias(
    registry: Registry, tmp_path: Path, tenant: str
) -> None:
    first, _ = (registered(registry, tmp_path, tenant, day) for day in (1, 2))
    assert day_of(champion(registry, tenant, "mine")) == 2
    MlflowClient(registry.tracking_uri, registry.tracking_uri).set_registered_model_alias(
        f"recommndr-{tenant}", ALIAS, str(first)
    )
    assert day_of(champion(registry, tenant, "mine")) == 1


def test_before_a_release_the_newest_version_of_the_profile_counts(registry: Registry, tmp_path: Path, tenant: str) -> None:
    assert champion(registry, tenant, "mine") is None
    registered(registry, tmp_path, tenant, 1)
    registered(registry, tmp_path, tenant, 2, profile="another")
    assert day_of(champion(registry, tenant, "mine")) == 1


def test_a_champion_is_known_with_the_methods_of_its_scopes(registry: Registry, tmp_path: Path, tenant: str) -> None:
    plain = write_bundle(tmp_path / "plain", tenant=tenant)
    stage_files.save_json(plain.directory / RECIPE_FILE, {})
    other = with_scope_methods(plain, tmp_path / "other", {"discover": "als", "unseen": "als"})
    report = json.dumps(GateReport("ranker", (), new_method="als").to_json())
    for written, told in ((judged(plain), {}), (judged(other, report), {"discover": "als", "unseen": "als"})):
        register(written.directory, registry, "mine", NOW)
        found = champion(registry, tenant, "mine")
        assert found is not None
        assert (found[1]["method"], found[1]["scope_methods"]) == ("ranker", told)


def test_a_champion_from_before_recipes_were_kept_has_none(registry: Registry, tmp_path: Path, tenant: str) -> None:
    registered(registry, tmp_path, tenant, 1, recipe=False)
    found = champion(registry, tenant, "mine")
    assert found is not None and found[1] == {}


def test_without_a_registry_there_is_no_champion_and_none_is_made_to_find_out(tmp_path: Path, tenant: str) -> None:
    assert champion(local_registry(tmp_path), tenant, "mine") is None
    assert not list(tmp_path.iterdir())
    with pytest.raises(ChampionUnknown, match="RECOMMNDR_MLFLOW_URI"):
        champion(local_registry(tmp_path), tenant, "mine", serving=1)


def test_a_version_that_serves_and_is_not_registered_is_an_error(registry: Registry, tmp_path: Path, tenant: str) -> None:
    registered(registry, tmp_path, tenant, 1)
    with pytest.raises(ChampionUnknown, match="RECOMMNDR_MLFLOW_URI"):
        champion(registry, tenant, "mine", serving=7)


def test_a_release_record_that_cannot_be_read_is_an_error(tmp_path: Path, tenant: str) -> None:
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / f"{tenant}.json").write_text("{")
    with pytest.raises(ChampionUnknown, match="cannot be read"):
        released(Settings(mlflow_uri="http://127.0.0.1:9", state_dir=tmp_path), tenant)


def test_without_an_installation_the_local_registry_is_asked_and_no_record_counts(
    tmp_path: Path, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    serves(tmp_path / "state", tenant, 1)
    settings = load({"RECOMMNDR_STATE_DIR": str(tmp_path / "state")})
    assert registry_of(settings).tracking_uri.endswith("var/registry/mlflow.db")
    assert released(settings, tenant) is None


@pytest.fixture
def shop(tmp_path: Path, tenant: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a profile, with the installation's state beside it."""
    (tmp_path / "params.yaml").write_text(PARAMS.format(tenant=tenant))
    (tmp_path / "tenants.yaml").write_text(f"tenants: {{{tenant}: {{}}}}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECOMMNDR_STATE_DIR", str(tmp_path / "state"))
    return tmp_path


def run() -> tuple[int, str]:
    app = typer.Typer()
    app.command()(champion_recipe.main)
    outcome = CliRunner().invoke(app, ["--profile", "mine"])
    return outcome.exit_code, outcome.output


def test_the_stage_writes_the_recipe_of_the_installations_champion(
    registry: Registry, shop: Path, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = (registered(registry, shop, tenant, day) for day in (1, 2))
    serves(shop / "state", tenant, first)
    monkeypatch.setenv("RECOMMNDR_MLFLOW_URI", registry.tracking_uri)
    code, told = run()
    assert code == 0, told
    assert f"the champion is version 1 of recommndr-{tenant}" in told
    found = stage_files.load_json(shop / "var/mine" / stage_files.CHAMPION_RECIPE)
    assert found["recipe"] == {"day": 1}


def test_a_registry_that_cannot_be_reached_stops_the_stage_and_names_the_setting(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOMMNDR_MLFLOW_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    code, told = run()
    assert code == 1
    assert "RECOMMNDR_MLFLOW_URI: MLflow at http://127.0.0.1:9 did not tell" in told
    assert not (shop / "var/mine" / stage_files.CHAMPION_RECIPE).exists()
