"""The figures of the operators' page: per tenant and slot the live versions and their metrics; pure.

Without data a figure is null, never 0, and the page says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from recommndr.release import SLOTS, WEIGHT_TOTAL, Phase, Release, Slot
from recommndr.release_policy import Consequence
from recommndr_rollout.verdict import Health, Verdict
from recommndr_rollout.weights import Loaded, Weights

Role = Literal["stable", "challenger", "previous", "idle"]

# Recording rules of monitoring/prometheus/rules, which alerts and dashboards also read, so that they agree with the page.
REQUESTS = "recommndr:requests_per_second:5m"
ERRORS = "recommndr:error_ratio:5m"
P50, P95, P99 = (f"recommndr:request_seconds:p{percent}_5m" for percent in (50, 95, 99))
LADDER = "recommndr:ladder_ratio:5m"
FRESHNESS_P50, FRESHNESS_P95 = (f"recommndr:freshness_seconds:p{percent}_5m" for percent in (50, 95))
LAG = "recommndr:consumer_lag_records"
UP = "up"
MEMORY = "process_resident_memory_bytes"
SINCE = "recommndr_serving_bundle_since_seconds"
NAMES = (REQUESTS, ERRORS, P50, P95, P99, LADDER, FRESHNESS_P50, FRESHNESS_P95, LAG, UP, MEMORY, SINCE)


@dataclass(frozen=True, slots=True)
class Sample:
    """One series at one instant."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Samples and alerts from Prometheus; empty if it does not answer."""

    samples: Sequence[Sample] = ()
    alerts: Sequence[Mapping[str, Any]] = ()  # as its `/api/v1/alerts` has them
    reached: bool = True

    def named(self, name: str, **labels: str) -> list[Sample]:
        """The samples of this name with all these labels."""
        return [s for s in self.samples if s.name == name and labels.items() <= s.labels.items()]

    def value(self, name: str, **labels: str) -> float | None:
        """The only value with this name and these labels; None if there is not exactly one."""
        found = self.named(name, **labels)
        return found[0].value if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Rollout's own state at one instant."""

    at: datetime
    releases: Sequence[Release]
    loaded: Loaded
    applied: Mapping[str, Weights] = field(default_factory=dict)
    verdicts: Mapping[str, Sequence[Verdict]] = field(default_factory=dict)  # by tenant, of releases under way


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class SlotFigures(_Figures):
    """One serving process."""

    slot: Slot
    up: bool | None
    memory_bytes: float | None


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


class StepFigures(_Figures):
    """A step of the release record."""

    at: datetime
    phase: Phase
    reason: str
    by: str


class VerdictFigures(_Figures):
    """What one rule says of the release under way."""

    rule: str
    health: Health
    consequence: Consequence
    finding: str


class BarFigures(_Figures):
    """A version that failed."""

    model_version: int
    at: datetime
    reason: str


class TenantFigures(_Figures):
    """One shop."""

    tenant: str
    phase: Phase
    since: datetime | None
    paused: bool
    release_id: str
    record_version: int
    last_step: StepFigures | None
    steps: list[StepFigures]  # newest first
    verdicts: list[VerdictFigures]  # of a release under way
    barred: list[BarFigures]
    slots: list[PlacementFigures]


class StreamFigures(_Figures):
    """From an event to the features of the next answer."""

    freshness_p50_s: float | None
    freshness_p95_s: float | None
    lag_records: dict[str, float]  # by consumer group
    services_down: list[str]


class AlertFigures(_Figures):
    """An alert that is firing or pending."""

    name: str
    state: str
    severity: str
    labels: dict[str, str]
    since: datetime
    summary: str
    runbook_url: str | None


class Figures(_Figures):
    """All figures of the page."""

    at: datetime
    prometheus_reached: bool
    slots: list[SlotFigures]
    tenants: list[TenantFigures]
    stream: StreamFigures
    alerts: list[AlertFigures]


