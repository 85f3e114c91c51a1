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
        self._unreadable: dict[str, str] = {}  # why, by tenant

    def load(self, tenant: str) -> Release | None:
        """The tenant's record, or None when it has none; raises `pydantic.ValidationError` for one that cannot be read."""
        try:
            text = self._path(tenant).read_bytes()
        except FileNotFoundError:
            return None
        return Release.model_validate_json(text)

    def load_all(self) -> Iterator[Release]:
        """All tenants' records; one that cannot be read is logged and left out, so that it stops nobody else's release."""
        for tenant in self.tenants():
            try:
                release = self.load(tenant)
            except (ValueError, OSError) as cause:  # no record, not named after a tenant, or no permission
                self._cannot_read(tenant, str(cause))
                continue
            if release is not None and release.tenant != tenant:
                self._cannot_read(tenant, f"it is of tenant {release.tenant}")
                continue
            self._unreadable.pop(tenant, None)
            if release is not None:
                yield release

    def tenants(self) -> list[str]:
        """Tenants with a record, whether it can be read or not."""
        return sorted(path.stem for path in self._directory.glob("*.json"))

    def _cannot_read(self, tenant: str, cause: str) -> None:
        if self._unreadable.get(tenant) != cause:  # it is read every second: once is enough
            _log.error("release record %s cannot be read: %s", self._directory / f"{tenant}.json", cause)
        self._unreadable[tenant] = cause

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
