"""A release judges itself on the running installation: it goes on while it is well, and back when its slot fails."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from recommndr.audit_log import AuditLog
from recommndr.bundle import MANIFEST
from recommndr.release import Release
from recommndr.release_files import ReleaseFiles
from recommndr_engine import bundle_files
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from recommndr_native.shop import Refused, Shop
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.moves import Move, Moves
from recommndr_training import params
from recommndr_training.shipping.register import Registry, register
from tests.e2e.observed import kept_away
from tests.patience import eventually

pytestmark = pytest.mark.e2e
N_SHOPPERS = 60
# Steps of seconds, and samples that a few shoppers give within them; limits of time that a busy machine does not reach.
QUICK = {
    "min_step_s": 3, "patience_s": 4, "watch_s": 600, "return_s": 1, "settle_s": 2,
    "rules": {
        "errors": {"min_samples": 1}, "latency": {"min_samples": 1, "limit": 60}, "ladder": {"consequence": "observe"},
        "memory": {"consequence": "observe"}, "processor": {"consequence": "observe"},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def quick(live: GoLive) -> Iterator[None]:
    """The tenant's releases take seconds."""
    path = live.installation.settings.tenants_file
    before = path.read_text()
    content = yaml.safe_load(before)
    content["tenants"][live.tenant]["release"] = QUICK
    path.write_text(yaml.safe_dump(content))
    yield
    path.write_text(before)


@dataclass
class Traffic:
    """What shoppers saw while a release went on."""

    refused: list[str] = field(default_factory=list)
    versions: dict[str, list[str | None]] = field(default_factory=dict)  # by shopper, each change

    def moved_twice(self) -> list[str]:
        """Shoppers who came back to a version that they had left."""
        return [user_id for user_id, seen in self.versions.items() if len(seen) > len(set(seen))]


@contextmanager
def shoppers(live: GoLive) -> Iterator[Traffic]:
    """Shoppers who ask again and again, one after the other."""
    traffic, over = Traffic(), threading.Event()

    def ask(shop: Shop) -> None:
        while not over.is_set():
            for number in range(N_SHOPPERS):
                user_id = f"visitor-of-a-release-{number}"
                try:
                    version = shop.recommend(user_id).model_version
                except Refused as cause:
                    traffic.refused.append(str(cause))
                    continue
                seen = traffic.versions.setdefault(user_id, [])
                if not seen or seen[-1] != version:
                    seen.append(version)

    with closing(live.shop()) as shop:
        asking = threading.Thread(target=ask, args=(shop,))
        asking.start()
        try:
            yield traffic
        finally:
            over.set()
            asking.join()


def another_version(live: GoLive, note: float, folder: Path) -> Candidate:
    """The same models under another name, registered."""
    copy = folder / "bundle"
    shutil.copytree(live.checkout / params.profile_dir(live.profile) / "bundle", copy)
    manifest = bundle_files.read_manifest(copy)
    renamed = manifest.model_copy(update={"metrics": {**manifest.metrics, "note": note}}).sealed()
    (copy / MANIFEST).write_text(renamed.model_dump_json(indent=1) + "\n")
    made = register(copy, Registry(live.installation.settings.mlflow_uri), live.profile, datetime.now(UTC))
    return Candidate(made.bundle_version, made.model_version)


def record(live: GoLive) -> Release:
    found = ReleaseFiles(live.installation.settings.releases_dir).load(live.tenant)
    assert found is not None
    return found


def move(live: GoLive, what: Move, candidate: Candidate | None = None) -> Release:
    settings = live.installation.settings
    moves = Moves(FileReleaseStore(settings.releases_dir), AuditLog(settings.audit_file), lambda: datetime.now(UTC))
    return moves.make(live.tenant, what, "a test", "a test of releases", candidate)


def phases(live: GoLive, n_before: int) -> list[str]:
    return [step.phase for step in record(live).steps[n_before:]]


def audited(live: GoLive) -> list[dict[str, Any]]:
    return [json.loads(line) for line in live.installation.settings.audit_file.read_text().splitlines()]


@pytest.fixture
def as_before(live: GoLive, quick: None) -> Iterator[Release]:
    """The record before the test; whatever the test released, the same version serves from the same slot afterwards."""
    before = record(live)
    yield before
    after = record(live)
    if after.challenger is not None or after.stable != before.stable:
        move(live, "rollback")
    eventually(lambda: record(live).phase == "STEADY", "the release is over")
    assert record(live).stable == before.stable


def test_a_good_version_takes_over_step_by_step_though_rollout_dies_on_the_way(
    live: GoLive, installation: Installation, as_before: Release, tmp_path: Path
) -> None:
    n_before, old = len(as_before.steps), as_before.stable
    candidate = another_version(live, 1.0, tmp_path)
    with shoppers(live) as traffic:
        move(live, "start", candidate)
        eventually(lambda: record(live).challenger_weight >= 100, "the first step")
        installation.kill("rollout")
        eventually(lambda: record(live).challenger_weight >= 1_000, "the second step")
        installation.kill("rollout")
        eventually(lambda: record(live).phase == "PROMOTED", "the new version is stable")
        eventually(
            lambda: all(seen[-1] == candidate.version for seen in traffic.versions.values()), "every shopper is served by it"
        )
    assert phases(live, n_before) == ["WARMING", "STEP_1", "STEP_10", "STEP_50", "PROMOTED"]
    assert record(live).stable.model_version == candidate.model_version
    assert traffic.refused == []
    assert traffic.moved_twice() == []
    assert {seen[0] for seen in traffic.versions.values()} <= {old.version, candidate.version}
    acts = [(line["act"], line.get("phase")) for line in audited(live)]
    assert acts[-4:] == [("release.advance", phase) for phase in ("STEP_1", "STEP_10", "STEP_50", "PROMOTED")]


def test_a_version_that_its_slot_refuses_never_gets_traffic_and_is_barred(live: GoLive, as_before: Release) -> None:
    with shoppers(live) as traffic:
        move(live, "start", Candidate("not-what-was-registered", as_before.stable.model_version))
        eventually(lambda: record(live).phase in {"ROLLED_BACK", "STEADY"}, "the release is over")
    barred = record(live).barred[-1]
    assert "refuses the version" in barred.reason
    assert traffic.refused == []
    assert {version for seen in traffic.versions.values() for version in seen} == {as_before.stable.version}


def test_a_challenger_that_dies_again_and_again_loses_its_traffic_and_no_request_fails(
    live: GoLive, installation: Installation, as_before: Release, tmp_path: Path
) -> None:
    candidate = another_version(live, 2.0, tmp_path)
    with shoppers(live) as traffic:
        move(live, "start", candidate)
        eventually(lambda: record(live).phase == "STEP_50", "half of the shoppers are served by the challenger")
        move(live, "pause")
        slot = next(one for one in ("blue", "green") if one != as_before.stable.slot)
        kept_away(installation, slot, lambda: record(live).challenger is None)
        eventually(
            lambda: all(seen[-1] == as_before.stable.version for seen in traffic.versions.values()), "all shoppers are back"
        )
    assert record(live).challenger_weight == 0
    assert f"slot: slot {slot}" in record(live).barred[-1].reason
    assert traffic.refused == []