def figures_of(standing: Standing, seen: Seen) -> Figures:
    """The figures of the page."""
    return Figures(
        at=standing.at,
        prometheus_reached=seen.reached,
        slots=[_slot(slot, seen) for slot in SLOTS],
        tenants=[_tenant(release, standing, seen) for release in standing.releases],
        stream=_stream(seen),
        alerts=[_alert(alert) for alert in seen.alerts],
    )


def _slot(slot: Slot, seen: Seen) -> SlotFigures:
    up = seen.value(UP, service="serving", slot=slot)
    memory = (
        seen.value(MEMORY, service="serving", slot=slot) if up else None
    )  # the last sample of an ended process does not count
    return SlotFigures(slot=slot, up=None if up is None else up > 0, memory_bytes=memory)


def _tenant(release: Release, standing: Standing, seen: Seen) -> TenantFigures:
    steps = [StepFigures(**dict(step)) for step in reversed(release.steps)]
    return TenantFigures(
        tenant=release.tenant,
        phase=release.phase,
        since=release.since,
        paused=release.paused,
        release_id=release.release_id,
        record_version=release.record_version,
        last_step=steps[0] if steps else None,
        steps=steps,
        verdicts=[
            VerdictFigures(rule=one.rule, health=one.health, consequence=one.consequence, finding=one.finding)
            for one in standing.verdicts.get(release.tenant, ())
        ],
        barred=[BarFigures(model_version=bar.model_version, at=bar.at, reason=bar.reason) for bar in release.barred],
        slots=[_placement(release, slot, standing, seen) for slot in SLOTS],
    )


def _placement(release: Release, slot: Slot, standing: Standing, seen: Seen) -> PlacementFigures:
    placed = release.placement(slot)
    here = {"tenant": str(release.tenant), "slot": slot}
    return PlacementFigures(
        slot=slot,
        role=_role(release, slot),
        version=None if placed is None else placed.version,
        model_version=None if placed is None else placed.model_version,
        loaded_version=standing.loaded.get(slot, {}).get(release.tenant),
        since_s=seen.value(SINCE, **here),
        weight_percent=100 * standing.applied.get(release.tenant, {}).get(slot, 0) / WEIGHT_TOTAL,
        requests_per_s=seen.value(REQUESTS, **here),
        error_ratio=seen.value(ERRORS, **here),
        p50_s=seen.value(P50, **here),
        p95_s=seen.value(P95, **here),
        p99_s=seen.value(P99, **here),
        ladder_ratio={s.labels.get("ladder", ""): s.value for s in seen.named(LADDER, **here)},
    )


def _role(release: Release, slot: Slot) -> Role:
    placed = release.placement(slot)
    roles: tuple[Role, ...] = ("stable", "challenger", "previous")
    return next((role for role in roles if placed is not None and getattr(release, role) == placed), "idle")


def _stream(seen: Seen) -> StreamFigures:
    return StreamFigures(
        freshness_p50_s=seen.value(FRESHNESS_P50),
        freshness_p95_s=seen.value(FRESHNESS_P95),
        lag_records=_summed((s.labels.get("group", ""), s.value) for s in seen.named(LAG)),
        services_down=sorted({s.labels.get("service", s.labels.get("job", "?")) for s in seen.named(UP) if s.value == 0}),
    )


def _summed(parts: Iterable[tuple[str, float]]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for name, value in parts:
        sums[name] = sums.get(name, 0.0) + value
    return sums


def _alert(alert: Mapping[str, Any]) -> AlertFigures:
    labels, notes = dict(alert["labels"]), alert["annotations"]
    return AlertFigures(
        name=labels.pop("alertname"),
        severity=labels.pop("severity", "none"),
        state=alert["state"],
        labels=labels,
        since=alert["activeAt"],
        summary=notes.get("summary", ""),
        runbook_url=notes.get("runbook_url"),
    )
