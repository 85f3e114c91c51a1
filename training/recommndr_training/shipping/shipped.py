"""Up to when the version that ships has learnt, and where its models lie."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pandas as pd

from recommndr_training import params, stage_files
from recommndr_training.params import BadParams, DataParams

DIRECTORY = "refit"  # below a profile's folder, and with the same files below it
UNTIL = f"{DIRECTORY}/until.json"
RECIPE_FILE = "recipe.json"  # in a bundle
RECIPE = f"{DIRECTORY}/{RECIPE_FILE}"  # what a later version needs to compare itself with this one
GATE_CUT: Literal["gate_cut"] = "gate_cut"
END: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class RefitParams:
    """A profile whose gate period is replayed to a running shop must not learn it: `gate_cut`. All others learn to the end."""

    until: Literal["gate_cut", "end"] = END

    def __post_init__(self) -> None:
        if self.until not in (GATE_CUT, END):
            raise BadParams(f"refit.until {self.until!r}: expected {GATE_CUT} or {END}")


def learns_gate_period(profile: str) -> bool:
    """Whether the version that ships has learnt what the gate judged the recipe by."""
    return RefitParams(**params.section(profile, "refit")).until == END


def end_s(lines: pd.DataFrame, data: DataParams) -> float:
    """The whole second after the last event, at most the dataset's `until`; what is known later is not learnt."""
    return min(float(lines["at_s"].max()) // 1.0 + 1.0, data.until.timestamp())


def until(profile: str) -> datetime:
    """The instant where its data end: nothing of it or later was learnt. Raises `FileNotFoundError` with the remedy."""
    path = params.profile_dir(profile) / UNTIL
    if not path.exists():
        raise FileNotFoundError(f"{path}: not there; train the profile first (recommndr train --profile …)")
    return datetime.fromtimestamp(stage_files.load_json(path)["until_s"], UTC)
