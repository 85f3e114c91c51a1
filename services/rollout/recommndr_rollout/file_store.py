"""Release records as files: compare-and-swap under a lock, replaced by rename."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommndr.release import Release, StaleRecord
from recommndr.release_files import ReleaseFiles


class FileReleaseStore(ReleaseFiles):
    """A `ReleaseStore` in a directory that may be shared by processes of one machine."""

    def save(self, release: Release) -> Release:
        """Save what was loaded at `release.record_version`, return it with the next; raises `StaleRecord`."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._locked():
            saved = self.load(release.tenant)
            saved_version = saved.record_version if saved else 0
            if saved_version != release.record_version:
                raise StaleRecord(
                    f"tenant {release.tenant!r}: record version {release.record_version} cannot replace {saved_version}: "
                    "it was changed meanwhile; load it and try again"
                )
            following = release.model_copy(update={"record_version": saved_version + 1})
            replace_durably(self._path(release.tenant), following.model_dump_json(indent=1).encode())
        return following

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._directory / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released by closing, also when the process dies
            yield


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
