"""Stage champion_recipe: the recipe of the version that was registered last for this profile, if there is one.

DVC cannot know whether the registry has changed, so the stage always runs; what follows it runs only if the recipe is another.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

from recommndr.release import registered_model
from recommndr_training import params, stage_files
from recommndr_training.shipping import register
from recommndr_training.shipping.register import Registry
from recommndr_training.shipping.shipped import RECIPE_FILE


def newest(registry: Registry, tenant: str, profile: str) -> dict[str, Any]:
    """Recipe and method of the profile's newest version; empty without a version, or for one from before recipes were kept."""
    client = MlflowClient(registry.tracking_uri, registry.tracking_uri)
    found = client.search_model_versions(f"name = '{registered_model(tenant)}' and tags.profile = '{profile}'")
    if not found:
        return {}
    version = max(found, key=lambda one: int(one.version))
    with TemporaryDirectory() as folder:
        try:
            path = download_artifacts(f"{version.source}/{RECIPE_FILE}", dst_path=folder, tracking_uri=registry.tracking_uri)
        except (MlflowException, OSError):
            return {}
        return {"recipe": stage_files.load_json(Path(path)), "method": version.tags["method"]}


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Write the recipe to compare a profile's next version with."""
    found = newest(register.local_registry(), params.data(profile).tenant, profile)
    stage_files.save_json(params.profile_dir(profile) / stage_files.CHAMPION_RECIPE, found)
    typer.echo("the champion's recipe is known" if found else "no champion with a recipe: the gate has none to compare with")


if __name__ == "__main__":
    typer.run(main)
