"""The audit log: who changed what and when, one JSON line per act, appended and never rewritten.

It records what operators and keys with write scopes change: keys, releases, the catalogue. It does not record what shoppers
and storefronts do.
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
    """Appends to the file; several processes may do so at once."""

    path: Path
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def write(self, by: str, act: str, tenant: str, **what: object) -> None:
        """Append one line; raises `OSError`. `by` is a key's id or a person's name."""
        line = json.dumps({"at": self.now().isoformat(), "by": by, "act": act, "tenant": tenant, **what}, default=str)
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{line}\n".encode())  # one write call, so that lines of two processes do not mix
        finally:
            os.close(descriptor)


def operator() -> str:
    """Name of the account that runs the command."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no account name
        return f"cli:uid-{os.getuid()}"
