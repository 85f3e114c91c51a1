"""Which trained profiles there are, and whether an installation has taken one up."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from recommndr.bundle import MANIFEST
from recommndr.release_files import ReleaseFiles
from recommndr_engine import bundle_files
from recommndr_one_process import taken_up
from recommndr_training import params
from recommndr_training.live.taken_history import TakenHistory


class NotTrained(RuntimeError):
    """A wished profile has no bundle; the message says how to train it."""


def without_bundle(wished: Sequence[str]) -> list[str]:
    """Those of the wished profiles that are not trained yet."""
    return [one for one in wished if not _manifest(one).is_file()]


def newest_of_each_tenant(wished: Sequence[str] | None) -> list[str]:
    """The trained profiles, of each tenant the one whose bundle is newest, among the wished ones if any are named.

    Raises `NotTrained` for a wished profile without a bundle.
    """
    for profile in without_bundle(wished or ()):
        raise NotTrained(f"{_manifest(profile)}: not there; run `recommndr train --one-process --profile {profile}`")
    trained = [one for one in wished or params.profiles() if _manifest(one).is_file()]
    newest = {params.data(one).tenant: one for one in sorted(trained, key=lambda one: _manifest(one).stat().st_mtime)}
    return sorted(newest.values())


def to_take_up(profile: str, connection: sqlite3.Connection, releases: Path) -> bool:
    """Whether the profile's version is not released yet, or its history is not in the database."""
    tenant = params.data(profile).tenant
    release = ReleaseFiles(releases).load(tenant)
    version = bundle_files.read_manifest(_manifest(profile).parent).version
    noted = TakenHistory.read(releases.parent, tenant)
    # A version that was trained on the lake since then stays.
    is_released = release is not None and version in (release.stable.version, noted.bundle_version if noted else None)
    return not is_released or not taken_up.is_taken_up(connection, tenant)


def _manifest(profile: str) -> Path:
    return params.profile_dir(profile) / "bundle" / MANIFEST
