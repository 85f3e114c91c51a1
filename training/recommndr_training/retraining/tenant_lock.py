"""One training of a tenant at a time on a machine; the kernel releases the lock when the process ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class TrainedNow(RuntimeError):
    """Another process trains the tenant; the message says which tenant."""


@contextmanager
def only_training(folder: Path, tenant: str) -> Iterator[None]:
    """Hold the lock of a tenant while the context lasts; raises `TrainedNow` when it is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "training.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainedNow(f"{tenant} is being trained by another process; wait for it") from None
        yield
