"""A lock so that only one process of a kind runs: a locked file with the pid. The kernel releases it when the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(RuntimeError):
    """Another process holds the lock; the message says which."""


@contextmanager
def only_one(path: Path, what: str = "a demo") -> Iterator[None]:
    """Hold the lock while the context lasts; raises `AlreadyRunning` at once when it is taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(f"{what} is already running: pid {file.read().strip() or 'unknown'}; stop it first") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
