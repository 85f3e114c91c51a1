"""One Envoy on loopback: the edge, with routes from the file that rollout keeps."""

import sys
from dataclasses import dataclass
from pathlib import Path

from recommndr.settings import Settings
from recommndr_native.template import fill
from recommndr_rollout.routes_file import RoutesFile


@dataclass(frozen=True, slots=True)
class Envoy:
    """A proxy that keeps its configuration below `folder`."""

    folder: Path
    template: Path
    settings: Settings

    @property
    def _config_file(self) -> Path:
        return self.folder / "envoy.yaml"

    def prepare(self) -> None:
        """Write the configuration out of the template; give Envoy a routes file without tenants when there is none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        routes_file = self.settings.routes_file.resolve()
        if not routes_file.exists():
            RoutesFile(routes_file).apply({})
        filled = fill(self.template, self.settings, routes_file=routes_file, routes_dir=routes_file.parent)
        self._config_file.write_text(filled)

    def environment(self) -> dict[str, str]:
        """Nothing beside the command line."""
        return {}

    def command(self) -> list[str]:
        """What runs the proxy in the foreground, once prepared."""
        return [
            str(Path(sys.executable).parent / "envoy"),
            "--config-path", str(self._config_file),
            "--concurrency", "1",  # two cores are shared by a dozen processes
            "--disable-hot-restart",  # its shared memory would let only one Envoy run on a machine
            "--log-level", "warning",
        ]  # fmt: skip
