"""Moves of a code release that a person or a pipeline asks for: start, pause, resume, promote, roll back, lift a bar. Pure.

Each returns the next record, or raises `MoveRefused` with what the record allows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from recommndr.release import SLOTS, Release, Slot
from recommndr_rollout.code.advance import moved, promoted, reverted, withdrawn
from recommndr_rollout.code.follow import is_busy
from recommndr_rollout.code.record import Code, CodeRelease
from recommndr_rollout.operator_moves import Asked, MoveRefused
from recommndr_rollout.stages import STAGES


def start(
    code: CodeRelease | None, releases: Sequence[Release], running: Mapping[Slot, str], candidate: Code, asked: Asked
) -> CodeRelease:
    """The record that gathers all shops in the slot where most are, so that the other can run the candidate."""
    if not candidate.revision:
        raise MoveRefused("a code release needs the revision that its slot says it runs: a commit, or the tag of an image")
    if code is not None and code.phase != "STEADY":
        raise MoveRefused(f"code release {code.release_id} is under way ({code.phase}); finish it or roll it back")
    if not releases:
        raise MoveRefused("no shop has a release: nobody can try other code; restart the slots with it instead")
    if busy := [str(one.tenant) for one in releases if is_busy(one)]:
        raise MoveRefused(f"models of {', '.join(busy)} are being released; finish them or roll them back")
    for bar in () if code is None else code.barred:
        if bar.revision == candidate.revision:
            raise MoveRefused(
                f"code {bar.revision} is barred since {bar.at:%Y-%m-%d %H:%M} UTC: {bar.reason}; lift the bar if that is mended"
            )
    at = Counter(one.stable.slot for one in releases)
    serving = max(SLOTS, key=lambda slot: at[slot])
    live = _live(code, running.get(serving, ""))
    if live.revision == candidate.revision:
        raise MoveRefused(f"slot {serving} runs code {candidate.revision} already")
    before = code or CodeRelease(release_id="none", serving=serving, live=live)
    return moved(
        before,
        "GATHERING",
        f"code {candidate.revision} starts: {asked.reason}",
        asked.at,
        asked.by,
        release_id=f"code-{candidate.revision}-r{before.record_version + 1}",
        serving=serving,
        live=live,
        candidate=candidate,
        previous=None,
        weight=0,
        paused=False,
    )


def pause(code: CodeRelease, asked: Asked) -> CodeRelease:
    """The record that takes no step forward; failing rules still take traffic back."""
    _of_running(code)
    if code.paused:
        raise MoveRefused(f"{code.release_id} is paused already")
    return _same_phase(code, f"paused: {asked.reason}", asked, paused=True)


def resume(code: CodeRelease, asked: Asked) -> CodeRelease:
    """The record that goes on."""
    _of_running(code)
    if not code.paused:
        raise MoveRefused(f"{code.release_id} is not paused")
    return _same_phase(code, f"resumed: {asked.reason}", asked, paused=False)


def promote_now(code: CodeRelease, asked: Asked) -> CodeRelease:
    """The record with the candidate serving every shop, whatever the rules say."""
    _of_running(code)
    if code.phase not in STAGES or code.phase == "WARMING":
        raise MoveRefused(f"slot {code.other} does not run {code.release_id} yet; wait for its first step")
    return promoted(code, f"promoted by hand: {asked.reason}", asked.at, asked.by)


def roll_back(code: CodeRelease, asked: Asked) -> CodeRelease:
    """The record without the candidate, or in the watch after a promotion with the code before it; traffic returns at once."""
    reason = f"rolled back by hand: {asked.reason}"
    if code.candidate is not None:
        return withdrawn(code, reason, asked.at, at_once=True, by=asked.by)
    if code.phase == "PROMOTED" and code.previous is not None:
        return reverted(code, reason, asked.at, asked.by)
    raise MoveRefused("no code release is under way; to go back to earlier code, start a release of it")


def lift(code: CodeRelease, revision: str, asked: Asked) -> CodeRelease:
    """The record in which barred code may be released again."""
    kept = tuple(bar for bar in code.barred if bar.revision != revision)
    if len(kept) == len(code.barred):
        barred = ", ".join(bar.revision for bar in code.barred) or "none"
        raise MoveRefused(f"code {revision!r} is not barred; barred are: {barred}")
    return _same_phase(code, f"bar of {revision} lifted: {asked.reason}", asked, barred=kept)


def _live(code: CodeRelease | None, runs: str) -> Code:
    """What the serving slot runs; the record knows its checkout unless somebody replaced the code without it."""
    return code.live if code is not None and code.live.revision == runs else Code(revision=runs)


def _of_running(code: CodeRelease) -> None:
    if code.candidate is None or code.phase == "ROLLING_BACK":
        raise MoveRefused(f"no code release is under way ({code.phase})")


def _same_phase(code: CodeRelease, reason: str, asked: Asked, **changes: object) -> CodeRelease:
    """The step is in the history, and the phase goes on as long as before."""
    return moved(code, code.phase, reason, asked.at, asked.by, **{"since": code.since, **changes})
