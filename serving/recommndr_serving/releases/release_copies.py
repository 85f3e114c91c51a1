"""Copies of the release records that a slot applied last."""

from recommndr.release import Release
from recommndr.release_files import ReleaseFiles


class ReleaseCopies(ReleaseFiles):
    """Copies for a slot that starts while the records or the registry are unavailable."""

    def keep(self, release: Release) -> None:
        """Replace the tenant's copy."""
        self._directory.mkdir(parents=True, exist_ok=True)
        fresh = self._directory / f"{release.tenant}.tmp"
        fresh.write_text(release.model_dump_json())
        fresh.replace(self._path(release.tenant))
