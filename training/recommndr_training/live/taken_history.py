"""What an installation took of a shop's first training: whose history it began with, and how much later it put it.

Without this note nobody could join the history with live events later: shifted by another week it would be other history.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from recommndr.identity import check_tenant
from recommndr.record_files import replace_durably


@dataclass(frozen=True, slots=True)
class TakenHistory:
    """One tenant's."""

    profile: str  # whose training
    shift_s: float  # so much later than it was; whole weeks
    bundle_version: str = ""  # the version that was released with it

    @classmethod
    def read(cls, state_dir: Path, tenant: str) -> Self | None:
        """What `write` wrote; None if the installation took no history, or an earlier release of the platform did."""
        path = _path(state_dir, tenant)
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def write(self, state_dir: Path, tenant: str) -> None:
        """Note it in the installation's state; raises `OSError`."""
        path = _path(state_dir, tenant)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_durably(path, json.dumps(asdict(self)).encode())


def _path(state_dir: Path, tenant: str) -> Path:
    return state_dir / "histories" / f"{check_tenant(tenant)}.json"
