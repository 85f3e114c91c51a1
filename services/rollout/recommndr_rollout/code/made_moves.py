"""Moves of code releases made on the stored record and audited: for the command line and the API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from recommndr.audit_log import AuditLog
from recommndr.release import ReleaseStore, Slot
from recommndr_rollout.code import moves
from recommndr_rollout.code.record import Code, CodeRelease
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.operator_moves import Asked, MoveRefused

CodeMove = Literal["start", "pause", "resume", "promote", "rollback", "lift"]
CODE_MOVES: tuple[CodeMove, ...] = get_args(CodeMove)
EVERY_TENANT = "*"  # in the audit log

_OF_RELEASE: dict[CodeMove, Callable[[CodeRelease, Asked], CodeRelease]] = {
    "pause": moves.pause,
    "resume": moves.resume,
    "promote": moves.promote_now,
    "rollback": moves.roll_back,
}


@dataclass(frozen=True, slots=True)
class CodeMoves:
    """Makes moves; `now` stamps them, `running` asks the slots which revision they run."""

    store: CodeStore
    releases: ReleaseStore
    audit: AuditLog
    now: Callable[[], datetime]
    running: Callable[[], Mapping[Slot, str]]

    def make(self, move: CodeMove, by: str, reason: str, code: Code | None = None) -> CodeRelease:
        """The saved record after the move.

        Raises `MoveRefused`, `StaleRecord` when somebody was faster, and `OSError` when nothing can be written: an act that is
        not in the audit log is not done.
        """
        following = self._following(self.store.load(), move, Asked(by, reason, self.now()), code)
        what = {"reason": reason, "release_id": following.release_id, "phase": following.phase}
        self.audit.write(by, f"code.{move}", EVERY_TENANT, **what)
        return self.store.save(following)

    def _following(self, now: CodeRelease | None, move: CodeMove, asked: Asked, code: Code | None) -> CodeRelease:
        if move == "start":
            if code is None:
                raise MoveRefused("start needs the revision to release")
            return moves.start(now, list(self.releases.load_all()), self.running(), code, asked)
        if now is None:
            raise MoveRefused("there was no code release yet")
        if move != "lift":
            return _OF_RELEASE[move](now, asked)
        if code is None:
            raise MoveRefused("lift needs the revision whose bar goes")
        return moves.lift(now, code.revision, asked)
