"""The state machine of a release: `advance(release, verdicts, policy, now) -> release`. Pure.

It is level-triggered: the next record follows from the saved record, the verdicts and the time, never from what an earlier call
did. So a process that dies between a decision and its effects leaves nothing behind that the next tick does not repair.

| phase | challenger's weight | goes on to | when |
|---|---|---|---|
| WARMING | 0 | STEP_1 | the idle slot has loaded the version |
| STEP_1 | 1 % | STEP_10 | the slot runs, the step is long enough, and errors and latency are healthy or patience is over |
| STEP_10 | 10 % | STEP_50 | the same, with outcomes |
| STEP_50 | 50 % | PROMOTED | the same, with outcomes |
| PROMOTED | the old version's slot idles | STEADY | the watch is over |
| ROLLING_BACK | halved each few seconds | ROLLED_BACK | nothing is left |
| ROLLED_BACK | 0 | STEADY | the stable slot is healthy for a while |

Patience is for small shops: 1 % of a hundred requests a day says nothing about errors in any time that somebody would wait.

A failing rule that acts leads from any step to ROLLED_BACK (errors, a dead slot, nothing loaded: at once) or to ROLLING_BACK.
In the watch after a promotion it makes the old version stable again. A rule that only alerts holds the step. A paused release
goes back, but not on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from recommndr.release import Barred, Phase, Placement, Release, Step
from recommndr.release_policy import ReleasePolicy
from recommndr_rollout.stages import STAGES
from recommndr_rollout.verdict import Verdict
from recommndr_rollout.waits import lasts, waits

ROLLOUT = "rollout"  # who takes steps here
MAX_STEPS_KEPT = 50  # in the record; older steps are in the registry's runs
_LEAST_WEIGHT = 100  # basis points; a return ends below it
_NOT_HEALTHY = "the stable slot is not healthy after the return"


def advance(release: Release, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> Release:
    """The record after this instant; the same object when nothing moves."""
    if release.phase in STAGES and release.challenger is not None:
        return _of_challenger(release, verdicts, policy, now)
    if release.phase == "PROMOTED":
        return _watched(release, verdicts, policy, now)
    if release.phase == "ROLLING_BACK":
        return _returning(release, verdicts, policy, now)
    if release.phase == "ROLLED_BACK":
        return _settling(release, verdicts, policy, now)
    return release


def moved(release: Release, phase: Phase, reason: str, now: datetime, by: str = ROLLOUT, **changes: object) -> Release:
    """The record in another phase, with the step in its history."""
    step = Step(at=now, phase=phase, reason=reason, by=by)
    following = {"phase": phase, "since": now, "steps": (*release.steps, step)[-MAX_STEPS_KEPT:], **changes}
    if following.get("challenger_weight", release.challenger_weight) != release.challenger_weight:
        following["weight_since"] = now
    return Release.model_validate({**dict(release), **following})


def withdrawn(release: Release, reason: str, now: datetime, at_once: bool, by: str = ROLLOUT) -> Release:
    """The record of a challenger that failed: it is barred, and traffic goes back at once or by halves."""
    challenger = release.challenger
    if challenger is None:
        return release
    barred = _barred(release, challenger, reason, now)
    if at_once or release.challenger_weight < _LEAST_WEIGHT:
        return moved(release, "ROLLED_BACK", reason, now, by, challenger=None, challenger_weight=0, barred=barred)
    return moved(release, "ROLLING_BACK", reason, now, by, challenger_weight=release.challenger_weight // 2, barred=barred)


def promoted(release: Release, reason: str, now: datetime, by: str = ROLLOUT) -> Release:
    """The record with the challenger stable; the old version stays in its slot and can come back."""
    return moved(
        release,
        "PROMOTED",
        reason,
        now,
        by,
        stable=release.challenger,
        previous=release.stable,
        challenger=None,
        challenger_weight=0,
        paused=False,
    )


def _of_challenger(release: Release, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> Release:
    if failing := [one for one in verdicts if one.acts]:
        return withdrawn(release, _findings(failing), now, any(one.at_once for one in failing))
    stage = STAGES[release.phase]
    if waits(release, verdicts, policy, now):
        return release
    reason = _findings(one for one in verdicts if one.rule in (*stage.needs, *stage.hopes))
    if stage.following == "PROMOTED":
        return promoted(release, reason, now)
    return moved(release, stage.following, reason, now, challenger_weight=STAGES[stage.following].weight)


def _watched(release: Release, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> Release:
    if release.since is None:  # promoted by hand without a trial: nobody asked for a watch
        return release
    failing = [one for one in verdicts if one.acts]
    if failing and release.previous is not None and not lasts(release, policy.watch_s, now):
        return reverted(release, _findings(failing), now)
    if lasts(release, policy.watch_s, now):
        return moved(release, "STEADY", "the watch after the promotion is over", now)
    return release


def reverted(release: Release, reason: str, now: datetime, by: str = ROLLOUT) -> Release:
    """The record with the version before the promotion stable again; the promoted one is barred."""
    barred = _barred(release, release.stable, reason, now)
    return moved(release, "ROLLED_BACK", reason, now, by, stable=release.previous, previous=None, paused=False, barred=barred)


def _barred(release: Release, failed: Placement, reason: str, now: datetime) -> tuple[Barred, ...]:
    bar = Barred(version=failed.version, model_version=failed.model_version, at=now, reason=reason)
    return (*(one for one in release.barred if one.version != bar.version), bar)


def _findings(verdicts: Iterable[Verdict]) -> str:
    return "; ".join(one.finding for one in verdicts)


def _returning(release: Release, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> Release:
    at_once = any(one.acts and one.at_once for one in verdicts)
    changed = release.weight_since or release.since
    if not at_once and changed is not None and now - changed < timedelta(seconds=policy.return_s):
        return release
    halved = release.challenger_weight // 2
    if at_once or halved < _LEAST_WEIGHT:
        return moved(release, "ROLLED_BACK", "all traffic is back", now, challenger=None, challenger_weight=0, paused=False)
    return release.model_copy(update={"challenger_weight": halved, "weight_since": now})


def _settling(release: Release, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> Release:
    failing = [one for one in verdicts if one.acts]
    if failing:
        if release.steps and release.steps[-1].reason.startswith(_NOT_HEALTHY):  # figures differ at each tick: told once
            return release
        return moved(release, "ROLLED_BACK", f"{_NOT_HEALTHY}: {_findings(failing)}", now)
    if lasts(release, policy.settle_s, now):
        return moved(release, "STEADY", "the stable slot is healthy after the return", now, paused=False)
    return release
