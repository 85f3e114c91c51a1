"""Recorded series of one tenant over a window, for the sparklines of the operators' page; pure.

Callers choose among these by name; there is no way to send PromQL.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict

from recommndr.identity import TenantId
from recommndr.release import SLOTS, Release, Slot
from recommndr_rollout.seen import CLICKS, ERRORS, LADDER, P95, REQUESTS

SeriesName = Literal["requests_per_s", "p95_s", "error_ratio", "full_ratio", "click_ratio"]
RECORDED: Mapping[str, SeriesName] = MappingProxyType(
    {REQUESTS: "requests_per_s", P95: "p95_s", ERRORS: "error_ratio", LADDER: "full_ratio", CLICKS: "click_ratio"}
)
_STABLE_CHANGES = ("PROMOTED", "ROLLED_BACK")
_CLICKS_WINDOW_S = 3_600
_OWN_LIST = "recommend"  # the shopper's own; other lists have other ratios
MAX_MINUTES = 1_440
_MAX_POINTS = 120
_LEAST_STEP_S = 15


@dataclass(frozen=True, slots=True)
class Grid:
    """Instants, epoch seconds, at multiples of the step, so that they are the same at the next look."""

    start_s: int
    end_s: int
    step_s: int

    @classmethod
    def until(cls, now: datetime, minutes: int) -> "Grid":
        """The last minutes, in at most 121 instants.

        >>> from datetime import UTC
        >>> Grid.until(datetime(1970, 1, 2, 0, 0, 50, tzinfo=UTC), 60)
        Grid(start_s=82830, end_s=86430, step_s=30)
        """
        step = max(_LEAST_STEP_S, -(-60 * minutes // _MAX_POINTS))
        end = int(now.timestamp()) // step * step
        return cls(end - 60 * minutes // step * step, end, step)

    def instants(self) -> range:
        """All of them."""
        return range(self.start_s, self.end_s + 1, self.step_s)


@dataclass(frozen=True, slots=True)
class Line:
    """One series: values by instant, NaN where a ratio was over nothing."""

    name: str
    labels: Mapping[str, str]
    values: Mapping[int, float]


Lines = Callable[[str, Grid], Sequence[Line]]


class _Series(BaseModel):
    model_config = ConfigDict(frozen=True)


class SlotSeries(_Series):
    """One figure of one slot, null where nothing was measured."""

    name: SeriesName
    slot: Slot
    points: list[float | None]


class Series(_Series):
    """The figures of a tenant at the same instants: every `step_s` from `start_s` (epoch) on."""

    prometheus_reached: bool
    start_s: int
    step_s: int
    lines: list[SlotSeries]


def selector(tenant: TenantId) -> str:
    """All recorded series of the tenant in one selector; of the ladder full answers, of clicks those on the own list."""
    labels = f'tenant="{tenant}", ladder=~"|full", list=~"|{_OWN_LIST}"'
    return f'{{__name__=~"{"|".join(RECORDED)}", {labels}}}'


def series_of(lines: Sequence[Line] | None, grid: Grid, release: Release | None) -> Series:
    """The answer; without lines Prometheus did not give any."""
    found = {
        (RECORDED[line.name], slot): line.values if line.name != CLICKS else _of_one_version(line.values, release)
        for line in lines or ()
        if line.name in RECORDED and (slot := _slot(line, release)) is not None
    }
    return Series(
        prometheus_reached=lines is not None,
        start_s=grid.start_s,
        step_s=grid.step_s,
        lines=[
            SlotSeries(name=name, slot=slot, points=[_known(values.get(at)) for at in grid.instants()])
            for (name, slot), values in sorted(found.items())
        ],
    )


def _slot(line: Line, release: Release | None) -> Slot | None:
    """The slot that the series is of. Clicks are counted by a release's arm: of the release that the record names."""
    if line.name != CLICKS:
        return next((slot for slot in SLOTS if line.labels.get("slot") == slot), None)
    if release is None or line.labels.get("release") != release.release_id:
        return None
    placed = {"stable": release.stable, "challenger": release.challenger}.get(line.labels.get("arm", ""))
    return None if placed is None else placed.slot


def _of_one_version(values: Mapping[int, float], release: Release | None) -> Mapping[int, float]:
    """Without the hour after another version became stable, in which the arm's clicks are of both."""
    changes = [step.at.timestamp() for step in release.steps if step.phase in _STABLE_CHANGES] if release else []
    begin_s = max(changes, default=0.0) + _CLICKS_WINDOW_S
    return {at: value for at, value in values.items() if at >= begin_s}


def _known(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
