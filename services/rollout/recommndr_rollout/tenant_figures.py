"""The figures of one tenant on the operators' page: its release, what that waits for and allows, its slots; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from recommndr.release import SLOTS, WEIGHT_TOTAL, Phase, Release, Slot
from recommndr.release_policy import RULES, Consequence, ReleasePolicy
from recommndr_rollout.alertmanager import Muted
from recommndr_rollout.judge import Judged
from recommndr_rollout.moves import Move, refused_moves
from recommndr_rollout.seen import ERRORS, LADDER, P50, P95, P99, REQUESTS, SINCE, Seen
from recommndr_rollout.slots import Held, Quality
from recommndr_rollout.stages import STAGES
from recommndr_rollout.verdict import Health
from recommndr_rollout.waits import waits
from recommndr_rollout.weights import Weights

Role = Literal["stable", "challenger", "previous", "idle"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Rollout's own state at one instant."""

    at: datetime
    releases: Sequence[Release]
    held: Mapping[Slot, Mapping[str, Held]] = field(default_factory=dict)  # by tenant, what the slots say
    applied: Mapping[str, Weights] = field(default_factory=dict)
    judged: Mapping[str, Judged] = field(default_factory=dict)  # by tenant, of releases under way
    policies: Mapping[str, ReleasePolicy] = field(default_factory=dict)  # by tenant; a missing one has the defaults
    muted: Sequence[Muted] = ()  # alerts

    def policy(self, tenant: str) -> ReleasePolicy:
        """The tenant's settings of releases."""
        return self.policies.get(tenant, ReleasePolicy())


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class QualityFigures(_Figures):
    """What training measured of a version, with its 95 % interval."""

    metric: str
    value: float
    low: float | None
    high: float | None


class PlacementFigures(_Figures):
    """One tenant in one slot; rates and quantiles over the last five minutes."""

    slot: Slot
    role: Role
    version: str | None
    model_version: int | None
    loaded_version: str | None
    since_s: float | None  # epoch
    weight_percent: float
    requests_per_s: float | None
    error_ratio: float | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    ladder_ratio: dict[str, float]
    quality: QualityFigures | None


class StepFigures(_Figures):
    """A step of the release record."""

    at: datetime
    phase: Phase
    reason: str
    by: str


class VerdictFigures(_Figures):
    """What one rule says of the release under way."""

    rule: str
    description: str
    health: Health
    consequence: Consequence
    finding: str


class BarFigures(_Figures):
    """A version that failed."""

    version: str
    model_version: int
    at: datetime
    reason: str


class WaitFigures(_Figures):
    """One thing that the release waits for; `until`: then it goes on without."""

    told: str
    until: datetime | None


class TenantFigures(_Figures):
    """One shop."""

    tenant: str
    phase: Phase
    since: datetime | None
    paused: bool
    release_id: str
    record_version: int
    next_phase: Phase | None
    waits: list[WaitFigures]
    refused_moves: dict[Move, str]  # why the record does not allow them
    last_step: StepFigures | None
    steps: list[StepFigures]  # newest first
    judged_at: datetime | None
    verdicts: list[VerdictFigures]  # of a release under way
    barred: list[BarFigures]
    slots: list[PlacementFigures]


def tenant_figures(release: Release, standing: Standing, seen: Seen) -> TenantFigures:
    """The figures of the tenant with this record."""
    steps = [StepFigures(**dict(step)) for step in reversed(release.steps)]
    judged = standing.judged.get(release.tenant)
    verdicts = () if judged is None else judged.verdicts
    return TenantFigures(
        tenant=release.tenant,
        phase=release.phase,
        since=release.since,
        paused=release.paused,
        release_id=release.release_id,
        record_version=release.record_version,
        next_phase=_next(release),
        waits=[
            WaitFigures(told=one.told, until=one.until)
            for one in waits(release, verdicts, standing.policy(release.tenant), standing.at)
        ],
        refused_moves=refused_moves(release, standing.at),
        last_step=steps[0] if steps else None,
        steps=steps,
        judged_at=None if judged is None else judged.at,
        verdicts=[
            VerdictFigures(
                rule=one.rule,
                description=RULES[one.rule].description,
                health=one.health,
                consequence=one.consequence,
                finding=one.finding,
            )
            for one in verdicts
        ],
        barred=[BarFigures(**dict(bar)) for bar in release.barred],
        slots=[_placement(release, slot, standing, seen) for slot in SLOTS],
    )


_ENDS: Mapping[Phase, Phase] = {"PROMOTED": "STEADY", "ROLLING_BACK": "ROLLED_BACK", "ROLLED_BACK": "STEADY"}


def _next(release: Release) -> Phase | None:
    if release.since is None:  # promoted by hand without a trial: it stays as it is
        return None
    return STAGES[release.phase].following if release.phase in STAGES else _ENDS.get(release.phase)


def _placement(release: Release, slot: Slot, standing: Standing, seen: Seen) -> PlacementFigures:
    placed = release.placement(slot)
    here = {"tenant": str(release.tenant), "slot": slot}
    held = standing.held.get(slot, {}).get(release.tenant, Held())
    return PlacementFigures(
        slot=slot,
        role=_role(release, slot),
        version=placed.version,
        model_version=placed.model_version,
        loaded_version=held.version,
        since_s=seen.value(SINCE, **here),
        weight_percent=100 * standing.applied.get(release.tenant, {}).get(slot, 0) / WEIGHT_TOTAL,
        requests_per_s=seen.value(REQUESTS, **here),
        error_ratio=seen.value(ERRORS, **here),
        p50_s=seen.value(P50, **here),
        p95_s=seen.value(P95, **here),
        p99_s=seen.value(P99, **here),
        ladder_ratio={s.labels.get("ladder", ""): s.value for s in seen.named(LADDER, **here)},
        quality=_quality(held.quality) if held.version == placed.version else None,
    )


def _quality(quality: Quality | None) -> QualityFigures | None:
    return None if quality is None else QualityFigures(**quality._asdict())


def _role(release: Release, slot: Slot) -> Role:
    placed = release.placement(slot)
    roles: tuple[Role, ...] = ("stable", "challenger", "previous")
    return next((role for role in roles if getattr(release, role) == placed), "idle")
