"""Measures the disks below the installation's folders: free space, and how long a small file takes to be safe on them."""

import errno
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from recommndr_monitoring.source import Sample, SourceUnavailable

_PROBE = b"recommndr" * 456  # about one page
_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)

Write = Callable[[Path], None]


def write_probe(path: Path) -> None:
    """Write a page and wait until the disk has it; raises `OSError`."""
    with path.open("wb") as file:
        file.write(_PROBE)
        file.flush()
        os.fsync(file.fileno())


class Disks:
    """The folders by name. A disk that hangs makes this source hang, so it counts as away."""

    name = "disk"

    def __init__(
        self, folders: Mapping[str, Path], write: Write = write_probe, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._folders = folders
        self._write = write
        self._monotonic_s = monotonic_s

    def samples(self) -> list[Sample]:
        """See `Source.samples`."""
        try:
            return [sample for name, folder in self._folders.items() for sample in self._of(name, folder)]
        except OSError as cause:
            raise SourceUnavailable(f"disk: {cause}") from cause

    def _of(self, name: str, folder: Path) -> list[Sample]:
        if not folder.is_dir():  # nothing has been written there yet
            return []
        usage = shutil.disk_usage(folder)
        began_s, is_writable = self._monotonic_s(), self._takes_a_page(folder / f".disk-probe-{os.getpid()}")
        return [
            Sample("recommndr_disk_size_bytes", usage.total, (name,)),
            Sample("recommndr_disk_free_bytes", usage.free, (name,)),
            Sample("recommndr_disk_writable", float(is_writable), (name,)),
            Sample("recommndr_disk_write_seconds", self._monotonic_s() - began_s, (name,)),
        ]

    def _takes_a_page(self, probe: Path) -> bool:
        try:
            self._write(probe)
        except OSError as cause:
            if cause.errno not in _REFUSALS:
                raise
            return False
        finally:
            probe.unlink(missing_ok=True)
        return True
