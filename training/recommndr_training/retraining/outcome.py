"""How a training of a tenant ended, in a file beside its profile: the pool and the trainer read it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Self

# released: it serves or is tried. registered: it passed, nobody wanted a release. kept: too little data or refused by
# validation or gate, so the last good version stays; a repeat would end the same. failed: a repeat may succeed.
Ending = Literal["released", "registered", "kept", "failed"]
OUTCOME = "outcome.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One training's."""

    tenant: str
    ending: Ending
    told: str  # for people
    at_s: float  # epoch seconds
    lake_version: int | None = None
    n_live: int = 0  # rows of live events that it learnt from
    model_version: int | None = None
    n_rows: int = 0  # that the lake had of the tenant when it began: more of them is something new

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The last one; None before the first."""
        path = folder / OUTCOME
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def write(self, folder: Path) -> None:
        """Keep it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / OUTCOME).write_text(json.dumps(asdict(self)) + "\n")
