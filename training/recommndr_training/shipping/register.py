"""Stage register: a bundle becomes a version of the tenant's registered model in MLflow.

The registered model is `recommndr-<tenant>`, whose version has the model card as its description. Its run is the training
(`training_run`): parameters, the few figures that decide, tags, the data as input, the bundle under the artifact path `bundle`,
nested runs of the stages, and the parts of the model. Registering the same bundle again finds the existing version.

Which registry: the DVC stage writes to a SQLite file under var/registry, so that `dvc repro` needs no server; `recommndr
register` writes to the installation's server (`RECOMMNDR_MLFLOW_URI`).
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from mlflow import MlflowClient
from mlflow.entities import RunTag
from mlflow.exceptions import MlflowException

from recommndr.bundle import BundleRefused, Manifest
from recommndr.list_scope import SCOPES, Scope
from recommndr.release import registered_model
from recommndr_engine import bundle_files
from recommndr_training import params
from recommndr_training.judging.gate_report import REPORT_FILE, GateReport
from recommndr_training.shipping import trained_stages, training_run
from recommndr_training.shipping.trained_stages import CARD_FILE, StageOutput

ARTIFACT_PATH = "bundle"
_MAX_DESCRIPTION = 5_000  # characters, MLflow's limit; the whole card is in the bundle
_TAG_BUNDLE = "bundle_version"
_LOCAL = Path("var/registry")


class NotRegistered(RuntimeError):
    """The registry did not accept the bundle; the message has the registry's address."""


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A bundle's entry in the registry; printed as JSON."""

    model: str
    model_version: int
    bundle_version: str
    run_id: str
    created: bool  # False: the version was already registered


@dataclass(frozen=True, slots=True)
class Registry:
    """An MLflow registry; `artifact_location` is set if there is no server that decides it."""

    tracking_uri: str
    artifact_location: str | None = None


def local_registry(directory: Path = _LOCAL) -> Registry:
    """The registry in a SQLite file, for runs without a server."""
    directory.mkdir(parents=True, exist_ok=True)
    return Registry(f"sqlite:///{directory.resolve()}/mlflow.db", (directory / "artifacts").resolve().as_uri())


def register(
    directory: Path, registry: Registry, profile: str, now: datetime, stages: Sequence[StageOutput] = ()
) -> RegisteredVersion:
    """Register the bundle in `directory` once; `stages` are what made it, for its run.

    Raises `BundleRefused` for a broken one and for one that the gate did not let pass, and `NotRegistered`.
    """
    manifest = bundle_files.read_manifest(directory)
    bundle_files.check(directory, manifest.tenant, manifest.version)
    check_gate(directory, manifest)
    try:
        client = MlflowClient(registry.tracking_uri, registry.tracking_uri)
        known = _find(client, registered_model(manifest.tenant), manifest.version)
        return known or _create(client, registry, directory, manifest, _tags(manifest, profile, now), stages)
    except MlflowException as cause:
        raise NotRegistered(f"MLflow at {registry.tracking_uri}: {cause.message}") from cause


def check_gate(directory: Path, manifest: Manifest) -> None:
    """Raise `BundleRefused` unless the bundle holds the report of a gate that let its methods pass.

    The report is one of the bundle's checked files, so it cannot be changed without another bundle version.
    """
    try:
        report = GateReport.from_json(json.loads((directory / REPORT_FILE).read_text()))
    except FileNotFoundError:
        raise BundleRefused(f"{REPORT_FILE}: missing; run the stages evaluate and bundle again") from None
    except (ValueError, KeyError, TypeError) as cause:
        raise BundleRefused(f"{REPORT_FILE}: cannot be read: {cause!r}; run the stage evaluate again") from cause
    if report.method != manifest.method:
        raise BundleRefused(f"{REPORT_FILE}: judged {report.method!r}, but the lists are ordered by {manifest.method!r}")
    for scope in SCOPES:
        judged, ordered = report.method_of(scope), manifest.method_of(scope)
        if judged != ordered:
            raise BundleRefused(f"{REPORT_FILE}: judged {judged!r} for scope {scope}, but its lists are ordered by {ordered!r}")
    if not report.passed:
        raise BundleRefused(f"the gate refused this version; nothing is registered: {'; '.join(report.refusals)}")


