"""Release records in memory: for tests and an embedded installation."""

import threading
from collections.abc import Iterator

from recommndr.identity import check_tenant
from recommndr.release import Release, StaleRecord


class MemoryReleaseStore:
    """A `ReleaseStore` of one process."""

    def __init__(self) -> None:
        self._records: dict[str, Release] = {}
        self._lock = threading.Lock()

    def load(self, tenant: str) -> Release | None:
        """The tenant's record, or None when it has none."""
        return self._records.get(check_tenant(tenant))

    def load_all(self) -> Iterator[Release]:
        """All tenants' records."""
        yield from [self._records[tenant] for tenant in sorted(self._records)]

    def tenants(self) -> list[str]:
        """Tenants with a record."""
        return sorted(self._records)

    def save(self, release: Release) -> Release:
        """Save what was loaded at `release.record_version`, return it with the next; raises `StaleRecord`."""
        with self._lock:
            saved = self._records.get(release.tenant)
            saved_version = saved.record_version if saved else 0
            if saved_version != release.record_version:
                raise StaleRecord(
                    f"tenant {release.tenant!r}: record version {release.record_version} cannot replace {saved_version}: "
                    "it was changed meanwhile; load it and try again"
                )
            following = release.model_copy(update={"record_version": saved_version + 1})
            self._records[release.tenant] = following
        return following
