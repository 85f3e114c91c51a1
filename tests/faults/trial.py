"""One release on trial: started, led to its half, disturbed there, and watched until it is decided."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from recommndr.release import SLOTS, Phase, Release, Slot
from recommndr.release_policy import RULES
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from recommndr_rollout.candidate import Candidate
from tests.faults.bundles import MakeRanker
from tests.faults.order import Order, give
from tests.faults.releases import another_version, move, policy, record
from tests.faults.watcher import Watcher

NO_FAULT = Order()
Ended = Literal["promoted", "rolled back", "held"]
_POLL_S = 0.1
# Steps of seconds, so that a trial is at its half soon; what the rules ask for is what a shop has by default.
_QUICK: Mapping[str, Any] = {"min_step_s": 6, "patience_s": 10, "watch_s": 5, "return_s": 2, "settle_s": 5}


@dataclass(frozen=True, slots=True)
class Case:
    """One fault, and what should come of it."""

    name: str
    told: str  # what is wrong, for the table
    expected: Ended
    rules: tuple[str, ...] = ()  # any of them takes the traffic back; empty: none does
    make: MakeRanker | None = None  # the challenger's ranker; the trained one without it
    order: Order = NO_FAULT  # of the challenger's slot
    is_there_at_start: bool = False  # the slot has its order before the release starts
    meanwhile: Callable[["Running"], None] | None = None  # what happens to the world while half of the shoppers try it
    stable: MakeRanker | None = None  # the ranker of the version that is stable before
    policy: Mapping[str, Any] = field(default_factory=dict)
    held_s: float = 0.0  # expected to be held: for so long it must stay in `phase`
    phase: Phase = "STEP_50"  # where the disturbance comes


@dataclass(frozen=True, slots=True)
class Running:
    """What a trial runs on."""

    live: GoLive
    installation: Installation
    watcher: Watcher
    folder: Path  # for bundles
    budget_s: float  # for a verdict

    def until(self, holds: Callable[[Release], bool], what: str) -> Release:
        """Wait for a record; raises `TimeoutError` with what was waited for, and where the release stood."""
        deadline = time.monotonic() + self.budget_s
        while not holds(release := record(self.live)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {self.budget_s:.0f} s: {what}; the release is in {release.phase}")
            time.sleep(_POLL_S)
        return release


@dataclass(frozen=True, slots=True)
class Result:
    """How a trial ended."""

    case: str
    told: str
    expected: str
    ended: str
    rules: tuple[str, ...]  # one of them should have taken the traffic back; empty: none
    by: tuple[str, ...]  # those that did
    reason: str
    verdict_s: float | None  # from the fault to the first traffic that goes back
    back_s: float | None  # from the fault to the last answer of the challenger
    refused: int  # requests of the watching shoppers that failed, beside those of the planted fault
    planted: int  # requests that the planted fault failed
    moved_twice: int

    @property
    def is_well(self) -> bool:
        """Whether it ended as expected and by an expected rule, and no request was lost by a move."""
        by_rule = not self.rules or not set(self.rules).isdisjoint(self.by)
        return self.ended == self.expected and by_rule and not self.refused and not self.moved_twice


def run(case: Case, running: Running, number: int) -> Result:
    """Run one trial; afterwards the tenant's release is steady and its slots have no fault."""
    live = running.live
    with policy(live.installation.settings, live.tenant, {**_QUICK, **case.policy}):
        if case.stable is not None:
            _serve(running, another_version(live, number + 0.5, running.folder, case.stable))
        started_s, before = time.time(), record(live)
        candidate = another_version(live, number, running.folder, case.make)
        slot: Slot = next(one for one in SLOTS if one != before.stable.slot)
        try:
            fault_s = _disturbed(case, running, slot, candidate)
            ended = _ended(case, running, candidate.version)
        finally:
            _well_again(running, slot)
    return _result(case, running, candidate.version, ended, started_s, fault_s)


def _disturbed(case: Case, running: Running, slot: Slot, candidate: Candidate) -> float:
    """Start the release and bring the fault; the instant from which the challenger is bad, epoch."""
    settings = running.installation.settings
    if case.is_there_at_start:
        give(settings, slot, case.order)
        running.installation.kill(slot)
    move(running.live, "start", candidate)
    if case.is_there_at_start:
        return time.time()
    reached = running.until(lambda release: release.phase == case.phase or not release.challenger, f"it reaches {case.phase}")
    if reached.challenger is None:  # it did not come so far
        return _since(reached, "STEP_1")
    if case.expected != "held":
        move(running.live, "pause")
    if case.make is not None:
        return _since(reached, case.phase)
    give(settings, slot, case.order)
    began_s = time.time()
    if case.meanwhile is not None:
        case.meanwhile(running)
    return began_s


def _ended(case: Case, running: Running, version: str) -> Release:
    """The record once it is decided, or as it stands when the time for a verdict is over."""
    if case.expected == "held":
        time.sleep(case.held_s)
        held = record(running.live)
        move(running.live, "rollback")
        return held
    if case.expected == "promoted" and record(running.live).challenger is not None:
        move(running.live, "resume")
    try:
        return running.until(lambda release: release.stable.version == version or release.challenger is None, "a verdict")
    except TimeoutError:
        return record(running.live)


def _serve(running: Running, candidate: Candidate) -> None:
    running.live.release({"model_version": candidate.model_version, "bundle_version": candidate.version})
    running.until(lambda _: running.watcher.seen[-1].version == candidate.version, f"version {candidate.version} answers")


def _well_again(running: Running, slot: Slot) -> None:
    give(running.installation.settings, slot, NO_FAULT)
    if record(running.live).challenger is not None:
        move(running.live, "rollback")
    running.until(lambda release: release.phase == "STEADY", "the release is over")
    running.installation.kill(slot)  # what it leaked, or counted, is not the next trial's
    running.installation.wait_ready([slot])


def _result(case: Case, running: Running, version: str, ended: Release, started_s: float, fault_s: float) -> Result:
    reason = next((one.reason for one in ended.barred if one.version == version), "")
    is_stable = ended.stable.version == version
    outcome = "promoted" if is_stable else "held" if ended.challenger is not None else "rolled back"
    first = min((_epoch(step.at) for step in ended.steps if step.phase in ("ROLLING_BACK", "ROLLED_BACK")
                 and _epoch(step.at) >= started_s), default=None)  # fmt: skip
    last_s = running.watcher.last_of(version)
    refused = running.watcher.refused(started_s)
    planted = [one for one in refused if case.order.fault == "errors" and ": 500 " in one.refused]
    return Result(
        case.name, case.told, case.expected, outcome, case.rules, _rules_of(reason), reason,
        None if first is None else first - fault_s,
        None if first is None or last_s is None else max(last_s - fault_s, 0.0),
        len(refused) - len(planted), len(planted), len(running.watcher.moved_twice(started_s)),
    )  # fmt: skip


def _rules_of(reason: str) -> tuple[str, ...]:
    return tuple(name for name in RULES if f"{name}: " in reason)


def _since(release: Release, phase: Phase) -> float:
    return next(_epoch(step.at) for step in reversed(release.steps) if step.phase == phase)


def _epoch(at: datetime) -> float:
    return at.timestamp()
