"""The installation whose lake is trained on: a folder of one process, or the one that `RECOMMNDR_…` variables name."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from recommndr.settings import Settings, load, variable

DATABASE = "shop.sqlite"
REGISTRY = Path("var/registry/mlflow.db")
ONE_PROCESS = Path("var/serve")  # the folder that `recommndr serve` takes if nothing else is said


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation."""

    settings: Settings

    @property
    def database(self) -> Path | None:
        """The file of an installation in one process; None for all others."""
        path = self.settings.state_dir / DATABASE
        return path if path.exists() else None

    @property
    def bundles_dir(self) -> Path:
        """Where one process looks for a bundle before it asks the registry."""
        return self.settings.state_dir / "bundles"

    @classmethod
    def of(cls, folder: Path | None, environment: Mapping[str, str], checkout: Path) -> tuple[Self, dict[str, str]]:
        """The installation in a folder of one process, else the one that the environment names; and its variables."""
        named = variable("state_dir") in environment
        if folder is None and not named and (checkout / ONE_PROCESS / DATABASE).exists():
            folder = ONE_PROCESS
        told = dict(environment) if folder is None else dict(environment) | paths(checkout / folder, checkout)
        return cls(load(told)), {name: told[name] for name in told if environment.get(name) != told[name]}


def of_environment() -> Installation:
    """The installation that this process's variables name."""
    return Installation(load(os.environ))


def paths(folder: Path, checkout: Path) -> dict[str, str]:
    """The variables of what training needs of an installation in one process."""
    places = {
        "state_dir": folder,
        "lake_dir": folder / "lake",
        "tenants_file": folder / "tenants.yaml",
        "audit_file": folder / "audit.jsonl",
    }
    registry = f"sqlite:///{(checkout / REGISTRY).resolve()}"
    return {variable(name): str(path.resolve()) for name, path in places.items()} | {variable("mlflow_uri"): registry}
