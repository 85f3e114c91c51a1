"""What the process that writes to the registry gets on its standard input."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from recommndr.release import Release, Step


class Moved(BaseModel):
    """A record, and what the rules said at its steps, by `step_key`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    release: Release
    evidence: dict[str, dict[str, Any]] = {}


def step_key(release: Release, step: Step) -> str:
    """What a step is found again by."""
    return f"{release.tenant} {step.at.isoformat()} {step.phase}"
