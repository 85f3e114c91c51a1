"""A training in MLflow: one run with nested runs of its stages, the data it learnt from, and the parts of the model.

The run itself has the few figures that decide, so that versions can be compared at a glance; all others are in the nested run
`evaluate`.
"""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelStatus, Metric, Param, RunTag
from mlflow.models import Model
from mlflow.models.signature import ModelSignature
from mlflow.types import Schema, TensorSpec

from recommndr.bundle import Manifest
from recommndr.list_scope import SCOPES
from recommndr_engine.ranker import RANKER_FILE
from recommndr_training.shipping.trained_stages import StageOutput

EVALUATE = "evaluate"
PARTS = ("als", "ranker")
REPORTS_PATH = "reports"
_QUESTIONS = ("all", "new", "repeat", "cold")
_HEADLINES = ("ndcg@10", "ndcg@10_low", "ndcg@10_high", "recall@10")
_PARENT = "mlflow.parentRunId"
_MOST = 900  # metrics in one request; the server's limit is 1,000
_MOST_PARAMS = 90  # likewise


def metric_name(name: str) -> str:
    """A name that MLflow accepts.

    >>> metric_name("all.methods.als.ndcg@10")
    'all.methods.als.ndcg_at_10'
    """
    return re.sub(r"[^\w\-. /:]", "_", name.replace("@", "_at_"))


def headlines(manifest: Manifest) -> dict[str, float]:
    """The figures of what ships, by question: those that say whether a version is better."""
    methods = list(dict.fromkeys([manifest.method, *(manifest.method_of(scope) for scope in SCOPES)]))
    found: dict[str, float] = {}
    for question in _QUESTIONS:
        for method in reversed(methods) if question == "new" else methods:
            told = {name: manifest.metrics.get(f"{question}.methods.{method}.{name}") for name in _HEADLINES}
            if told["ndcg@10"] is not None:
                found |= {f"{question}.{name}": value for name, value in told.items() if value is not None}
                break
    return found


def write_stages(client: MlflowClient, run_id: str, manifest: Manifest, stages: Sequence[StageOutput]) -> None:
    """A nested run for each stage; that of `evaluate` has all figures of the manifest."""
    experiment_id = client.get_run(run_id).info.experiment_id
    known = stages if any(one.name == EVALUATE for one in stages) else [*stages, StageOutput(EVALUATE)]
    for stage in known:
        figures = {**stage.figures, **(manifest.metrics if stage.name == EVALUATE else {})}
        _write_stage(client, experiment_id, run_id, stage, figures)


def write_dataset(client: MlflowClient, run_id: str, manifest: Manifest) -> None:
    """The data that the version learnt from, as the run's input."""
    data = manifest.training_data
    columns = [{"name": one.name, "type": one.dtype} for one in manifest.ranker_columns]
    lake = {name: value for name, value in manifest.parameters.items() if name.startswith("lake.")}
    dataset = Dataset(
        name=f"{manifest.tenant} events",
        digest=data.sha256[:36],  # as long as MLflow allows
        source_type="code",
        source=json.dumps({"sha256": data.sha256, "since": data.since.isoformat(), "until": data.until.isoformat()} | lake),
        schema=json.dumps({"mlflow_colspec": [{"type": "float", "name": one["name"], "required": False} for one in columns]}),
        profile=json.dumps({"num_rows": data.n_lines, "num_users": data.n_users, "num_items": data.n_items}),
    )
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])


def write_parts(client: MlflowClient, run_id: str, directory: Path, manifest: Manifest) -> None:
    """The parts of the model as models of their own, with their signatures: ALS, and the ranker where one ships."""
    experiment_id = client.get_run(run_id).info.experiment_id
    for part in PARTS:
        files = [path for path in manifest.files if path.startswith(f"{part}/")]
        if not files:
            continue
        model = client.create_logged_model(
            experiment_id, f"{manifest.tenant}-{part}", run_id, {"part": part}, _settings(manifest, part), part
        )
        with tempfile.TemporaryDirectory() as folder:
            for path in files:
                (Path(folder) / Path(path).name).write_bytes((directory / path).read_bytes())
            _described(directory, manifest, part, run_id).save(str(Path(folder) / "MLmodel"))
            client.log_model_artifacts(model.model_id, folder)
        client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)


def _write_stage(
    client: MlflowClient, experiment_id: str, parent_id: str, stage: StageOutput, figures: Mapping[str, float]
) -> None:
    ended_ms = None if stage.time is None else round(stage.time.ended_at.timestamp() * 1e3)
    began_ms = None if stage.time is None or ended_ms is None else ended_ms - round(1e3 * stage.time.seconds)
    run = client.create_run(experiment_id, began_ms, {_PARENT: parent_id, "stage": stage.name}, stage.name)
    run_id, at_ms = run.info.run_id, began_ms or run.info.start_time
    seconds = {} if stage.time is None else {"seconds": stage.time.seconds}
    log_values(client, run_id, {**figures, **seconds}, stage.settings, at_ms)
    for report in stage.reports:
        client.log_artifact(run_id, str(report), REPORTS_PATH)
    client.set_terminated(run_id, end_time=ended_ms)


def log_values(
    client: MlflowClient, run_id: str, figures: Mapping[str, float], settings: Mapping[str, str], at_ms: int
) -> None:
    """Any number of figures and parameters, in requests that the server accepts."""
    metrics = [Metric(metric_name(name), value, at_ms, 0) for name, value in figures.items()]
    parameters = [Param(metric_name(name), value) for name, value in settings.items()]
    for first in range(0, max(len(metrics), 1), _MOST):
        client.log_batch(run_id, metrics=metrics[first : first + _MOST])
    for first in range(0, len(parameters), _MOST_PARAMS):
        client.log_batch(run_id, params=parameters[first : first + _MOST_PARAMS])


def weight_tags(manifest: Manifest) -> list[RunTag]:
    """The retrievers' weights."""
    return [RunTag(f"weight.{name}", str(value)) for name, value in manifest.weights.items()]


def _settings(manifest: Manifest, part: str) -> dict[str, str]:
    return {name: str(value) for name, value in manifest.parameters.items() if name.startswith(f"{part}.")}


def _described(directory: Path, manifest: Manifest, part: str, run_id: str) -> Model:
    """MLflow's description of a part: how to load it, and what goes in and comes out."""
    float32 = np.dtype(np.float32)
    if part == "ranker":
        n_columns = len(manifest.ranker_columns)
        signature = ModelSignature(Schema([TensorSpec(float32, (-1, n_columns))]), Schema([TensorSpec(float32, (-1, 1))]))
        described = Model(
            run_id=run_id, signature=signature, metadata={"columns": [one.name for one in manifest.ranker_columns]}
        )
        described.add_flavor("onnx", data=Path(RANKER_FILE).name, onnx_version="1", code=None)
        return described
    arrays = {path.stem: np.load(path, mmap_mode="r") for path in sorted((directory / part).glob("*.npy"))}
    factors = next((array for array in arrays.values() if array.ndim == 2), None)
    shape = (-1, -1) if factors is None else (-1, int(factors.shape[1]))
    signature = ModelSignature(
        Schema([TensorSpec(float32, shape, "user_factors")]), Schema([TensorSpec(float32, (-1, -1), "scores")])
    )
    described = Model(run_id=run_id, signature=signature, metadata={name: list(array.shape) for name, array in arrays.items()})
    described.add_flavor("recommndr", part=part, arrays=sorted(arrays))
    return described
