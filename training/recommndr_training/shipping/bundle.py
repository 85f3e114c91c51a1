"""Stage bundle: collects the models that ship, writes the manifest, and answers the golden requests.

What ships was fitted again by stage refit. The judged models and the refitted ones are each asked for lists at the instant
where their data end. The gate's report in the bundle gets the comparison of the scores, and the cut at which the recipe was
judged.

The distributions of the refitted ranker's inputs at that instant are a file of the bundle: monitoring compares with them.

The same inputs give the same bytes, because no clock and no commit are part of it. `code_revision` is the digest of the code
that `dvc.yaml` declares as dependencies; the commit is a tag in the registry.
"""

import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import typer

from recommndr.bundle import MANIFEST, N_GOLDEN_REQUESTS, Manifest, RankerColumn, RouterThresholds, TrainingData
from recommndr.features import shopper
from recommndr.features.schema import Value
from recommndr.input_reference import REFERENCE_FILE, InputReference
from recommndr.list_scope import Scope
from recommndr.seed import GROUP_USER
from recommndr_engine import bundle_files, golden, retrievers
from recommndr_engine.bundle_items import ITEM_IDS_FILE
from recommndr_engine.columns import COLUMNS, place
from recommndr_engine.columns.column import Column
from recommndr_engine.columns.own import HABIT
from recommndr_engine.pipeline_config import RANKER
from recommndr_engine.ranker import RANKER_FILE
from recommndr_training import params, questions, stage_files
from recommndr_training.data import coded_lines
from recommndr_training.data.interactions import Interactions
from recommndr_training.judging.gate_report import REPORT_FILE, Check, GateReport
from recommndr_training.params import DataParams
from recommndr_training.ranking import read_columns
from recommndr_training.ranking.ranker_recipe import DEFAULT, VARIANTS
from recommndr_training.retrieval import kept_retrievers
from recommndr_training.shipping import bought_together, model_card, score_range, seed, shipped, source, trained_stages
from recommndr_training.shipping.bought_together import BoughtTogetherParams
from recommndr_training.shipping.own_instant import OwnInstant

_SERVED_SUFFIXES = (".npy", ".onnx")
# The ids of all rows are at the bundle's root, whichever stage wrote them.
_MOVED = {f"popularity/{ITEM_IDS_FILE}": ITEM_IDS_FILE}


@dataclass(frozen=True, slots=True)
class BundleParams:
    """The history length from which on retrievers are asked that need a longer history."""

    warm_events: int = 5


@dataclass(frozen=True, slots=True)
class Made:
    """Values of the manifest beside the list of files."""

    data: DataParams
    training_data: TrainingData
    code_revision: str
    parameters: Mapping[str, float | int | str]
    metrics: Mapping[str, float]
    router: RouterThresholds
    retrievers: Sequence[str]
    method: str  # what orders the lists, by the gate's report
    scope_methods: Mapping[Scope, str] = field(default_factory=dict)  # where it is another one
    columns: Sequence[Column] = ()  # what the ranker reads; none without a ranker

    @property
    def n_ranked(self) -> int | None:
        """How many candidates the ranker scores; None: all."""
        n = self.parameters.get("ranker.n_ranked")
        return None if n is None else int(n)


