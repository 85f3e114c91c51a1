"""Stage champion_recipe: the recipe of the version that a challenger has to beat, if there is one.

In an installation (`RECOMMNDR_MLFLOW_URI` is set) that is the version that serves: the stable one of the tenant's release
record in `RECOMMNDR_STATE_DIR`, or, where training does not see that folder, the one with the alias `champion` in the registry.
Before the first release it is the profile's newest version there. Without an installation it is the newest one in var/registry.

DVC cannot know whether the registry has changed, so the stage always runs; what follows it runs only if the recipe is another.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from recommndr import settings as settings_module
from recommndr.list_scope import SCOPES
from recommndr.release import registered_model
from recommndr.release_files import ReleaseFiles
from recommndr.settings import Settings, UnknownSetting
from recommndr_training import params, stage_files
from recommndr_training.console import explained
from recommndr_training.shipping import register
from recommndr_training.shipping.register import ARTIFACT_PATH, Registry
from recommndr_training.shipping.shipped import RECIPE_FILE

ALIAS = "champion"
_SETTING = "mlflow_uri"
VARIABLE = settings_module.variable(_SETTING)
_IN_FILE = "sqlite:///"
_NOT_THERE = "RESOURCE_DOES_NOT_EXIST"


class ChampionUnknown(RuntimeError):
    """The champion cannot be asked for, so nothing may be judged; the message has the setting and the remedy."""


def registry_of(settings: Settings) -> Registry:
    """The installation's registry where it is named, else the file under var/registry."""
    return Registry(settings.mlflow_uri) if _SETTING in settings.model_fields_set else register.local_registry()


def released(settings: Settings, tenant: str) -> int | None:
    """The version of the tenant's registered model that serves, by the installation's release record; None without one."""
    if _SETTING not in settings.model_fields_set:
        return None
    try:
        record = ReleaseFiles(settings.releases_dir).load(tenant)
    except (ValueError, OSError) as cause:
        raise ChampionUnknown(f"{settings.releases_dir}: the release record of {tenant} cannot be read: {cause}") from cause
    return record.stable.model_version if record else None


def champion(
    registry: Registry, tenant: str, profile: str, serving: int | None = None
) -> tuple[ModelVersion, dict[str, Any]] | None:
    """The version to beat and its recipe with its methods; no recipe for one from before recipes were kept. None without one.

    `serving` is the version that the release record names. Raises `ChampionUnknown`.
    """
    if serving is None and _is_new(registry):
        return None
    client = MlflowClient(registry.tracking_uri, registry.tracking_uri)
    try:
        version = _version(client, tenant, profile, serving)
        return version and (version, _recipe(client, registry, version))
    except (MlflowException, OSError) as cause:
        raise ChampionUnknown(
            f"{VARIABLE}: MLflow at {registry.tracking_uri} did not tell {tenant}'s champion: {cause}; start the server or "
            "correct the setting. Unset, the versions under var/registry count"
        ) from cause


def _is_new(registry: Registry) -> bool:
    """Whether the registry is a file that does not exist: MLflow would take seconds to make its tables, and find them empty."""
    path = registry.tracking_uri.removeprefix(_IN_FILE)
    return path != registry.tracking_uri and not Path(path).exists()


def _version(client: MlflowClient, tenant: str, profile: str, serving: int | None) -> ModelVersion | None:
    name = registered_model(tenant)
    if serving is not None:
        return client.get_model_version(name, str(serving))
    try:
        aliases = client.get_registered_model(name).aliases
    except MlflowException as cause:
        if cause.error_code != _NOT_THERE:
            raise
        return None  # nothing was ever registered
    if ALIAS in aliases:
        return client.get_model_version(name, aliases[ALIAS])
    found = client.search_model_versions(f"name = '{name}' and tags.profile = '{profile}'")
    return max(found, key=lambda one: int(one.version), default=None)


def _recipe(client: MlflowClient, registry: Registry, version: ModelVersion) -> dict[str, Any]:
    kept = {Path(found.path).name for found in client.list_artifacts(version.run_id, ARTIFACT_PATH)}
    if RECIPE_FILE not in kept:
        return {}
    with TemporaryDirectory() as folder:
        path = download_artifacts(f"{version.source}/{RECIPE_FILE}", dst_path=folder, tracking_uri=registry.tracking_uri)
        recipe = stage_files.load_json(Path(path))
    of_scopes = {scope: version.tags[tag] for scope in SCOPES if (tag := register.scope_tag(scope)) in version.tags}
    return {"recipe": recipe, "method": version.tags["method"], "scope_methods": of_scopes}


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Write the recipe to compare a profile's next version with."""
    # By default MLflow retries silently for four minutes when the server does not answer.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    with explained(ChampionUnknown, UnknownSetting):
        settings, tenant = settings_module.load(os.environ), params.data(profile).tenant
        registry = registry_of(settings)
        found = champion(registry, tenant, profile, released(settings, tenant))
    stage_files.save_json(params.profile_dir(profile) / stage_files.CHAMPION_RECIPE, found[1] if found else {})
    typer.echo(f"registry {registry.tracking_uri}: {_told(found)}")


def _told(found: tuple[ModelVersion, dict[str, Any]] | None) -> str:
    if found is None:
        return "no champion: the gate has none to compare with"
    version, recipe = found
    known = "" if recipe else ", which is from before recipes were kept: the gate has none to compare with"
    return f"the champion is version {version.version} of {version.name}{known}"


if __name__ == "__main__":
    typer.run(main)
