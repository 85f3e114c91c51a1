"""The record of code releases on disk: compare-and-swap under a lock, replaced by rename."""

from pathlib import Path

from recommndr.record_files import swapped
from recommndr_rollout.code.record import CodeRelease


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
        return swapped(code, self.load, self._path, self._path.with_suffix(".lock"), "code release")
