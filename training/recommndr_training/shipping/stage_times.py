"""When each stage of a profile ran last, and how long: kept beside its outputs, because DVC keeps no times.

`recommndr train` notes them. A stage that did not run again keeps the time of the run that made its outputs.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

_FILE = "stage_times.json"


class StageTime(BaseModel):
    """One run of a stage."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ended_at: datetime
    seconds: float


_TIMES = TypeAdapter(dict[str, StageTime])


def read(directory: Path) -> Mapping[str, StageTime]:
    """By stage, from a profile's folder; empty for outputs that came from a cache or from `dvc repro`."""
    try:
        return _TIMES.validate_json((directory / _FILE).read_bytes())
    except FileNotFoundError:
        return {}


def note(directory: Path, stage: str, ended_at: datetime, seconds: float) -> None:
    """Keep it in a profile's folder."""
    times = {**read(directory), stage: StageTime(ended_at=ended_at, seconds=seconds)}
    (directory / _FILE).write_bytes(_TIMES.dump_json(times, indent=1))
