"""Moves of a release that a person or a pipeline asks for: start, pause, resume, promote, roll back, lift a bar. Pure.

Each returns the next record, or raises `MoveRefused` with what the record allows. Who asked and why goes into the record's
steps.
"""

from dataclasses import dataclass
from datetime import datetime

from recommndr.release import Release
from recommndr_rollout.advance import moved, promoted, reverted, withdrawn
from recommndr_rollout.candidate import Candidate, idle_slot
from recommndr_rollout.stages import STAGES


class MoveRefused(ValueError):
    """The record does not allow the move; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a move, why and when."""

    by: str
    reason: str
    at: datetime


def start(release: Release | None, tenant: str, candidate: Candidate, asked: Asked) -> Release:
    """The record with the candidate as challenger, warming in the idle slot without traffic."""
    if release is None:
        raise MoveRefused(f"tenant {tenant!r} has no release yet: promote its first version, nothing can be compared with it")
    refuse_while_running(release)
    if candidate.is_at(release.stable):
        raise MoveRefused(f"tenant {tenant!r}: version {candidate.model_version} is already live in {release.stable.slot}")
    for bar in release.barred:
        if bar.version == candidate.version:
            raise MoveRefused(
                f"tenant {tenant!r}: version {bar.model_version} is barred since {bar.at:%Y-%m-%d %H:%M} UTC: {bar.reason}; "
                "lift the bar if that is mended"
            )
    return moved(
        release,
        "WARMING",
        f"version {candidate.model_version} starts: {asked.reason}",
        asked.at,
        asked.by,
        release_id=candidate.release_id(tenant, release.record_version + 1),
        challenger=candidate.in_slot(idle_slot(release)),
        challenger_weight=0,
        paused=False,
    )


def pause(release: Release, asked: Asked) -> Release:
    """The record that takes no step forward; failing rules still take traffic back."""
    _of_running(release)
    if release.paused:
        raise MoveRefused(f"tenant {release.tenant!r}: release {release.release_id} is paused already")
    return _same_phase(release, f"paused: {asked.reason}", asked, paused=True)


def resume(release: Release, asked: Asked) -> Release:
    """The record that goes on."""
    _of_running(release)
    if not release.paused:
        raise MoveRefused(f"tenant {release.tenant!r}: release {release.release_id} is not paused")
    return _same_phase(release, f"resumed: {asked.reason}", asked, paused=False)


def promote_now(release: Release, asked: Asked) -> Release:
    """The record with the challenger stable, whatever the rules say."""
    _of_running(release)
    if release.phase == "WARMING":
        raise MoveRefused(
            f"tenant {release.tenant!r}: the idle slot has not loaded release {release.release_id} yet; wait for its first step"
        )
    return promoted(release, f"promoted by hand: {asked.reason}", asked.at, asked.by)


def roll_back(release: Release, asked: Asked) -> Release:
    """The record without the challenger, or, after a promotion, with the version before it; all traffic goes back at once."""
    reason = f"rolled back by hand: {asked.reason}"
    if release.challenger is not None:
        return withdrawn(release, reason, asked.at, at_once=True, by=asked.by)
    if release.previous is None:
        raise MoveRefused(
            f"tenant {release.tenant!r}: no challenger is under way and there is no earlier version to go back to"
        )
    return reverted(release, reason, asked.at, asked.by)


def lift(release: Release, model_version: int, asked: Asked) -> Release:
    """The record in which a barred version may be released again."""
    kept = tuple(bar for bar in release.barred if bar.model_version != model_version)
    if len(kept) == len(release.barred):
        barred = ", ".join(str(bar.model_version) for bar in release.barred) or "none"
        raise MoveRefused(f"tenant {release.tenant!r}: version {model_version} is not barred; barred are: {barred}")
    return _same_phase(release, f"bar of version {model_version} lifted: {asked.reason}", asked, barred=kept)


def code_under_way(release: Release) -> str:
    """Why no move of a model is possible while code is released."""
    return (
        f"tenant {release.tenant!r}: {release.code} is under way for all shops; wait until it is over, or roll it back "
        "(`recommndr-rollout code rollback`)"
    )


def refuse_while_running(release: Release) -> None:
    """Raises `MoveRefused` while a challenger is under way."""
    if release.challenger is not None:
        raise MoveRefused(
            f"tenant {release.tenant!r}: release {release.release_id} is under way ({release.phase}); finish it or roll it back"
        )


def _of_running(release: Release) -> None:
    if release.challenger is None or release.phase not in STAGES:
        raise MoveRefused(f"tenant {release.tenant!r}: no release is under way ({release.phase})")


def _same_phase(release: Release, reason: str, asked: Asked, **changes: object) -> Release:
    """The step is in the history, and the phase goes on as long as before."""
    return moved(release, release.phase, reason, asked.at, asked.by, **{"since": release.since, **changes})
