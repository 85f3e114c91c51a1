"""A tenant's releases on a running installation, as a person with the command makes them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from recommndr.audit_log import AuditLog
from recommndr.release import Release
from recommndr.release_files import ReleaseFiles
from recommndr.settings import Settings
from recommndr_native.go_live import GoLive
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.moves import Move, Moves
from recommndr_training import params
from recommndr_training.shipping.register import Registry, register
from tests.faults.bundles import MakeRanker, another


def record(live: GoLive) -> Release:
    """The tenant's record now."""
    found = ReleaseFiles(live.installation.settings.releases_dir).load(live.tenant)
    assert found is not None
    return found


def move(live: GoLive, what: Move, candidate: Candidate | None = None) -> Release:
    """Make a move; raises `MoveRefused`."""
    settings = live.installation.settings
    moves = Moves(FileReleaseStore(settings.releases_dir), AuditLog(settings.audit_file), lambda: datetime.now(UTC))
    return moves.make(live.tenant, what, "a test", "a test of releases", candidate)


def another_version(live: GoLive, note: float, folder: Path, make: MakeRanker | None = None) -> Candidate:
    """The trained models under another name, registered; with `make`, another ranker orders the lists."""
    copy = folder / f"bundle-{note:g}"
    another(live.checkout / params.profile_dir(live.profile) / "bundle", copy, note, make)
    made = register(copy, Registry(live.installation.settings.mlflow_uri), live.profile, datetime.now(UTC))
    return Candidate(made.bundle_version, made.model_version)


@contextmanager
def policy(settings: Settings, tenant: str, release: Mapping[str, Any]) -> Iterator[None]:
    """The tenant's releases go by these settings."""
    before = settings.tenants_file.read_text()
    content = yaml.safe_load(before)
    content["tenants"][tenant]["release"] = dict(release)
    settings.tenants_file.write_text(yaml.safe_dump(content))
    try:
        yield
    finally:
        settings.tenants_file.write_text(before)
