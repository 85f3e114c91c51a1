"""The record of code releases: which code each slot runs, and how far a change of it is. One for the installation.

It is the only source of truth, as each tenant's release record is for its versions: the tenants' records, the processes of the
slots and the routes follow it at every tick.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from recommndr.release import SLOTS, WEIGHT_TOTAL, Slot

CodePhase = Literal[
    "STEADY", "GATHERING", "WARMING", "STEP_1", "STEP_10", "STEP_50", "PROMOTED", "ROLLING_BACK", "ROLLED_BACK", "RENEWING"
]
REVISION = r"^[A-Za-z0-9._+-]{0,64}$"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Code(_Frozen):
    """Code that a slot can run."""

    revision: str = Field(default="", pattern=REVISION, description="its name: a commit, or the tag of an image")
    checkout: str = Field(
        default="", description="folder of the checkout whose environment runs it, natively; empty: the installation's own"
    )


class CodeStep(_Frozen):
    """One change: what, when, why and by whom."""

    at: datetime
    phase: CodePhase
    reason: str
    by: str


class BarredCode(_Frozen):
    """Code that failed: it cannot be released again until somebody lifts the bar."""

    revision: str
    at: datetime
    reason: str


class CodeRelease(_Frozen):
    """The record."""

    schema_version: Literal[1] = 1
    record_version: int = Field(default=0, ge=0, description="0 = never saved; grows by one with each save")
    release_id: str = Field(min_length=1)
    phase: CodePhase = "STEADY"
    serving: Slot = Field(description="the slot of every shop's stable version")
    live: Code = Field(description="what the slot `serving` runs")
    candidate: Code | None = None
    previous: Code | None = Field(default=None, description="what ran before the promotion, until its watch is over")
    weight: int = Field(default=0, ge=0, le=WEIGHT_TOTAL, description="basis points of every shop's traffic for the candidate")
    steps: tuple[CodeStep, ...] = ()
    since: datetime | None = Field(default=None, description="when the phase began")
    weight_since: datetime | None = None
    paused: bool = False
    barred: tuple[BarredCode, ...] = ()

    @property
    def other(self) -> Slot:
        """The slot that is not `serving`."""
        return next(slot for slot in SLOTS if slot != self.serving)

    @property
    def is_tried(self) -> bool:
        """Whether the other slot is the candidate's."""
        return self.candidate is not None and self.phase not in {"STEADY", "GATHERING"}

    def code_in(self, slot: Slot) -> Code:
        """The code that a slot must run."""
        if slot != self.serving and self.is_tried and self.candidate is not None:
            return self.candidate
        if slot != self.serving and self.phase == "PROMOTED" and self.previous is not None:
            return self.previous
        return self.live
