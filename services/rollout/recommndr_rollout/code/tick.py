"""One look at the code release: tenants' records follow it, verdicts move it, slots get their code. Thin; nothing is kept.

The order is record, tenants' records, processes: a tick that dies in between is repeated by the next one.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from recommndr.identity import TenantId
from recommndr.release import Release, ReleaseStore, Slot, StaleRecord
from recommndr.release_policy import ReleasePolicy
from recommndr.tenancy import TenantPolicy
from recommndr_rollout.code import hearing
from recommndr_rollout.code.advance import Look, advance, waits
from recommndr_rollout.code.follow import follow, is_busy
from recommndr_rollout.code.processes import SlotProcesses
from recommndr_rollout.code.record import CodeRelease
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.evidence_files import EvidenceFiles, told
from recommndr_rollout.judge import Judged
from recommndr_rollout.weights import Weights

_log = logging.getLogger(__name__)
# A slot without traffic is left alone for so long: Envoy has the new weights after a second, a read takes two at most.
_DRAIN_S = 5.0


class Slots(Protocol):
    """The serving slots."""

    def running(self) -> Mapping[Slot, str]:
        """The revision that each slot says it runs; a slot that does not answer is missing."""
        ...


@dataclass(frozen=True, slots=True)
class CodeReleases:
    """Ticks over the record; `moved` is told of every step that it saved."""

    store: CodeStore
    releases: ReleaseStore
    slots: Slots
    processes: SlotProcesses
    applied: Callable[[], Mapping[str, Weights]]  # the weights in Envoy's routes, by tenant
    policies: Callable[[], Mapping[TenantId, TenantPolicy]]
    now: Callable[[], datetime]
    moved: Callable[[CodeRelease], None]
    evidence: EvidenceFiles

    def prepare(self) -> None:
        """Bring the tenants' records in line, before they are judged."""
        code = self.store.load()
        if code is not None:
            self._follow(code, {})

    def step(self, judged: Mapping[str, Judged]) -> None:
        """Move the record by what was judged of the tenants, and what follows from it."""
        code = self.store.load()
        if code is None:
            return
        if code.phase != "STEADY":
            code = self._advance(code, judged)
            self._follow(code, judged)
            self._keep_processes(code)

    def waits(self, judged: Mapping[str, Judged]) -> list[str]:
        """What the code release waits for, in words; empty when none is under way."""
        code = self.store.load()
        if code is None or code.phase == "STEADY":
            return []
        return [one.told for one in waits(code, self.look(code, judged), self.policy(), self.now())]

    def look(self, code: CodeRelease, judged: Mapping[str, Judged]) -> Look:
        """What is seen of the code release now."""
        releases = list(self.releases.load_all())
        verdicts = {
            str(one.tenant): judged[one.tenant].verdicts
            if one.tenant in judged and judged[one.tenant].release_id == one.release_id
            else ()
            for one in releases
        }
        return Look(scattered(code, releases, self.applied()), self.slots.running(), hearing.heard(verdicts))

    def policy(self) -> ReleasePolicy:
        """Times for all shops that have a release."""
        policies = self.policies()
        return hearing.strictest(policies.get(one, TenantPolicy()).release for one in map(TenantId, self.releases.tenants()))

    def _advance(self, code: CodeRelease, judged: Mapping[str, Judged]) -> CodeRelease:
        following = advance(code, self.look(code, judged), self.policy(), self.now())
        if following is code:
            return code
        try:
            saved = self.store.save(following)
        except StaleRecord as cause:  # somebody moved it meanwhile; the next tick goes on from what they saved
            _log.info("%s", cause)
            return self.store.load() or code
        if saved.steps != code.steps:
            _log.info("%s: %s -> %s: %s", saved.release_id, code.phase, saved.phase, saved.steps[-1].reason)
            self.moved(saved)
        return saved

    def _follow(self, code: CodeRelease, judged: Mapping[str, Judged]) -> None:
        for release in self.releases.load_all():
            following = follow(release, code)
            if following is release:
                continue
            if following.steps != release.steps and release.tenant in judged:
                policy = self.policies().get(release.tenant, TenantPolicy()).release
                self.evidence.keep(following, told(judged[release.tenant].verdicts, policy))
            try:
                self.releases.save(following)
            except StaleRecord as cause:
                _log.info("%s", cause)

    def _keep_processes(self, code: CodeRelease) -> None:
        """Give the slot without traffic its code; the serving slot is never touched."""
        is_drained = code.since is None or self.now() - code.since >= timedelta(seconds=_DRAIN_S)
        if is_drained and code.phase != "GATHERING" and code.weight == 0 and not _with_traffic(code.other, self.applied()):
            self.processes.keep(code.other, code.code_in(code.other).revision)


def scattered(code: CodeRelease, releases: Collection[Release], applied: Mapping[str, Weights]) -> list[str]:
    """Why the shops are not in one slot yet, a sentence each."""
    found = []
    for one in releases:
        if is_busy(one):
            found.append(f"tenant {one.tenant}: its model release ends ({one.phase})")
        elif one.code != code.release_id or one.stable.slot != code.serving:
            found.append(f"tenant {one.tenant}: its record follows the code release")
    found += [f"tenant {tenant}: its traffic goes to slot {code.serving}" for tenant in _with_traffic(code.other, applied)]
    return found


def _with_traffic(slot: Slot, applied: Mapping[str, Weights]) -> list[str]:
    return [tenant for tenant, weights in applied.items() if weights.get(slot, 0) > 0]
