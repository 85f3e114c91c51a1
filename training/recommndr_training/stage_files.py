"""How stages write: arrays as `.npy` without pickles, parameters as flat JSON with keys `part.name`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

TRAIN_LINES = "split/train.parquet"  # below a profile's folder, as all names of files here
TRAIN_LOGINS = "split/logins.parquet"
CHAMPION_RECIPE = "champion_recipe/recipe.json"  # of the version that serves
ITEMS = "split/items.parquet"  # the catalogue that the shop knew before the gate cut

Parameter = float | int | str


def save_arrays(directory: Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write each array to its path below `directory`."""
    for path, array in arrays.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        np.save(target, array, allow_pickle=False)


def save_json(path: Path, value: object) -> None:
    """Write `value` deterministically, so that equal results have equal hashes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")


def load_json(path: Path) -> dict[str, Any]:
    """What `save_json` wrote."""
    value: dict[str, Any] = json.loads(path.read_text())
    return value


def save_parameters(path: Path, parameters: Mapping[str, Parameter]) -> None:
    """Write a stage's part of the manifest's `parameters`."""
    save_json(path, dict(parameters))


def load_parameters(directory: Path, stages: tuple[str, ...]) -> dict[str, Parameter]:
    """The parameters of several stages of a profile as one dict."""
    merged: dict[str, Parameter] = {}
    for stage in stages:
        merged |= load_json(directory / stage / "parameters.json")
    return merged
