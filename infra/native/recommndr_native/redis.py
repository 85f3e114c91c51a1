"""One Redis on loopback: Feast's online store of user rows."""

from dataclasses import dataclass
from pathlib import Path

from recommndr_native.installed import program


@dataclass(frozen=True, slots=True)
class Redis:
    """A server that keeps its append-only file below `folder`."""

    folder: Path
    port: int
    acl_file: Path | None = None
    max_memory_mb: int = 512

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"redis://127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self) -> dict[str, str]:
        """No variables; the command line is enough."""
        return {}

    def command(self) -> list[str]:
        """The command that runs the server in the foreground, after `prepare`."""
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "save": "",
            # Written before the reply and never delayed by a sync: a killed server loses nothing that it acknowledged. After a
            # power cut, lost rows are read again from the compacted topic.
            "appendonly": "yes",
            "appendfsync": "no",
            # Do not evict rows: a refused write is visible, but an evicted row is missing until the shopper's next event.
            "maxmemory": f"{self.max_memory_mb}mb",
            "maxmemory-policy": "noeviction",
        }
        if self.acl_file is not None:
            options["aclfile"] = str(self.acl_file)
        return [
            program("redis-server", "redis-server"),
            *(word for key, value in options.items() for word in (f"--{key}", value)),
        ]
