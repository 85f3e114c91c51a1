"""The figures of the operators' page: the slots, each tenant's release, the stream, the alerts; pure.

Without data a figure is null, never 0, and the page says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from recommndr.release import SLOTS, Slot
from recommndr_rollout.alertmanager import Mute, Muted
from recommndr_rollout.seen import FRESHNESS_P50, FRESHNESS_P95, LAG, MEMORY, UP, Seen
from recommndr_rollout.tenant_figures import Standing, TenantFigures, tenant_figures


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class SlotFigures(_Figures):
    """One serving process."""

    slot: Slot
    up: bool | None
    memory_bytes: float | None


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
    muted: Mute | None  # why nobody is told of it


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
        tenants=[tenant_figures(release, standing, seen) for release in standing.releases],
        stream=_stream(seen),
        alerts=[_alert(alert, standing.muted) for alert in seen.alerts],
    )


def _slot(slot: Slot, seen: Seen) -> SlotFigures:
    up = seen.value(UP, service="serving", slot=slot)
    memory = (
        seen.value(MEMORY, service="serving", slot=slot) if up else None
    )  # the last sample of an ended process does not count
    return SlotFigures(slot=slot, up=None if up is None else up > 0, memory_bytes=memory)


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


def _alert(alert: Mapping[str, Any], muted: Sequence[Muted]) -> AlertFigures:
    quiet = (one.by for one in muted if alert["labels"].items() <= one.labels.items())
    labels, notes = dict(alert["labels"]), alert["annotations"]
    return AlertFigures(
        name=labels.pop("alertname"),
        severity=labels.pop("severity", "none"),
        state=alert["state"],
        labels=labels,
        since=alert["activeAt"],
        summary=notes.get("summary", ""),
        runbook_url=notes.get("runbook_url"),
        muted=next(quiet, None),
    )
