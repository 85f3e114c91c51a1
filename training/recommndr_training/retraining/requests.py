"""Requests to train a tenant: a file each in the installation's state, so any command may ask and a restart forgets none."""

from dataclasses import dataclass
from pathlib import Path

from recommndr.identity import check_tenant

_SUFFIX = ".request"


@dataclass(frozen=True, slots=True)
class Requests:
    """Those of one installation."""

    state_dir: Path

    @property
    def _folder(self) -> Path:
        return self.state_dir / "training"

    def ask(self, tenant: str) -> None:
        """Ask for a training; a repeat is the same request. Raises `OSError`."""
        path = self._path(tenant)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def waiting(self) -> list[str]:
        """Tenants that were asked for, the first one first."""
        files = sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
        return [path.name.removesuffix(_SUFFIX) for path in files]

    def take(self, tenant: str) -> None:
        """The training begins: what is asked from now on is another request."""
        self._path(tenant).unlink(missing_ok=True)

    def _path(self, tenant: str) -> Path:
        return self._folder / f"{check_tenant(tenant)}{_SUFFIX}"
