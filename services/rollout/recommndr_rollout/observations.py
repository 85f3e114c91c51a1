"""What monitoring says of the slots, as evidence: PromQL out, arms in. Pure but for the `ask` that it is given.

All tenants' figures of a window come with one query. A figure that is not there, or that is no number, is not known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf

from recommndr.outcomes.partial import Partial
from recommndr.release import SLOTS, Release, Slot
from recommndr_rollout import drift_samples
from recommndr_rollout.evidence import Arm, Consistency, Evidence, Traffic
from recommndr_rollout.seen import P95, Sample, labelled, only
from recommndr_rollout.slots import Held
from recommndr_rollout.stages import STAGES

Ask = Callable[[str], Sequence[Sample]]  # an instant query; empty when monitoring does not answer

_ASKED = 'endpoint!~"/health/.*|/metrics|/slot"'
_REQUESTS = f"recommndr_serving_requests_total{{{_ASKED}}}"
_SECONDS = f"recommndr_serving_request_seconds_bucket{{{_ASKED}}}"
_RECENT_S, _TRAFFIC_S = 30.0, 300.0
_FULL = "full"
# Memory is compared with the least since the phase began, within these bounds.
_LEAST_S, _MOST_S = 60.0, 600.0
_TWO_SCRAPES_S, _RESTARTS_S = 10.0, 300.0

_UP = 'max_over_time(up{service="serving"}[20s])'  # one slow scrape is no outage
_CONSISTENCY = "recommndr:consistency:2d"


def _by_status(window: str) -> str:
    return f"sum by (slot, tenant, status) (increase({_REQUESTS}[{window}]))"


def _by_ladder(window: str) -> str:
    return f"sum by (slot, tenant, ladder) (increase(recommndr_serving_answers_total[{window}]))"


def _p95(window: str) -> str:
    return f"histogram_quantile(0.95, sum by (slot, tenant, le) (rate({_SECONDS}[{window}])))"


def _processor(window: str) -> str:
    return (
        f'sum by (slot) (rate(process_cpu_seconds_total{{service="serving"}}[{window}]))'
        f" / sum by (slot) (rate({_REQUESTS}[{window}]))"
    )


def _restarts(phase_s: float) -> str:
    """Restarts before the phase are nobody's fault that is on trial."""
    window_s = min(max(phase_s, _TWO_SCRAPES_S), _RESTARTS_S)
    return f'changes(process_start_time_seconds{{service="serving"}}[{window_s:.0f}s])'


def _memory(phase_s: float) -> str:
    resident = 'process_resident_memory_bytes{service="serving"}'
    return f"{resident} / min_over_time({resident}[{min(max(phase_s, _LEAST_S), _MOST_S):.0f}s])"


@dataclass(frozen=True, slots=True)
class Observations:
    """The answers of one moment, for all tenants."""

    recent: Sequence[Sample]
    traffic: Sequence[Sample]
    ladder: Sequence[Sample]
    p95: Sequence[Sample]
    up: Sequence[Sample]
    processor: Sequence[Sample]
    consistency: Sequence[Sample] = ()
    drift: Sequence[Sample] = ()

    @classmethod
    def asked(cls, ask: Ask) -> "Observations":
        """The answers of now."""
        recent, window = f"{_RECENT_S:.0f}s", f"{_TRAFFIC_S:.0f}s"
        return cls(
            recent=ask(_by_status(recent)),
            traffic=ask(_by_status(window)),
            ladder=ask(_by_ladder(window)),
            p95=ask(P95),
            up=ask(_UP),
            processor=ask(_processor(window)),
            consistency=ask(_CONSISTENCY),
            drift=ask(drift_samples.QUERY),
        )

    def of_trial(self, trial_s: float, ask: Ask) -> "Observations":
        """The same for a release whose challenger has had traffic for so long: what its slot did before is not its work."""
        if trial_s >= _TRAFFIC_S:
            return self
        if trial_s < _TWO_SCRAPES_S:
            return replace(self, recent=(), traffic=(), ladder=(), p95=(), processor=())
        window = f"{trial_s:.0f}s"
        traffic = ask(_by_status(window))
        return replace(
            self,
            recent=self.recent if trial_s >= _RECENT_S else traffic,
            traffic=traffic,
            ladder=ask(_by_ladder(window)),
            p95=ask(_p95(window)),
            processor=ask(_processor(window)),
        )


def trial_s(release: Release, now: datetime) -> float:
    """How long the judged version has had traffic; infinite where no trial began it."""
    if release.phase == "WARMING":
        return 0.0
    if release.phase not in {*STAGES, "PROMOTED"}:
        return inf
    began = next((step.at for step in reversed(release.steps) if step.phase == "STEP_1"), None)
    return inf if began is None else (now - began).total_seconds()


@dataclass(frozen=True, slots=True)
class SincePhase:
    """What is counted since the phase of one release began."""

    memory: Sequence[Sample]
    restarts: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a release beside the requests to its slots."""

    held: Mapping[Slot, Held]
    outcomes: Mapping[Slot, Mapping[str, Partial]] = field(default_factory=dict)  # by list


def evidence(release: Release, seen: Observations, beside: Beside, ask: Ask, phase_s: float) -> Evidence:
    """What the rules see of a release: the challenger and the stable arm, or after its end the stable arm alone."""
    since = SincePhase(ask(_memory(phase_s)), ask(_restarts(phase_s)))
    arms = {slot: _arm(release, slot, seen, beside, since) for slot in SLOTS}
    stable, consistency = arms[release.stable.slot], _consistency(release, seen)
    if release.challenger is None:
        return Evidence(stable, None, phase_s, consistency=consistency)
    return Evidence(
        arms[release.challenger.slot],
        stable,
        phase_s,
        release.phase == "WARMING",
        drift_samples.drift_of(seen.drift, release),
        drift_samples.mixes_of(seen.drift, release),
        consistency,
    )


def _arm(release: Release, slot: Slot, seen: Observations, beside: Beside, since: SincePhase) -> Arm:
    here = {"slot": slot, "tenant": str(release.tenant)}
    placed, held = release.placement(slot), beside.held.get(slot, Held())
    up = only(seen.up, slot=slot)
    lists = labelled(seen.ladder, **here)
    return Arm(
        slot=slot,
        is_up=None if up is None else up > 0.0,
        restarts=only(since.restarts, slot=slot) or 0.0,
        is_loaded=held.version == placed.version,
        refusal=held.refused.get(placed.version),
        recent=_traffic(seen.recent, here),
        traffic=replace(_traffic(seen.traffic, here), lists=_sum(lists), full=_sum(labelled(lists, ladder=_FULL))),
        p95_s=only(seen.p95, **here),
        memory_growth=only(since.memory, slot=slot),
        processor_s_per_request=only(seen.processor, slot=slot),
        outcomes=beside.outcomes.get(slot, {}),
    )


def _consistency(release: Release, seen: Observations) -> Consistency | None:
    here = labelled(seen.consistency, tenant=str(release.tenant))
    answers, differing = only(here, figure="answers"), only(here, figure="differing")
    return None if answers is None or differing is None else Consistency(int(answers), differing)


def _traffic(samples: Sequence[Sample], here: Mapping[str, str]) -> Traffic:
    by_status = {one.labels.get("status", ""): one.value for one in labelled(samples, **here)}
    return Traffic(
        requests=sum(by_status.values()),
        errors=sum(n for status, n in by_status.items() if status.startswith("5") and status != "503"),
        refused=sum(n for status, n in by_status.items() if status.startswith("4")),
    )


def _sum(samples: Sequence[Sample]) -> float:
    return sum(one.value for one in samples)