def collect(profile_dir: Path, into: Path, stages: Sequence[str]) -> None:
    """Copy the files that serving reads from each stage into an emptied `into`; raises `FileNotFoundError`."""
    shutil.rmtree(into, ignore_errors=True)
    for stage in stages:
        served = sorted(path for path in (profile_dir / stage).rglob("*") if path.suffix in _SERVED_SUFFIXES)
        if not served:
            raise FileNotFoundError(f"{profile_dir / stage}: no files to serve; run the stage {stage} first")
        for path in served:
            name = path.relative_to(profile_dir).as_posix()
            target = into / _MOVED.get(name, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def seal(directory: Path, made: Made, golden_shoppers: Sequence[dict[str, Value]]) -> Manifest:
    """Write golden requests and manifest into a directory of collected files; the bundle is complete after that."""
    draft = _manifest(directory, made)
    answered = golden.answer(directory, draft, golden_shoppers, made.training_data.until.timestamp())
    (directory / golden.GOLDEN_FILE).write_text(answered.to_json())
    manifest = _manifest(directory, made).sealed()
    (directory / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n")
    return manifest


def _manifest(directory: Path, made: Made) -> Manifest:
    return Manifest(
        tenant=made.data.tenant,
        code_revision=made.code_revision,
        training_data=made.training_data,
        files=bundle_files.file_entries(directory),
        ranker_columns=tuple(RankerColumn(name=column.name, default=column.unknown) for column in made.columns),
        parameters=dict(made.parameters),
        weights={name: retrievers.BLEND_WEIGHTS[name] for name in made.retrievers},
        kind_weights=tuple(made.data.policy.relative_weights().tolist()),
        target=made.data.policy.kind_code(made.data.policy.target_kind),
        router=made.router,
        retrievers=tuple(made.retrievers),
        method=made.method,
        scope_methods=dict(made.scope_methods),
        n_ranked=made.n_ranked,
        metrics=dict(made.metrics),
    )


def golden_shoppers(seed_file: Path, n: int = N_GOLDEN_REQUESTS) -> list[dict[str, Value]]:
    """Columns of `n` shoppers spread evenly over the known ones; the last one is unknown."""
    table = pq.read_table(seed_file, filters=[("group", "==", GROUP_USER)], columns=["state"])
    states = table["state"].to_pylist()
    chosen = [states[place * len(states) // (n - 1)] for place in range(n - 1)]
    return [*(shopper.columns(shopper.from_bytes(state)) for state in chosen), shopper.default_columns()]


def training_data(path: Path, until: datetime) -> TrainingData:
    """A description of the training data, from the train lines, which end at `until`."""
    lines = coded_lines.read(path, columns=["user_id", "item_id", "at_s"])
    return TrainingData(
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        since=datetime.fromtimestamp(lines["at_s"].min(), UTC),
        until=until,
        n_lines=len(lines),
        n_users=lines["user_id"].nunique(),
        n_items=lines["item_id"].nunique(),
    )


def code_revision(dvc_yaml: Path) -> str:
    """First 12 hex digits of the SHA-256 over the code that the pipeline declares as dependencies."""
    declared = {dependency for stage in _stages(dvc_yaml) for dependency in stage.get("deps", ())}
    digest = hashlib.sha256()
    for path in _sources(dvc_yaml.parent, declared):
        digest.update(f"{path.relative_to(dvc_yaml.parent).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _stages(dvc_yaml: Path) -> Iterable[dict[str, Any]]:
    for stage in params.read_yaml(dvc_yaml)["stages"].values():
        yield stage.get("do", stage)


def _sources(root: Path, declared: Iterable[str]) -> list[Path]:
    roots = [root / dependency for dependency in declared]
    return sorted({path for place in roots for path in ([place] if place.suffix == ".py" else place.rglob("*.py"))})


def shipped_figures(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Of `metrics.json` the figures of what ships and of the best single method: all together are a thousand numbers."""
    kept: dict[str, Any] = {}
    for name, found in figures.items():
        wanted = {found["ships"], found["best_single_on_tuning"]}
        segments = {
            segment: values | {"ndcg@10": _only(values["ndcg@10"], wanted)} for segment, values in found["segments"].items()
        }
        kept[name] = {**found, "methods": _only(found["methods"], wanted), "segments": segments}
    return kept


def _only(by_method: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    return {method: values for method, values in by_method.items() if method in wanted}


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested metrics in one level with names joined by dots; values that are not numbers are left out.

    >>> flat({"all": {"ndcg@10": 0.3}, "note": "x"})
    {'all.ndcg@10': 0.3}
    """
    numbers: dict[str, float] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            numbers |= flat(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            numbers[f"{prefix}{name}"] = float(value)
    return numbers


def compared(directory: Path, made: Made, ours: OwnInstant) -> list[Check]:
    """Checks of the refitted models against the judged ones below a profile's folder, each where its data end."""
    methods: dict[Scope, str] = {"mixed": made.method, **made.scope_methods}
    judged, refitted = OwnInstant.of(directory, made.data).scores(methods), ours.scores(methods)
    variant = VARIANTS[str(made.parameters.get("ranker.variant", DEFAULT))]
    return [
        check
        for scope, method in methods.items()
        for check in score_range.checks(judged[scope], refitted[scope], method == RANKER and variant.tells_odds, scope)
    ]


def _stages_with_files(directory: Path, names: Sequence[str]) -> tuple[str, ...]:
    stages = retrievers.stages_of(names)
    return (*stages, RANKER) if (directory / RANKER_FILE).exists() else stages


def narrow(directory: Path) -> npt.NDArray[np.intp]:
    """Leave the bundle's ranker only the columns that it or an answer reads; their places among all, none without a ranker."""
    if not (directory / RANKER_FILE).exists():
        return np.zeros(0, np.intp)
    model, places = read_columns.narrowed((directory / RANKER_FILE).read_bytes(), [place(name) for name in HABIT])
    (directory / RANKER_FILE).write_bytes(model)
    return places


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Build a profile's bundle."""
    data, directory, until = params.data(profile), params.profile_dir(profile), shipped.until(profile)
    settings = params.section(profile, "bundle")
    baskets = BoughtTogetherParams(**settings.pop("bought_together", {}))
    options = BundleParams(**settings)
    refitted, out = directory / shipped.DIRECTORY, directory / "bundle"
    names = kept_retrievers.names(directory)
    collect(refitted, out, _stages_with_files(refitted, names))
    read = narrow(out)
    bought_together.fit(Interactions.read(refitted, data.policy), baskets).write(out)
    report = GateReport.from_json(stage_files.load_json(directory / "evaluate" / REPORT_FILE))
    made = Made(
        data=data,
        training_data=training_data(refitted / stage_files.TRAIN_LINES, until),
        code_revision=code_revision(Path("dvc.yaml")),
        parameters=stage_files.load_parameters(refitted, (*retrievers.stages_of(names), RANKER)) | source.of(directory),
        metrics=flat(shipped_figures(stage_files.load_json(directory / "evaluate" / "metrics.json"))),
        router=RouterThresholds(warm_events=options.warm_events),
        retrievers=names,
        method=report.method,
        scope_methods=report.scope_methods,
        columns=[COLUMNS[at] for at in read],
    )
    shoppers = golden_shoppers(seed.seed_path(profile))
    ours = OwnInstant.of(refitted, replace(data, gate_cut=until))
    if shipped.learns_gate_period(profile):
        report = report.with_checks(compared(directory, made, ours))
    if len(inputs := ours.inputs()):
        np.save(out / REFERENCE_FILE, InputReference.of(inputs[:, read]).table)
    report = replace(report, judged_at=data.gate_cut.isoformat(), learnt_until=until.isoformat())
    stage_files.save_json(out / REPORT_FILE, report.to_json())
    shutil.copyfile(directory / shipped.RECIPE, out / shipped.RECIPE_FILE)
    told = model_card.card(profile, _manifest(out, made), report, model_card.Reports.read(directory))
    (out / trained_stages.CARD_FILE).write_text(told)
    manifest = seal(out, made, shoppers)
    typer.echo(
        f"bundle {manifest.version}: {len(manifest.files)} files in {out}, lists ordered by {questions.told(report.methods)}"
    )
    typer.echo(report.summary())


if __name__ == "__main__":
    typer.run(main)
