"""The state machine of a code release: `advance(code, look, policy, now) -> code`. Pure, and level-triggered like a model's.

| phase | the candidate's weight | goes on to | when |
|---|---|---|---|
| GATHERING | - | WARMING | every shop's traffic goes to one slot, with the version that it had |
| WARMING | 0 | STEP_1 | the other slot runs the candidate, and has loaded every shop's version |
| STEP_1 | 1 % of every shop | STEP_10 | as for a model; a rule with too few samples here is healthy if it is at another shop |
| STEP_10 | 10 % | STEP_50 | the same |
| STEP_50 | 50 % | PROMOTED | the same |
| PROMOTED | all; the old code's slot idles | RENEWING | the watch is over |
| ROLLING_BACK | halved each few seconds | ROLLED_BACK | nothing is left |
| ROLLED_BACK | 0 | RENEWING | the old code is healthy for a while |
| RENEWING | 0 | STEADY | the slot without traffic runs the code that serves |

A failing rule of any shop takes all shops' traffic back, because the code is the same for all; the code is barred, the models
are not. In the watch after a promotion it makes the old code serve again. While WARMING only rule `load` judges: the process is
restarted on purpose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recommndr.release import Slot
from recommndr.release_policy import ReleasePolicy
from recommndr_rollout.advance import MAX_STEPS_KEPT, ROLLOUT
from recommndr_rollout.code.record import BarredCode, Code, CodePhase, CodeRelease, CodeStep
from recommndr_rollout.stages import STAGES
from recommndr_rollout.verdict import Verdict
from recommndr_rollout.waits import Wait, lasts, of_step

_LEAST_WEIGHT = 100  # basis points; a return ends below it


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen at one instant."""

    scattered: Sequence[str]  # why the shops are not in one slot yet, a sentence each; empty: they are
    running: Mapping[Slot, str]  # the revision that a slot says it runs; a slot that does not answer is missing
    verdicts: Sequence[Verdict]  # on all shops, as `hearing` makes them one


def advance(code: CodeRelease, look: Look, policy: ReleasePolicy, now: datetime) -> CodeRelease:
    """The record after this instant; the same object when nothing moves."""
    if code.phase in STAGES:
        return _of_candidate(code, look, policy, now)
    if code.phase == "ROLLING_BACK":
        return _returning(code, look.verdicts, policy, now)
    if code.phase == "PROMOTED" and code.previous is not None and (failing := _acting(look.verdicts)):
        return reverted(code, _findings(failing), now)
    if waits(code, look, policy, now):
        return code
    following: dict[CodePhase, tuple[CodePhase, str]] = {
        "GATHERING": ("WARMING", f"all shops are in slot {code.serving}"),
        "PROMOTED": ("RENEWING", "the watch after the promotion is over"),
        "ROLLED_BACK": ("RENEWING", "the old code is healthy after the return"),
        "RENEWING": ("STEADY", f"both slots run {_named(code.live)}"),
    }
    if code.phase not in following:
        return code
    phase, reason = following[code.phase]
    return moved(code, phase, reason, now, previous=None)


def waits(code: CodeRelease, look: Look, policy: ReleasePolicy, now: datetime) -> list[Wait]:
    """What keeps the code release in its phase; empty if it moves on at once, or is at its end."""
    if code.phase == "GATHERING":
        resumed = [Wait("somebody resumes the code release")] if code.paused else []
        return [*resumed, *map(Wait, look.scattered)]
    if code.phase in STAGES:
        return [*_other_code(code, look), *of_step(code, STAGES[code.phase], look.verdicts, policy, now)]
    if code.phase == "RENEWING":
        return _other_code(code, look)
    if code.phase == "PROMOTED":
        return _while(code, "the watch after the promotion is over", policy.watch_s, now)
    if code.phase == "ROLLED_BACK":
        failing = [Wait(f"rule {one.rule} is healthy: {one.finding}") for one in _acting(look.verdicts)]
        return [*failing, *_while(code, "the old code is healthy for a while", policy.settle_s, now)]
    return []


