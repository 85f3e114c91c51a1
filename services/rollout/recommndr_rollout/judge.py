"""Judges the releases that are under way: evidence -> verdicts -> the next record, for each tenant, again and again.

A tick keeps nothing but what people look at: what was decided is in the record. When monitoring does not answer, every verdict
is unknown, so no release goes on, and none goes back.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from recommndr.identity import TenantId
from recommndr.outcomes.partial import Partial
from recommndr.release import SLOTS, Release, ReleaseStore, Slot, StaleRecord
from recommndr.release_policy import ReleasePolicy
from recommndr.tenancy import TenantPolicy
from recommndr_rollout import rules
from recommndr_rollout.advance import advance
from recommndr_rollout.evidence_files import EvidenceFiles, told
from recommndr_rollout.observations import Beside, Observations, evidence, trial_s
from recommndr_rollout.prometheus import NoAnswer
from recommndr_rollout.seen import Sample
from recommndr_rollout.slots import Held
from recommndr_rollout.verdict import Verdict

_log = logging.getLogger(__name__)


class Monitoring(Protocol):
    """Answers instant queries."""

    def query(self, expression: str) -> Sequence[Sample]:
        """The finite values; raises `NoAnswer`."""
        ...


class Slots(Protocol):
    """The serving slots."""

    def held(self) -> Mapping[Slot, Mapping[str, Held]]:
        """Per slot and tenant what the slot says of it; a slot that does not answer says nothing."""
        ...


# The outcomes of a release's arm by list: tenant, release_id, arm.
Outcomes = Callable[[str, str, str], Mapping[str, Partial]]


@dataclass(frozen=True, slots=True)
class Judged:
    """The newest verdicts on a tenant's release."""

    at: datetime
    release_id: str
    verdicts: Sequence[Verdict]


@dataclass(slots=True)
class Judge:
    """Ticks over all records; `moved` is told of every step that it saved."""

    store: ReleaseStore
    slots: Slots
    monitoring: Monitoring
    outcomes: Outcomes
    policies: Callable[[], Mapping[TenantId, TenantPolicy]]
    now: Callable[[], datetime]
    moved: Callable[[Release], None]
    evidence: EvidenceFiles
    latest: dict[str, Judged] = field(default_factory=dict)  # by tenant, of releases under way

    def step(self) -> None:
        """Judge every release that is under way, once."""
        under_way = [release for release in self.store.load_all() if _is_judged(release)]
        self.latest = {tenant: one for tenant, one in self.latest.items() if tenant in {each.tenant for each in under_way}}
        if not under_way:
            return
        seen, held = Observations.asked(self._ask), self.slots.held()
        for release in under_way:
            self._judge(release, seen, held)

    def _judge(self, release: Release, seen: Observations, held: Mapping[Slot, Mapping[str, Held]]) -> None:
        now, policy = self.now(), self._policy(release.tenant)
        phase_s = (now - release.since).total_seconds() if release.since else 0.0
        beside = Beside({slot: held.get(slot, {}).get(release.tenant, Held()) for slot in SLOTS}, self._outcomes(release))
        of_trial = seen.of_trial(trial_s(release, now), self._ask)
        verdicts = rules.verdicts(evidence(release, of_trial, beside, self._ask, phase_s), policy)
        self.latest[release.tenant] = Judged(now, release.release_id, verdicts)
        if release.code is not None:  # the code release decides, for all tenants at once
            return
        following = advance(release, verdicts, policy, now)
        if following is release:
            return
        if following.steps != release.steps:  # not one more halving of a return
            self.evidence.keep(following, told(verdicts, policy))
        try:
            saved = self.store.save(following)
        except StaleRecord as cause:  # somebody moved it meanwhile; the next tick judges what they saved
            _log.info("%s", cause)
            return
        if saved.steps != release.steps:
            _log.info("tenant %s: %s -> %s: %s", saved.tenant, release.phase, saved.phase, saved.steps[-1].reason)
            self.moved(saved)

    def _policy(self, tenant: TenantId) -> ReleasePolicy:
        return self.policies().get(tenant, TenantPolicy()).release

    def _outcomes(self, release: Release) -> dict[Slot, Mapping[str, Partial]]:
        arms = {"stable": release.stable, "challenger": release.challenger}
        return {
            placed.slot: self.outcomes(release.tenant, release.release_id, arm)
            for arm, placed in arms.items()
            if placed is not None
        }

    def _ask(self, expression: str) -> Sequence[Sample]:
        try:
            return self.monitoring.query(expression)
        except NoAnswer as cause:
            _log.warning("%s; releases stay where they are", cause)
            return ()


def _is_judged(release: Release) -> bool:
    """A version that somebody promoted by hand has no trial: it is not watched."""
    return release.phase != "STEADY" and release.since is not None
