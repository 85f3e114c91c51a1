"""Whether a profile was trained from what is there now: a digest of the code, settings and given files of its stages.

A training in one process keeps no record by stage as DVC does. The digest is kept beside the outputs instead: as long as it and
the bundle are the same, the training would make the same again.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from recommndr_training import one_process, params

_FILE = "trained_from.txt"
_MANIFEST = Path("bundle") / "manifest.json"
_CACHE = "__pycache__"


def digest(profile: str, target: str, root: Path = Path()) -> str:
    """Of every file that the stages of `target` start from, and of the manifest that they made, as hexadecimal digits."""
    found = hashlib.sha256(of_code_and_data(profile, target, root).encode())
    manifest = params.profile_dir(profile) / _MANIFEST
    for path in (root / name for name in (params.file_of(profile), params.tenants_of(profile), manifest)):
        found.update(path.read_bytes() if path.exists() else b"")
    return found.hexdigest()


def of_code_and_data(profile: str, target: str, root: Path = Path()) -> str:
    """Of the code of the stages of `target` and of the files given to them, as hexadecimal digits.

    Given files (a lake) count by path, size and time of change: reading them would take as long as a small training.
    """
    found = hashlib.sha256()
    for path in sorted(_files(root, one_process.code(profile, target, root))):
        found.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    for path in sorted(_files(root, one_process.given(profile, target, root))):
        known = path.stat()
        found.update(f"{path.relative_to(root)}\0{known.st_size}\0{known.st_mtime_ns}\n".encode())
    return found.hexdigest()


def unchanged(profile: str, target: str, root: Path = Path()) -> bool:
    """Whether the last training of the profile in one process started from the same, and its bundle is still there."""
    kept = root / params.profile_dir(profile) / _FILE
    return kept.exists() and kept.read_text() == digest(profile, target, root)


def keep(profile: str, target: str, root: Path = Path()) -> None:
    """Keep the digest of a training that has just ended."""
    (root / params.profile_dir(profile) / _FILE).write_text(digest(profile, target, root))


def _files(root: Path, listed: Iterable[str | Path]) -> Iterator[Path]:
    for name in listed:
        path = root / name
        if path.is_file():
            yield path
        else:
            yield from (file for file in path.rglob("*") if file.is_file() and _CACHE not in file.parts)
