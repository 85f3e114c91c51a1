"""Records as files that count their changes: compare-and-swap under a lock, replaced by rename."""

import fcntl
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from recommndr.release import StaleRecord


class Versioned(Protocol):
    """A record that counts its changes."""

    @property
    def record_version(self) -> int:
        """The number of changes."""
        ...

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's."""
        ...

    def model_dump_json(self, *, indent: int | None = None) -> str:
        """As pydantic's."""
        ...


Record = TypeVar("Record", bound=Versioned)


def swapped(record: Record, load: Callable[[], Record | None], path: Path, lock_path: Path, whose: str) -> Record:
    """Save under the lock what was loaded at `record.record_version`, and return it with the next; raises `StaleRecord`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released by closing, also when the process dies
        saved = load()
        saved_version = saved.record_version if saved is not None else 0
        if saved_version != record.record_version:
            raise StaleRecord(
                f"{whose}: record version {record.record_version} cannot replace {saved_version}: "
                "it was changed meanwhile; load it and try again"
            )
        following = record.model_copy(update={"record_version": saved_version + 1})
        replace_durably(path, following.model_dump_json(indent=1).encode())
    return following


def replace_durably(path: Path, content: bytes) -> None:
    """Replace the file by rename; the new content survives a power cut."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)  # the rename itself must survive a power cut
    finally:
        os.close(directory)
