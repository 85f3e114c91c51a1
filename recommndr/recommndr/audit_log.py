"""Who changed what, and when: one JSON line per act, appended and never rewritten.

Acts are those of operators and of keys that may change something: keys made and revoked, releases, the catalogue. What shoppers
and storefronts do is not in here.
"""

import getpass
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The file, which several processes append to."""

    path: Path
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def write(self, by: str, act: str, tenant: str, **what: object) -> None:
        """Append one line; raises `OSError`. `by` is a key's id or a person's name."""
        line = json.dumps({"at": self.now().isoformat(), "by": by, "act": act, "tenant": tenant, **what}, default=str)
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{line}\n".encode())  # one call: lines of two processes do not mix
        finally:
            os.close(descriptor)


def operator() -> str:
    """Who works on the command line, by the name of the account."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"cli:uid-{os.getuid()}"
