"""Release records as files: one `<tenant>.json` each, compare-and-swap under a lock, replaced by rename.

Readers need no lock: a rename shows them the old record or the new one, never half of one.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommndr.identity import check_tenant
from recommndr.release import Release, StaleRecord

_log = logging.getLogger(__name__)


class FileReleaseStore:
    """A `ReleaseStore` in a directory that may be shared by processes of one machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, tenant: str) -> Release | None:
        """The tenant's record, or None when it has none; raises `pydantic.ValidationError` for one that cannot be read."""
        try:
            text = self._path(tenant).read_bytes()
        except FileNotFoundError:
            return None
        return Release.model_validate_json(text)

    def load_all(self) -> Iterator[Release]:
        """All tenants' records; one that cannot be read is logged and left out, so that it stops nobody else's release."""
        for path in sorted(self._directory.glob("*.json")):
            try:
                release = self.load(path.stem)
            except ValueError as cause:  # not a record, or not named after a tenant
                _log.error("release record %s cannot be read: %s", path, cause)
                continue
            if release is not None and release.tenant != path.stem:
                _log.error("release record %s is of tenant %s: left out", path, release.tenant)
                continue
            if release is not None:
                yield release

    def save(self, release: Release) -> Release:
        """Save what was loaded at `release.record_version`, return it with the next; raises `StaleRecord`."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._locked():
            saved = self.load(release.tenant)
            saved_version = saved.record_version if saved else 0
            if saved_version != release.record_version:
                raise StaleRecord(
                    f"tenant {release.tenant!r}: record version {release.record_version} to save over {saved_version}: "
                    "load it again and decide again"
                )
            following = release.model_copy(update={"record_version": saved_version + 1})
            _replace(self._path(release.tenant), following.model_dump_json(indent=1).encode())
        return following

    def _path(self, tenant: str) -> Path:
        return self._directory / f"{check_tenant(tenant)}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._directory / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released by closing, also when the process dies
            yield


def _replace(path: Path, content: bytes) -> None:
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
