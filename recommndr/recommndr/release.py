"""The release record: a tenant's live version and its challenger, with their slots and weights.

One JSON per tenant, compare-and-swap on `record_version`. It is the only source of truth: Envoy's routes, the slots' bundles
and the registry's aliases are derived from it at every tick, so the next tick repairs what a crash left unfinished.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recommndr.identity import Tenant

Slot = Literal["blue", "green"]
SLOTS: tuple[Slot, ...] = ("blue", "green")
WEIGHT_TOTAL = 10_000  # basis points: 1 % of traffic is 100

Phase = Literal["STEADY", "WARMING", "STEP_1", "STEP_10", "STEP_50", "PROMOTED", "ROLLING_BACK", "ROLLED_BACK"]


def registered_model(tenant: str) -> str:
    """Name of a tenant's registered model, whose versions are its bundles."""
    return f"recommndr-{tenant}"


class StaleRecord(RuntimeError):
    """Another process saved the record first; load it again and decide again."""


class _Frozen(BaseModel):
    # A slot of the release before reads records that the next one writes, so unknown fields are ignored.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Placement(_Frozen):
    """One version of a tenant's bundle in one slot."""

    version: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="the bundle's content version; names a folder")
    model_version: int = Field(ge=1, description="version of the tenant's registered model")
    slot: Slot


class Step(_Frozen):
    """One change of a release: what, when, why and by whom; the audit trail."""

    at: datetime
    phase: Phase
    reason: str
    by: str


class Barred(_Frozen):
    """A version that failed: it cannot be released again until somebody lifts the bar."""

    version: str
    model_version: int
    at: datetime
    reason: str


class Release(_Frozen):
    """The record. `stable` gets the traffic that a challenger does not have; a rollback returns to `previous`."""

    schema_version: Literal[1] = 1
    record_version: int = Field(default=0, ge=0, description="0 = never saved; grows by one with each save")
    tenant: Tenant
    release_id: str = Field(min_length=1, description="idempotency key of this release's effects elsewhere")
    phase: Phase = "STEADY"
    stable: Placement
    challenger: Placement | None = None
    previous: Placement | None = None
    challenger_weight: int = Field(default=0, ge=0, le=WEIGHT_TOTAL, description="basis points of traffic")
    steps: tuple[Step, ...] = ()
    since: datetime | None = Field(default=None, description="when the phase began")
    weight_since: datetime | None = Field(default=None, description="when the challenger's weight changed last")
    paused: bool = Field(default=False, description="no step forward until somebody resumes; failing rules still act")
    barred: tuple[Barred, ...] = ()
    code: str | None = Field(
        default=None, description="the code release that moves this record; None: the tenant's own releases"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.challenger is None and self.challenger_weight:
            raise ValueError(f"challenger_weight {self.challenger_weight} without a challenger: expected 0")
        if self.challenger is not None and self.challenger.slot == self.stable.slot:
            raise ValueError(f"challenger and stable both in slot {self.stable.slot!r}: expected different slots")
        return self

    def weights(self) -> dict[Slot, int]:
        """Basis points of the tenant's traffic per slot; they sum to `WEIGHT_TOTAL`."""
        weights: dict[Slot, int] = dict.fromkeys(SLOTS, 0)
        weights[self.stable.slot] = WEIGHT_TOTAL - self.challenger_weight
        if self.challenger is not None:
            weights[self.challenger.slot] = self.challenger_weight
        return weights

    def placement(self, slot: Slot) -> Placement:
        """The placement that `slot` must hold for this tenant; challenger before previous, since both use the idle slot.

        An idle slot without either stands by with the stable version: it answers while the other slot's process restarts.
        """
        for placement in (self.stable, self.challenger, self.previous):
            if placement is not None and placement.slot == slot:
                return placement
        return self.stable.model_copy(update={"slot": slot})


class ReleaseStore(Protocol):
    """A store of records: files with fsync and rename, or a blob with ETag."""

    def load(self, tenant: str) -> Release | None:
        """The tenant's record, or None when it has none."""
        ...

    def load_all(self) -> Iterable[Release]:
        """All tenants' records that can be read."""
        ...

    def tenants(self) -> Iterable[str]:
        """Tenants with a record, whether it can be read or not."""
        ...

    def save(self, release: Release) -> Release:
        """Save what was loaded at `release.record_version`, return it with the next; raises `StaleRecord`."""
        ...
