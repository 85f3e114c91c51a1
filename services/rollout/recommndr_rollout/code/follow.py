"""A tenant's release record as the code release has it: `follow(release, code) -> release`. Pure.

Every tenant moves at once: its stable version stays, and the same version is tried in the other slot. Instants and reasons are
those of the code release's step, so that a repeat after a crash makes the same record.
"""

from datetime import datetime

from recommndr.release import Phase, Release, Step
from recommndr_rollout.advance import MAX_STEPS_KEPT
from recommndr_rollout.code.record import CodePhase, CodeRelease

_PHASES: dict[CodePhase, Phase] = {
    "STEADY": "STEADY",
    "GATHERING": "STEADY",
    "WARMING": "WARMING",
    "STEP_1": "STEP_1",
    "STEP_10": "STEP_10",
    "STEP_50": "STEP_50",
    "PROMOTED": "PROMOTED",
    "ROLLING_BACK": "ROLLING_BACK",
    "ROLLED_BACK": "ROLLED_BACK",
    "RENEWING": "STEADY",
}


def is_busy(release: Release) -> bool:
    """Whether a release of a model is under way, or watched; one that was promoted by hand has no watch."""
    return release.code is None and release.phase != "STEADY" and release.since is not None


def follow(release: Release, code: CodeRelease) -> Release:
    """The record as it should be; the same object if it is. A release of a model ends first."""
    if is_busy(release) or (release.code is None and code.phase == "STEADY"):
        return release
    stable = release.stable.model_copy(update={"slot": code.serving})
    challenger = stable.model_copy(update={"slot": code.other}) if code.is_tried else None
    # Until the candidate runs, outcomes go on under the release that the shop had.
    release_id = release.release_id if code.phase == "GATHERING" else f"{release.tenant}-{code.release_id}"
    ended = code.phase == "STEADY"
    wanted = {
        "stable": stable,
        "challenger": challenger,
        "challenger_weight": code.weight if challenger is not None else 0,
        "previous": None,
        "phase": _PHASES[code.phase],
        "paused": code.paused,
        "release_id": release.release_id if ended else release_id,
        "code": None if ended else code.release_id,
    }
    if all(getattr(release, name) == value for name, value in wanted.items()):
        return release
    is_step = release.phase != wanted["phase"] or release.stable != stable
    return Release.model_validate({**dict(release), **wanted, **_weight_since(release, code), **_step(release, code, is_step)})


def _step(release: Release, code: CodeRelease, is_step: bool) -> dict[str, object]:
    if not is_step or not code.steps:
        return {}
    newest = code.steps[-1]
    step = Step(at=newest.at, phase=_PHASES[code.phase], reason=f"{code.release_id}: {newest.reason}", by=newest.by)
    return {"since": code.since, "steps": (*release.steps, step)[-MAX_STEPS_KEPT:]}


def _weight_since(release: Release, code: CodeRelease) -> dict[str, datetime | None]:
    weight = code.weight if code.is_tried else 0
    return {} if release.challenger_weight == weight else {"weight_since": code.weight_since}
