"""What a release waits for before it leaves its phase: for the state machine, and in words for operators. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from recommndr.release import Release
from recommndr.release_policy import ReleasePolicy, RuleName
from recommndr_rollout.stages import STAGES, Stage
from recommndr_rollout.verdict import Verdict, of


class UnderWay(Protocol):
    """A release of a model or of code that is in some phase."""

    @property
    def since(self) -> datetime | None:
        """When the phase began."""
        ...

    @property
    def paused(self) -> bool:
        """Whether somebody holds it where it is."""
        ...


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing to wait for."""

    told: str
    until: datetime | None = None  # then this wait is over by itself


def waits(release: Release, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> list[Wait]:
    """What keeps the release in its phase; empty if it moves on at once, or is at its end."""
    if release.phase in STAGES and release.challenger is not None:
        return of_step(release, STAGES[release.phase], verdicts, policy, now)
    failing = [Wait(f"rule {one.rule} is healthy: {one.finding}") for one in verdicts if one.acts]
    if release.phase == "PROMOTED":
        return _while(release, "the watch after the promotion is over", policy.watch_s, now)
    if release.phase == "ROLLING_BACK":
        return [Wait(f"the challenger has no traffic left; its share is halved every {policy.return_s:g} s")]
    if release.phase == "ROLLED_BACK":
        return [*failing, *_while(release, "the stable slot is healthy for a while", policy.settle_s, now)]
    return []


def lasts(release: UnderWay, seconds: float, now: datetime) -> bool:
    """Whether the phase lasts so long already; one that does not say since when lasts forever."""
    return release.since is None or now - release.since >= timedelta(seconds=seconds)


def of_step(release: UnderWay, stage: Stage, verdicts: Sequence[Verdict], policy: ReleasePolicy, now: datetime) -> list[Wait]:
    """What keeps a release of a model or of code in a step forward."""
    found = []
    if release.paused:
        found.append(Wait("somebody resumes the release"))
    held = [one.rule for one in verdicts if one.holds]
    needed = [rule for rule in stage.needs if of(verdicts, rule) != "healthy"]
    found += [_healthy(rule, verdicts) for rule in dict.fromkeys((*held, *needed))]
    if not stage.weight:  # it warms up without traffic
        return found
    found += _while(release, "the step lasts long enough", policy.min_step_s, now)
    if not lasts(release, policy.patience_s, now):
        hoped = [rule for rule in stage.hopes if of(verdicts, rule) == "unknown"]
        found += [_healthy(rule, verdicts, _after(release, policy.patience_s)) for rule in hoped]
    return found


def _healthy(rule: RuleName, verdicts: Sequence[Verdict], until: datetime | None = None) -> Wait:
    finding = next((one.finding for one in verdicts if one.rule == rule), "not judged yet")
    return Wait(f"rule {rule} is healthy: {finding}", until)


def _while(release: UnderWay, told: str, seconds: float, now: datetime) -> list[Wait]:
    return [] if lasts(release, seconds, now) else [Wait(told, _after(release, seconds))]


def _after(release: UnderWay, seconds: float) -> datetime | None:
    return None if release.since is None else release.since + timedelta(seconds=seconds)
