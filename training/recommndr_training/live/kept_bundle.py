"""A bundle where one process looks first, so that it need not ask the registry."""

import shutil
import tempfile
from pathlib import Path

from recommndr.bundle import MANIFEST


def keep_bundle(directory: Path, kept: Path) -> None:
    """Copy a bundle there, whole or not at all, unless it is there already."""
    if (kept / MANIFEST).is_file():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=kept.parent) as scratch:
        shutil.copytree(directory, Path(scratch) / kept.name).rename(kept)
