"""Moves that people and pipelines ask for, made on the stored record and audited: for the command line and the API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal, get_args

from recommndr.audit_log import AuditLog
from recommndr.release import Release, ReleaseStore
from recommndr_rollout import operator_moves
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.operator_moves import Asked, MoveRefused

Move = Literal["start", "pause", "resume", "promote", "rollback", "lift"]
MOVES: tuple[Move, ...] = get_args(Move)

_OF_RELEASE: dict[Move, Callable[[Release, Asked], Release]] = {
    "pause": operator_moves.pause,
    "resume": operator_moves.resume,
    "promote": operator_moves.promote_now,
    "rollback": operator_moves.roll_back,
}


def refused_moves(release: Release, at: datetime) -> dict[Move, str]:
    """By move why the record does not allow it. Whether a certain version may start or be lifted is seen when it is asked."""
    if release.code is not None:
        return dict.fromkeys(MOVES, operator_moves.code_under_way(release))
    asked = Asked("operator", "", at)
    tried: dict[Move, Callable[[], object]] = {
        "start": partial(operator_moves.refuse_while_running, release),
        **{move: partial(following, release, asked) for move, following in _OF_RELEASE.items()},
    }
    refused: dict[Move, str] = {}
    for move, attempt in tried.items():
        try:
            attempt()
        except MoveRefused as cause:
            refused[move] = str(cause)
    return refused


@dataclass(frozen=True, slots=True)
class Moves:
    """Makes moves; `now` stamps them."""

    store: ReleaseStore
    audit: AuditLog
    now: Callable[[], datetime]

    def make(self, tenant: str, move: Move, by: str, reason: str, candidate: Candidate | None = None) -> Release:
        """The saved record after the move.

        Raises `MoveRefused`, `StaleRecord` when somebody was faster, and `OSError` when nothing can be written: an act that is
        not in the audit log is not done.
        """
        release, asked = self.store.load(tenant), Asked(by, reason, self.now())
        following = self._following(release, tenant, move, asked, candidate)
        what = {"reason": reason, "release_id": following.release_id, "phase": following.phase}
        self.audit.write(by, f"release.{move}", tenant, **what)
        return self.store.save(following)

    def _following(
        self, release: Release | None, tenant: str, move: Move, asked: Asked, candidate: Candidate | None
    ) -> Release:
        if release is not None and release.code is not None:
            raise MoveRefused(operator_moves.code_under_way(release))
        if move == "start":
            if candidate is None:
                raise MoveRefused("start needs the model_version and the bundle_version to release")
            return operator_moves.start(release, tenant, candidate, asked)
        if release is None:
            raise MoveRefused(f"tenant {tenant!r} has no release")
        if move != "lift":
            return _OF_RELEASE[move](release, asked)
        if candidate is None:
            raise MoveRefused("lift needs the model_version whose bar goes")
        return operator_moves.lift(release, candidate.model_version, asked)
