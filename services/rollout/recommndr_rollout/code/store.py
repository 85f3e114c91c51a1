"""The record of code releases on disk: compare-and-swap under a lock, replaced by rename."""

import fcntl
from pathlib import Path

from recommndr.release import StaleRecord
from recommndr_rollout.code.record import CodeRelease
from recommndr_rollout.file_store import replace_durably


class CodeStore:
    """One file, shared by processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> CodeRelease | None:
        """The record, or None before the first code release; raises `ValueError` or `OSError` if it cannot be read."""
        try:
            return CodeRelease.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None

    def save(self, code: CodeRelease) -> CodeRelease:
        """Save what was loaded at `code.record_version`, return it with the next; raises `StaleRecord`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released by closing, also when the process dies
            saved = self.load()
            saved_version = saved.record_version if saved else 0
            if saved_version != code.record_version:
                raise StaleRecord(
                    f"code release: record version {code.record_version} cannot replace {saved_version}: "
                    "it was changed meanwhile; load it and try again"
                )
            following = code.model_copy(update={"record_version": saved_version + 1})
            replace_durably(self._path, following.model_dump_json(indent=1).encode())
        return following
