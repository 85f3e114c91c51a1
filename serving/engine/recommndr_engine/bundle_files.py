"""Opens a bundle directory, after checking the hash of every file against the manifest."""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from recommndr.bundle import MANIFEST, BundleRefused, FileEntry, Manifest

_CHUNK_BYTES = 1 << 20


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a bundle; raises `BundleRefused` when there is none or it cannot be read."""
    try:
        return Manifest.model_validate_json((directory / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BundleRefused(f"{MANIFEST}: missing in {directory.name}, expected the description of all other files") from None
    except ValidationError as cause:
        raise BundleRefused(f"{MANIFEST}: {cause}") from cause


def file_entries(directory: Path) -> dict[str, FileEntry]:
    """Digest and size of every file but the manifest, by path inside the bundle."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() or path.is_symlink())
    return {path.relative_to(directory).as_posix(): _entry(path) for path in paths if path != directory / MANIFEST}


def check(directory: Path, tenant: str, version: str) -> Manifest:
    """The manifest of a complete bundle of this tenant and version; raises `BundleRefused` otherwise."""
    manifest = read_manifest(directory)
    manifest.check(file_entries(directory))
    if manifest.tenant != tenant:
        raise BundleRefused(f"{MANIFEST}: tenant {manifest.tenant!r}, expected {tenant!r}")
    if manifest.version != version:
        raise BundleRefused(f"{MANIFEST}: version {manifest.version!r}, expected {version!r} as the release record says")
    return manifest


def _entry(path: Path) -> FileEntry:
    if path.is_symlink():
        raise BundleRefused(f"{path.name}: a symbolic link, expected a file")
    digest = hashlib.sha256()
    n_bytes = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            n_bytes += len(chunk)
    return FileEntry(sha256=digest.hexdigest(), n_bytes=n_bytes)
