"""Release records as files."""

from recommndr.record_files import swapped
from recommndr.release import Release
from recommndr.release_files import ReleaseFiles


class FileReleaseStore(ReleaseFiles):
    """A `ReleaseStore` in a directory that may be shared by processes of one machine."""

    def save(self, release: Release) -> Release:
        """Save what was loaded at `release.record_version`, return it with the next; raises `StaleRecord`."""
        path, lock = self._path(release.tenant), self._directory / ".lock"
        return swapped(release, lambda: self.load(release.tenant), path, lock, f"tenant {release.tenant!r}")
