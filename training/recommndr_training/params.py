"""What `params.yaml` says, typed; and where a profile's files lie.

A stage reads its own section into its own frozen dataclass (`section(...)`), so a misspelt parameter stops the stage.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

PARAMS = Path("params.yaml")


class BadParams(ValueError):
    """`params.yaml` lacks something; the message says what and where."""


@dataclass(frozen=True, slots=True)
class DataParams:
    """Whose data, and where training ends; the same for all profiles."""

    tenant: str
    currency: str
    since: datetime  # the data's own period; a purchase outside is a mistake
    until: datetime
    gate_cut: datetime  # nothing of this instant or later is trained on
    gate_horizon_days: float  # what happens in the gate period is the truth that versions are judged by
    purchase_half_life_days: float

    @property
    def purchase_half_life_s(self) -> float:
        """Half-life of decayed purchase counts in shopper states."""
        return self.purchase_half_life_days * 86_400.0

    @property
    def gate_cut_s(self) -> float:
        """Epoch seconds of `gate_cut`."""
        return self.gate_cut.timestamp()

    @property
    def gate_end_s(self) -> float:
        """Epoch seconds where the gate period ends."""
        return (self.gate_cut + timedelta(days=self.gate_horizon_days)).timestamp()


def profiles(path: Path = PARAMS) -> tuple[str, ...]:
    """Names of all profiles."""
    return tuple(_read(path)["profiles"])


def data(path: Path = PARAMS) -> DataParams:
    """The section `data`."""
    values = dict(_read(path)["data"])
    return DataParams(**values | {name: _instant(path, name, values[name]) for name in ("since", "until", "gate_cut")})


def _instant(path: Path, name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = datetime.min
    if at.tzinfo is None:
        raise BadParams(f'{path}: data.{name} {text!r}: expected an instant in quotes, as "2017-12-18T00:00:00Z"')
    return at


def section(profile: str, stage: str, path: Path = PARAMS) -> dict[str, Any]:
    """Parameters of one stage of one profile; raises `BadParams` when there are none."""
    known = _read(path)["profiles"]
    if profile not in known:
        raise BadParams(f"{path}: no profile {profile!r}: expected one of {', '.join(known)}")
    if stage not in known[profile]:
        raise BadParams(f"{path}: profile {profile!r} has no section {stage!r}: expected one of {', '.join(known[profile])}")
    return dict(known[profile][stage])


def counting_section(profile: str, stage: str, path: Path = PARAMS) -> dict[str, Any]:
    """Section of a stage that counts purchases as shopper states do: by the tenant's half-life, where it names none itself."""
    return {"half_life_days": data(path).purchase_half_life_days} | section(profile, stage, path)


def profile_dir(profile: str) -> Path:
    """Where the stages of a profile write, one folder each."""
    return Path("var") / profile


def _read(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise BadParams(f"{path}: not found in {Path.cwd()}: run from the root of the repository") from None
    return values
