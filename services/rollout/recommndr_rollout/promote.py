"""Promotions: changes of the release record requested by a person or a pipeline; pure."""

from dataclasses import dataclass
from datetime import datetime

from recommndr.identity import TenantId
from recommndr.release import SLOTS, Release, Slot, Step
from recommndr_rollout.advance import MAX_STEPS_KEPT
from recommndr_rollout.candidate import Candidate, idle_slot
from recommndr_rollout.operator_moves import code_under_way
from recommndr_rollout.weights import Weights


class PromotionRefused(ValueError):
    """The current record does not allow the promotion; the message says why."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """The version of a tenant to promote, and who asked for it."""

    tenant: str
    version: str
    model_version: int
    by: str
    at: datetime
    slot: Slot | None = None

    @property
    def candidate(self) -> Candidate:
        """The version."""
        return Candidate(self.version, self.model_version)


def promote(release: Release | None, promotion: Promotion, applied: Weights | None = None) -> Release:
    """The record with the promoted version stable, in the slot that was idle; the old one becomes previous.

    The first release of a tenant goes to blue. While the weights that traffic follows (`applied`) differ from the record's,
    because the slot has not loaded or has refused the promoted version, the other slot serves, and only a return to the
    previous version is allowed. Raises `PromotionRefused`.
    """
    if release is None:
        return _first(promotion)
    if release.code is not None:
        raise PromotionRefused(code_under_way(release))
    if release.challenger is not None:
        raise PromotionRefused(
            f"tenant {promotion.tenant!r}: release {release.release_id} is running ({release.phase}); finish it first"
        )
    stable, previous = release.stable, release.previous
    if applied is not None and dict(applied) != release.weights() and not promotion.candidate.is_at(previous):
        raise PromotionRefused(
            f"tenant {promotion.tenant!r}: slot {stable.slot} does not serve version {stable.model_version} yet; wait for it "
            f"or go back to version {previous.model_version if previous else '(none)'}"
        )
    if promotion.candidate.is_at(stable):
        raise PromotionRefused(f"tenant {promotion.tenant!r}: version {stable.model_version} is already live in {stable.slot}")
    idle = idle_slot(release)
    if promotion.slot not in {None, idle}:
        raise PromotionRefused(
            f"tenant {promotion.tenant!r}: slot {promotion.slot} serves version {stable.model_version} and cannot be changed "
            f"in place; expected {idle}"
        )
    return release.model_copy(
        update={
            "release_id": promotion.candidate.release_id(promotion.tenant, release.record_version + 1),
            "phase": "PROMOTED",
            "stable": promotion.candidate.in_slot(idle),
            "previous": stable,
            "steps": (*release.steps, _step(promotion, f"over version {stable.model_version}"))[-MAX_STEPS_KEPT:],
        }
    )


def _first(promotion: Promotion) -> Release:
    return Release(
        tenant=TenantId(promotion.tenant),
        release_id=promotion.candidate.release_id(promotion.tenant, 1),
        phase="PROMOTED",
        stable=promotion.candidate.in_slot(promotion.slot or SLOTS[0]),
        steps=(_step(promotion, "first release"),),
    )


def _step(promotion: Promotion, reason: str) -> Step:
    return Step(at=promotion.at, phase="PROMOTED", reason=f"version {promotion.model_version}: {reason}", by=promotion.by)
