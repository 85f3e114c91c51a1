"""The planted world: catalogue, calendar and shoppers of a profile, drawn once and saved as files."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from recommndr_simulation import arrays
from recommndr_simulation.arrays import Doubles
from recommndr_simulation.calendar import Calendar, plant_calendar
from recommndr_simulation.catalogue import Catalogue, plant_catalogue
from recommndr_simulation.profile import SimProfile
from recommndr_simulation.shoppers import Shoppers, country_demand, plant_shoppers

_PROFILE = "profile.json"
_PARTS = {"catalogue": Catalogue, "calendar": Calendar, "shoppers": Shoppers}


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is planted. `choice` and `sessions` draw shoppers' actions with a generator that is passed in."""

    profile: SimProfile
    catalogue: Catalogue
    calendar: Calendar
    shoppers: Shoppers
    demand: Doubles  # (countries, leaves)

    @classmethod
    def plant(cls, profile: SimProfile) -> "World":
        """Draw the world of a profile; the same for the same profile."""
        catalogue = plant_catalogue(profile)
        return cls(
            profile,
            catalogue,
            plant_calendar(profile, catalogue),
            plant_shoppers(profile, catalogue),
            country_demand(profile, catalogue),
        )

    def save(self, directory: Path) -> None:
        """Write the world as `.npy` files and `profile.json`."""
        directory.mkdir(parents=True, exist_ok=True)
        for name in _PARTS:
            arrays.save(getattr(self, name), directory / name)
        np.save(directory / "demand.npy", self.demand, allow_pickle=False)
        profile = asdict(self.profile) | {"until": self.profile.until.isoformat()}
        (directory / _PROFILE).write_text(json.dumps(profile, indent=2) + "\n")

    @classmethod
    def load(cls, directory: Path) -> "World":
        """Map what `save` wrote from disk; raises `FileNotFoundError` if no shop was simulated."""
        if not (directory / _PROFILE).exists():
            raise FileNotFoundError(f"{directory}: no simulated shop in this folder: run `recommndr simulate` first")
        values = json.loads((directory / _PROFILE).read_text())
        profile = SimProfile(**values | {"until": datetime.fromisoformat(values["until"])})
        parts: Any = {name: arrays.load(kind, directory / name) for name, kind in _PARTS.items()}
        return cls(profile, demand=np.load(directory / "demand.npy", mmap_mode="r"), **parts)
