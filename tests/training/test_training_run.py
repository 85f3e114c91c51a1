"""What a data scientist finds in MLflow: the training with its stages, its data, its figures, and the parts of the model."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mlflow
import numpy as np
import onnxruntime
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from typer.testing import CliRunner

from recommndr.bundle import MANIFEST
from recommndr_engine import bundle_files
from recommndr_training.cli import app
from recommndr_training.commands import train as train_command
from recommndr_training.shipping import stage_times, trained_stages
from recommndr_training.shipping.register import RegisteredVersion, Registry, local_registry, register
from recommndr_training.shipping.trained_stages import CARD_FILE, StageOutput
from recommndr_training.shipping.training_run import log_values
from tests.engine.bundles import WrittenBundle, write_bundle
from tests.training.test_register import judged

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CARD = "# Model card: grocer\n\nLearnt from much.\n"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return local_registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture(scope="module")
def client(registry: Registry) -> MlflowClient:
    return MlflowClient(registry.tracking_uri, registry.tracking_uri)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenBundle:
    bundle = write_bundle(tmp_path_factory.mktemp("bundle") / "bundle")
    (bundle.directory / CARD_FILE).write_text(CARD)
    return judged(bundle)


@pytest.fixture(scope="module")
def version(registry: Registry, written: WrittenBundle, tmp_path_factory: pytest.TempPathFactory) -> RegisteredVersion:
    reports = tmp_path_factory.mktemp("tune") / "table.md", tmp_path_factory.mktemp("validate") / "report.json"
    for report in reports:
        report.write_text("{}")
    time = stage_times.StageTime(ended_at=NOW, seconds=12.5)
    stages = [
        StageOutput("validate", {}, {"lines": 1_000.0}, (reports[1],)),
        StageOutput("tune", {"als.factors": "64"}, {"best@10": 0.4}, (reports[0],), time),
        StageOutput("evaluate", {"n_session_requests": "100"}),
    ]
    return register(written.directory, registry, "tiny", NOW, stages)


def nested(client: MlflowClient, version: RegisteredVersion) -> dict[str, Run]:
    experiment_id = client.get_run(version.run_id).info.experiment_id
    found = client.search_runs([experiment_id], f"tags.mlflow.parentRunId = '{version.run_id}'")
    return {run.data.tags["stage"]: run for run in found}


def test_each_stage_is_a_nested_run_with_its_settings_figures_and_reports(
    client: MlflowClient, version: RegisteredVersion
) -> None:
    stages = nested(client, version)
    assert set(stages) == {"validate", "tune", "evaluate"}
    tune = stages["tune"]
    assert (tune.data.params, tune.data.metrics) == ({"als.factors": "64"}, {"best_at_10": 0.4, "seconds": 12.5})
    assert [found.path for found in client.list_artifacts(tune.info.run_id, "reports")] == ["reports/table.md"]
    assert [found.path for found in client.list_artifacts(stages["validate"].info.run_id, "reports")] == ["reports/report.json"]
    assert tune.info.end_time - tune.info.start_time == 12_500
    assert tune.info.end_time == round(NOW.timestamp() * 1e3)


def test_the_many_figures_are_apart_from_the_few_that_decide(
    client: MlflowClient, version: RegisteredVersion, written: WrittenBundle
) -> None:
    all_figures = nested(client, version)["evaluate"].data.metrics
    assert set(all_figures.values()) == set(written.manifest.metrics.values())
    assert set(client.get_run(version.run_id).data.metrics) == {"all.ndcg_at_10", "all.ndcg_at_10_low"}


def test_the_version_is_described_by_its_model_card(client: MlflowClient, version: RegisteredVersion) -> None:
    assert client.get_model_version(version.model, str(version.model_version)).description == CARD
    assert client.get_run(version.run_id).data.tags["mlflow.note.content"] == CARD


def test_the_run_names_its_data_by_their_hash_and_the_columns_of_the_ranker(
    client: MlflowClient, version: RegisteredVersion, written: WrittenBundle
) -> None:
    (given,) = client.get_run(version.run_id).inputs.dataset_inputs
    data = written.manifest.training_data
    assert data.sha256.startswith(given.dataset.digest)
    assert json.loads(given.dataset.source)["sha256"] == data.sha256
    assert json.loads(given.dataset.profile)["num_rows"] == data.n_lines
    columns = [one["name"] for one in json.loads(given.dataset.schema)["mlflow_colspec"]]
    assert columns == [one.name for one in written.manifest.ranker_columns]


def test_the_parts_of_the_model_are_models_with_signatures_and_the_ranker_can_be_asked(
    client: MlflowClient, registry: Registry, version: RegisteredVersion, written: WrittenBundle
) -> None:
    experiment_id = client.get_run(version.run_id).info.experiment_id
    parts = {one.tags["part"]: one for one in client.search_logged_models([experiment_id])}
    assert set(parts) == {"als", "ranker"}
    assert {one.source_run_id for one in parts.values()} == {version.run_id}
    mlflow.set_tracking_uri(registry.tracking_uri)
    try:
        told = mlflow.models.get_model_info(parts["ranker"].model_uri)
        ranker = mlflow.onnx.load_model(parts["ranker"].model_uri)
    finally:
        mlflow.set_tracking_uri(None)
    n_columns = len(written.manifest.ranker_columns)
    assert told.signature.inputs.inputs[0].shape == (-1, n_columns)
    session = onnxruntime.InferenceSession(ranker.SerializeToString())
    (scores, *_) = session.run(None, {session.get_inputs()[0].name: np.zeros((3, n_columns), np.float32)})
    assert np.shape(scores)[0] == 3


def test_more_values_than_a_server_takes_at_once_are_written_in_parts(client: MlflowClient, registry: Registry) -> None:
    experiment_id = client.create_experiment("many", registry.artifact_location)
    run = client.create_run(experiment_id)
    log_values(client, run.info.run_id, {f"m{n}": n for n in range(2_100)}, {f"p{n}": str(n) for n in range(250)}, 0)
    found = client.get_run(run.info.run_id).data
    assert (len(found.metrics), len(found.params)) == (2_100, 250)


def test_what_stages_left_is_read_from_their_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[2]
    for name in ("params.yaml", "tenants.yaml"):
        (tmp_path / name).write_text((root / name).read_text())
    monkeypatch.chdir(tmp_path)
    for path, content in (
        ("ranker/parameters.json", '{"ranker.n_trees": 60}'),
        ("ranker/report.json", '{"tuning": {"ndcg@10": 0.3, "note": "x"}}'),
        ("ranker/ablation.png", "a plot"),
        ("ranker_checks/sizes.md", "a table"),
        ("validate/report.json", '{"lines": 5, "passed": true}'),
        ("evaluate/metrics.json", '{"all": {"n": 1}}'),
        ("evaluate/table.md", "a table"),
    ):
        (tmp_path / "var/tiny" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "var/tiny" / path).write_text(content)
    stage_times.note(tmp_path / "var/tiny", "validate", NOW, 3.0)
    found = {one.name: one for one in trained_stages.stages("tiny")}
    ranker, validate = found["ranker"], found["validate"]
    assert ranker.settings["ranker.n_trees"] == "60" and ranker.settings["max_cuts"] == "4"
    assert ranker.figures == {"tuning.ndcg@10": 0.3}
    assert [path.name for path in ranker.reports] == ["ablation.png", "report.json", "sizes.md"]
    assert (validate.figures, validate.time) == (
        {"lines": 5.0, "passed": 1.0},
        stage_times.StageTime(ended_at=NOW, seconds=3.0),
    )
    assert [path.name for path in found["evaluate"].reports] == ["table.md"]


def test_train_notes_when_each_stage_ran_and_keeps_the_times_of_those_that_did_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params.yaml").write_text("profiles: {tiny: {tenant: grocer}}\n")
    (tmp_path / "var/tiny").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    first = [("tune@tiny", 4.0), ("als@tiny", 2.0)]
    monkeypatch.setattr(train_command, "reproduce", lambda *_, **__: iter(first))
    assert CliRunner().invoke(app, ["train", "--profile", "tiny"]).exit_code == 0
    before = stage_times.read(Path("var/tiny"))
    assert {name: one.seconds for name, one in before.items()} == {"tune": 4.0, "als": 2.0}
    again = [("tune@tiny (unchanged)", 0.0), ("als@tiny", 3.0)]
    monkeypatch.setattr(train_command, "reproduce", lambda *_, **__: iter(again))
    CliRunner().invoke(app, ["train", "--profile", "tiny"])
    after = stage_times.read(Path("var/tiny"))
    assert after["tune"] == before["tune"]
    assert after["als"].seconds == 3.0
    assert after["als"].ended_at > NOW - timedelta(days=10_000)


def test_a_bundle_without_a_card_says_so(registry: Registry, client: MlflowClient, tmp_path: Path) -> None:
    bundle = judged(write_bundle(tmp_path / "bundle", tenant="cardless"))
    assert not (bundle.directory / CARD_FILE).exists()
    version = register(bundle.directory, registry, "tiny", NOW)
    assert client.get_model_version(version.model, "1").description == "no model card in the bundle"
    assert set(nested(client, version)) == {"evaluate"}
    assert (
        bundle_files.read_manifest(bundle.directory).version == json.loads((bundle.directory / MANIFEST).read_text())["version"]
    )