def moved(code: CodeRelease, phase: CodePhase, reason: str, now: datetime, by: str = ROLLOUT, **changes: object) -> CodeRelease:
    """The record in another phase, with the step in its history."""
    steps = (*code.steps, CodeStep(at=now, phase=phase, reason=reason, by=by))[-MAX_STEPS_KEPT:]
    following = {"phase": phase, "since": now, "steps": steps, **changes}
    if following.get("weight", code.weight) != code.weight:
        following["weight_since"] = now
    return CodeRelease.model_validate({**dict(code), **following})


def withdrawn(code: CodeRelease, reason: str, now: datetime, at_once: bool, by: str = ROLLOUT) -> CodeRelease:
    """The record of code that failed: it is barred, and traffic goes back at once or by halves."""
    if code.candidate is None:
        return code
    barred = _barred(code, code.candidate, reason, now)
    if at_once or code.weight < 2 * _LEAST_WEIGHT:
        return moved(code, "ROLLED_BACK", reason, now, by, candidate=None, weight=0, paused=False, barred=barred)
    return moved(code, "ROLLING_BACK", reason, now, by, weight=code.weight // 2, barred=barred)


def promoted(code: CodeRelease, reason: str, now: datetime, by: str = ROLLOUT) -> CodeRelease:
    """The record with the candidate serving every shop; the old code idles in its slot and can come back."""
    changes = {"serving": code.other, "live": code.candidate, "previous": code.live}
    return moved(code, "PROMOTED", reason, now, by, candidate=None, weight=0, paused=False, **changes)


def reverted(code: CodeRelease, reason: str, now: datetime, by: str = ROLLOUT) -> CodeRelease:
    """The record with the code before the promotion serving again; the promoted code is barred."""
    barred = _barred(code, code.live, reason, now)
    changes = {"serving": code.other, "live": code.previous, "previous": None}
    return moved(code, "ROLLED_BACK", reason, now, by, paused=False, barred=barred, **changes)


def _of_candidate(code: CodeRelease, look: Look, policy: ReleasePolicy, now: datetime) -> CodeRelease:
    failing = [one for one in _acting(look.verdicts) if code.phase != "WARMING" or one.rule == "load"]
    if failing:
        return withdrawn(code, _findings(failing), now, any(one.at_once for one in failing))
    if waits(code, look, policy, now):
        return code
    stage = STAGES[code.phase]
    reason = _findings([one for one in look.verdicts if one.rule in (*stage.needs, *stage.hopes)])
    if stage.following == "PROMOTED":
        return promoted(code, reason, now)
    return moved(code, stage.following, reason, now, weight=STAGES[stage.following].weight)


def _returning(code: CodeRelease, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> CodeRelease:
    at_once = any(one.at_once for one in _acting(verdicts))
    changed = code.weight_since or code.since
    if not at_once and changed is not None and now - changed < timedelta(seconds=policy.return_s):
        return code
    halved = code.weight // 2
    if at_once or halved < _LEAST_WEIGHT:
        return moved(code, "ROLLED_BACK", "all traffic is back", now, candidate=None, weight=0, paused=False)
    return code.model_copy(update={"weight": halved, "weight_since": now})


def _other_code(code: CodeRelease, look: Look) -> list[Wait]:
    wanted, runs = code.code_in(code.other).revision, look.running.get(code.other)
    if runs == wanted:
        return []
    told = "does not answer" if runs is None else f"runs {runs!r}"
    return [Wait(f"slot {code.other} runs code {wanted!r}; it {told}")]


def _while(code: CodeRelease, told: str, seconds: float, now: datetime) -> list[Wait]:
    until = None if code.since is None else code.since + timedelta(seconds=seconds)
    return [] if lasts(code, seconds, now) else [Wait(told, until)]


def _acting(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [one for one in verdicts if one.acts]


def _barred(code: CodeRelease, failed: Code, reason: str, now: datetime) -> tuple[BarredCode, ...]:
    kept = (one for one in code.barred if one.revision != failed.revision)
    return (*kept, BarredCode(revision=failed.revision, at=now, reason=reason))


def _findings(verdicts: Sequence[Verdict]) -> str:
    return "; ".join(one.finding for one in verdicts)


def _named(code: Code) -> str:
    return f"code {code.revision!r}" if code.revision else "the installation's own code"
