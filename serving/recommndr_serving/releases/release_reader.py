"""The release records as a slot reads them: one `<tenant>.json` each, written by rollout."""

import logging
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from recommndr.release import Release

log = logging.getLogger(__name__)


class ReleaseReader:
    """The loading side of `recommndr.release.ReleaseStore` on a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, tenant: str) -> Release | None:
        """The tenant's record, or None when it has none; raises `pydantic.ValidationError` for one that cannot be read."""
        try:
            text = (self._directory / f"{tenant}.json").read_bytes()
        except FileNotFoundError:
            return None
        return Release.model_validate_json(text)

    def load_all(self) -> Iterator[Release]:
        """All tenants' records; one that cannot be read is logged and left out, so that it stops nobody else's release."""
        for path in sorted(self._directory.glob("*.json")):
            try:
                release = self.load(path.stem)
            except ValidationError as cause:
                log.error("release record %s cannot be read: %s", path, cause)  # noqa: TRY400 - the cause says it all
                continue
            if release is not None and release.tenant == path.stem:
                yield release


class ReleaseCopies(ReleaseReader):
    """The records a slot put to work last, kept in a directory of its own."""

    def keep(self, release: Release) -> None:
        """Replace the tenant's copy."""
        self._directory.mkdir(parents=True, exist_ok=True)
        fresh = self._directory / f"{release.tenant}.tmp"
        fresh.write_text(release.model_dump_json())
        fresh.replace(self._directory / f"{release.tenant}.json")
