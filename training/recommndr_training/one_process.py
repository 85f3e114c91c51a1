"""Runs the stages of a profile in this process: a small shop spends more time on starting stages than on training.

The stages, their order and what they need are those of `dvc.yaml`. DVC keeps nothing of such a run: every stage runs.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from recommndr_training import params

DVC_FILE = Path("dvc.yaml")
_COMMAND = "python -m recommndr_training."
_LAKE_READER = "recommndr_training.data.read_lake"


class NotInOneProcess(LookupError):
    """A stage of `dvc.yaml` that no module of training runs, but whose files are missing; the message names it."""


def run(
    profile: str,
    target: str,
    root: Path = Path(),
    without: Collection[str] = (),
    now_s: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[str, float]]:
    """Run `target` after all stages that it needs, but those of `without`; yields each with its seconds when it is done."""
    stages = _stages(root)
    for stage in in_order(stages, profile, target):
        if stage in without:
            continue
        command = stages[stage]["do"]["cmd"]
        if command.startswith(_COMMAND):
            began_s = now_s()
            import_module(command.removeprefix("python -m ").split()[0]).main(profile)
            yield stage, now_s() - began_s
        elif missing := [path for path in _outs(stages[stage], profile) if not (root / path).exists()]:
            raise NotInOneProcess(f"stage {stage}: {missing[0]} is missing: run `dvc repro {stage}@{profile}` first")


def names(profile: str, target: str, root: Path = Path()) -> list[str]:
    """The stages that `run` runs, in their order."""
    return in_order(_stages(root), profile, target)


def code(profile: str, target: str, root: Path = Path()) -> list[str]:
    """Paths outside `var/` that the stages which `run` runs depend on: modules and packages, each once."""
    stages = _stages(root)
    ran = (stages[name]["do"] for name in in_order(stages, profile, target))
    deps = (path for stage in ran if stage["cmd"].startswith(_COMMAND) for path in _paths(stage.get("deps", ()), profile))
    return sorted({path for path in deps if not path.startswith("var/")})


def missing(profile: str, target: str, root: Path = Path()) -> list[str]:
    """The stages that `target` needs, that no module of training runs, and of which a file is missing: imports, simulations."""
    outs = _outs_of_others(profile, target, root)
    return [name for name, paths in outs.items() if any(not (root / path).exists() for path in paths)]


def given(profile: str, target: str, root: Path = Path()) -> list[str]:
    """Paths that `run` needs and that no module of training writes: what was imported or simulated."""
    imported = [f"{params.profile_dir(profile)}/lake"] if params.is_added(profile) else []
    return [path for paths in _outs_of_others(profile, target, root).values() for path in paths] + imported


def _outs_of_others(profile: str, target: str, root: Path) -> dict[str, list[str]]:
    """By stage that no module of training runs, in order: what it writes."""
    stages = _stages(root)
    others = (name for name in in_order(stages, profile, target) if not stages[name]["do"]["cmd"].startswith(_COMMAND))
    return {name: _outs(stages[name], profile) for name in others}


def in_order(stages: Mapping[str, Any], profile: str, target: str) -> list[str]:
    """The stages of a profile that `target` needs, each after those that it needs itself, `target` last."""
    made_by = {path: name for name, stage in stages.items() if _has(stage, profile) for path in _outs(stage, profile)}
    ordered: list[str] = []

    def add(name: str) -> None:
        for path in _paths(stages[name]["do"].get("deps", ()), profile):
            maker = made_by.get(path)
            if maker is not None and maker not in ordered and maker != name:
                add(maker)
        if name not in ordered:
            ordered.append(name)

    add(target)
    return ordered


def _stages(root: Path) -> dict[str, Any]:
    stages: dict[str, Any] = params.read_yaml(root / DVC_FILE)["stages"]
    return stages


def _has(stage: Mapping[str, Any], profile: str) -> bool:
    if params.is_added(profile):  # it has the stages of every profile, and its lake is imported before
        return stage["foreach"] == "${profiles}" or _LAKE_READER in stage["do"]["cmd"]
    return stage["foreach"] == "${profiles}" or profile in stage["foreach"]


def _outs(stage: Mapping[str, Any], profile: str) -> list[str]:
    return [path for part in ("outs", "metrics", "plots") for path in _paths(stage["do"].get(part, ()), profile)]


def _paths(listed: Any, profile: str) -> list[str]:
    names = (next(iter(one)) if isinstance(one, dict) else one for one in listed)
    return [name.replace("${item}", profile).replace("${key}", profile) for name in names]
