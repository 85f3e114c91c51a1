"""Release records in a folder, one `<tenant>.json` each, as all readers see them; only rollout writes them.

Readers need no lock: a rename replaces the record, so they see the old or the new one, never half of it.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from recommndr.identity import check_tenant
from recommndr.release import Release

_log = logging.getLogger(__name__)


class ReleaseFiles:
    """The read methods of a `ReleaseStore`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._unreadable: dict[str, str] = {}  # reason by tenant

    def load(self, tenant: str) -> Release | None:
        """The tenant's record, or None when it has none; raises `ValueError` or `OSError` for one that cannot be read."""
        try:
            text = self._path(tenant).read_bytes()
        except FileNotFoundError:
            return None
        return Release.model_validate_json(text)

    def load_all(self) -> Iterator[Release]:
        """All tenants' records; one that cannot be read is logged and left out, so that other tenants' releases go on."""
        for tenant in self.tenants():
            try:
                release = self.load(tenant)
            except (ValueError, OSError) as cause:  # no record, not named after a tenant, or no permission
                self._cannot_read(tenant, str(cause))
                continue
            if release is not None and release.tenant != tenant:
                self._cannot_read(tenant, f"it names tenant {release.tenant}")
                continue
            self._unreadable.pop(tenant, None)
            if release is not None:
                yield release

    def tenants(self) -> list[str]:
        """Tenants with a record, whether it can be read or not."""
        return sorted(path.stem for path in self._directory.glob("*.json"))

    def _path(self, tenant: str) -> Path:
        return self._directory / f"{check_tenant(tenant)}.json"

    def _cannot_read(self, tenant: str, cause: str) -> None:
        if self._unreadable.get(tenant) != cause:  # it is read every second, so it is logged once
            _log.error("release record %s cannot be read: %s", self._directory / f"{tenant}.json", cause)
        self._unreadable[tenant] = cause
