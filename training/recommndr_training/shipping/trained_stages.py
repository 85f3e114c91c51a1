"""What the stages of a profile tell of a training: parameters, figures, reports for people, times. Read from their outputs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recommndr_training import params
from recommndr_training.params import BadParams
from recommndr_training.shipping import stage_times
from recommndr_training.shipping.stage_times import StageTime

CARD_FILE = "model_card.md"  # in the bundle
# Reports for people, by their endings; a stage's other outputs are its models and data.
_FOR_PEOPLE = (".md", ".png", ".html")
# Stages whose figures are small; those of `evaluate` are a thousand, and come from the manifest instead.
_FIGURES = ("report.json", "sizes.json", "rejected.json")
_SETTINGS = ("parameters.json", "chosen.json")
_CHECKS = {"ranker": "ranker_checks"}  # a stage's second folder, for people only
_MAX_VALUE = 500  # characters of a parameter


@dataclass(frozen=True, slots=True)
class StageOutput:
    """One stage."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    reports: tuple[Path, ...] = ()
    time: StageTime | None = None


def stages(profile: str, root: Path = Path()) -> list[StageOutput]:
    """The stages that have left something below the profile's folder, by name; none before the first training."""
    directory = root / params.profile_dir(profile)
    times = stage_times.read(directory)
    folders = {path.name for path in directory.glob("*") if path.is_dir()} - set(_CHECKS.values())
    found = [_stage(profile, name, directory, times.get(name)) for name in sorted({*folders, *times})]
    return [one for one in found if one.settings or one.figures or one.reports or one.time]


def _stage(profile: str, name: str, directory: Path, time: StageTime | None) -> StageOutput:
    folders = [directory / one for one in dict.fromkeys((name, _CHECKS.get(name, name)))]
    settings = dict(_flat(_section(profile, name)))
    for path in (folder / file for folder in folders for file in _SETTINGS):
        settings |= dict(_flat(_json(path)))
    figures = {
        key: float(value)
        for path in (folder / file for folder in folders for file in _FIGURES)
        for key, value in _flat(_json(path))
        if isinstance(value, int | float)
    }
    told = {key: str(value)[:_MAX_VALUE] for key, value in settings.items()}
    return StageOutput(name, told, figures, tuple(_reports(folders)), time)


def _section(profile: str, name: str) -> dict[str, Any]:
    try:
        return params.section(profile, name)
    except BadParams:  # a stage without settings
        return {}


def _reports(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        # Data docs are a site of many pages: its folder has the validation report as `report.json`, too.
        yield from sorted(path for path in folder.glob("*") if path.suffix in _FOR_PEOPLE or path.name in _FIGURES)


def _json(path: Path) -> Any:
    return json.loads(path.read_text()) if path.exists() else {}


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested values in one level with names joined by dots; lists stay whole."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else str(name))
    elif prefix:
        yield prefix, value