def _find(client: MlflowClient, name: str, version: str) -> RegisteredVersion | None:
    found = client.search_model_versions(f"name = '{name}' and tags.{_TAG_BUNDLE} = '{version}'")
    first = min(found, key=lambda one: int(one.version), default=None)
    return first and RegisteredVersion(name, int(first.version), version, first.run_id, created=False)


def _create(
    client: MlflowClient,
    registry: Registry,
    directory: Path,
    manifest: Manifest,
    tags: dict[str, str],
    stages: Sequence[StageOutput],
) -> RegisteredVersion:
    name = registered_model(manifest.tenant)
    experiment_id = _experiment(client, name, registry.artifact_location)
    run = client.create_run(experiment_id, tags=tags, run_name=f"{manifest.tenant} {manifest.version}")
    started_ms = run.info.start_time
    run_id, card = run.info.run_id, _card(directory)
    settings = {key: str(value) for key, value in manifest.parameters.items()}
    training_run.log_values(client, run_id, training_run.headlines(manifest), settings, started_ms)
    client.log_batch(run_id, tags=[*training_run.weight_tags(manifest), RunTag("mlflow.note.content", card)])
    training_run.write_dataset(client, run_id, manifest)
    client.log_artifacts(run_id, str(directory), ARTIFACT_PATH)
    training_run.write_stages(client, run_id, manifest, stages)
    training_run.write_parts(client, run_id, directory, manifest)
    client.set_terminated(run_id)
    _ensure_model(client, name, manifest.tenant)
    source = f"{run.info.artifact_uri}/{ARTIFACT_PATH}"
    version = client.create_model_version(name, source, run_id, tags=tags, description=card)
    return RegisteredVersion(name, int(version.version), manifest.version, run_id, created=True)


def _card(directory: Path) -> str:
    """The model card, as much of it as MLflow takes; without one a word on where it would be."""
    path = directory / CARD_FILE
    return path.read_text()[:_MAX_DESCRIPTION] if path.exists() else "no model card in the bundle"


def _experiment(client: MlflowClient, name: str, artifact_location: str | None) -> str:
    known = client.get_experiment_by_name(name)
    created: str = known.experiment_id if known else client.create_experiment(name, artifact_location)
    return created


def _ensure_model(client: MlflowClient, name: str, tenant: str) -> None:
    try:
        client.create_registered_model(name, tags={"tenant": tenant})
    except MlflowException as cause:
        if cause.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _tags(manifest: Manifest, profile: str, now: datetime) -> dict[str, str]:
    data = manifest.training_data
    return {
        "tenant": manifest.tenant,
        "profile": profile,
        _TAG_BUNDLE: manifest.version,
        "data_sha256": data.sha256,
        "data_since": data.since.isoformat(),
        "data_until": data.until.isoformat(),
        "data_lines": str(data.n_lines),
        "code_revision": manifest.code_revision,
        "git_commit": _commit(),
        "method": manifest.method,
        "registered_at": now.isoformat(),
    } | {scope_tag(scope): method for scope, method in manifest.scope_methods.items()}


def scope_tag(scope: Scope) -> str:
    """The tag that names the method of a scope whose lists are not ordered by that of tag `method`."""
    return f"method.{scope}"


def _commit() -> str:
    """The commit that is checked out; "unknown" outside a repository."""
    git = shutil.which("git")
    done = git and subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603
    return (done.stdout.strip() if done else "") or "unknown"


def bundle_dir(profile: str) -> Path:
    """Where the stage bundle writes."""
    return params.profile_dir(profile) / "bundle"


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Register a profile's bundle in the local registry; prints the version as JSON."""
    version = register(bundle_dir(profile), local_registry(), profile, datetime.now(UTC), trained_stages.stages(profile))
    typer.echo(json.dumps(asdict(version)))


if __name__ == "__main__":
    typer.run(main)
