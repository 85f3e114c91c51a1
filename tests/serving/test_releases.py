"""From a release record to a bundle at work: what is loaded, what is refused, and what survives a restart."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mlflow import MlflowClient

from recommndr.bundle import MANIFEST, BundleRefused
from recommndr.features import shopper
from recommndr.identity import TenantId
from recommndr.release import Placement, Release, Slot, Step
from recommndr.release_files import ReleaseFiles
from recommndr.tenancy import TenantPolicy
from recommndr_engine import bundle_files
from recommndr_serving.metrics import Metrics
from recommndr_serving.releases.bundle_fetch import BundleUnavailable, RegistryBundles
from recommndr_serving.releases.bundle_load import load_bundle
from recommndr_serving.releases.follower import Follower, Releases
from recommndr_serving.releases.release_copies import ReleaseCopies
from recommndr_serving.tenant_slot import ServedBundle, TenantSlot, arm_of
from tests.engine.bundles import NOW, WrittenBundle, ranker_bytes, write_bundle
from tests.serving.shops import GROCER, open_shop

BLUE, GREEN = "blue", "green"


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> WrittenBundle:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "second", until=NOW.replace(day=15))


@dataclass
class MemoryBundles:
    """Bundles by version; what is not there is unavailable."""

    directories: dict[str, Path]
    fetched: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)

    def fetch(self, tenant: TenantId, placement: Placement) -> Path:
        self.fetched.append(placement.version)
        if placement.version not in self.directories:
            raise BundleUnavailable(f"{placement.version}: taken away by the test")
        return self.directories[placement.version]

    def discard(self, placement: Placement) -> None:
        self.discarded.append(placement.version)


@dataclass
class Desk:
    """One slot's follower over records in a folder."""

    folder: Path
    source: MemoryBundles
    slot: Slot = "blue"
    tenant: TenantSlot = field(default_factory=lambda: TenantSlot(GROCER))
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        def load(directory: Path, tenant: TenantSlot, placement: Placement) -> ServedBundle:
            return load_bundle(directory, tenant, placement, lambda: NOW)

        self.releases = Releases(
            Follower(self.slot, self.source, load, self.metrics),
            {GROCER: self.tenant},
            ReleaseFiles(self.folder / "releases"),
            ReleaseCopies(self.folder / "slots" / self.slot),
        )

    def record(self, release: Release) -> None:
        (self.folder / "releases").mkdir(parents=True, exist_ok=True)
        (self.folder / "releases" / "grocer.json").write_text(release.model_dump_json())
        self.releases.tick()

    @property
    def version(self) -> str | None:
        return None if self.tenant.serving is None else self.tenant.serving.placement.version

    def failures(self, reason: str) -> float:
        labels = {"tenant": "grocer", "reason": reason}
        return self.metrics.registry.get_sample_value("recommndr_serving_bundle_failures_total", labels) or 0.0


def placed(bundle: WrittenBundle, number: int, slot: Slot) -> Placement:
    return Placement(version=bundle.version, model_version=number, slot=slot)


def release_of(stable: Placement, challenger: Placement | None = None, weight: int = 0) -> Release:
    return Release(tenant=GROCER, release_id="r", stable=stable, challenger=challenger, challenger_weight=weight)


@pytest.fixture
def source(bundle: WrittenBundle, second: WrittenBundle) -> MemoryBundles:
    return MemoryBundles({bundle.version: bundle.directory, second.version: second.directory})


@pytest.fixture
def desk(tmp_path: Path, source: MemoryBundles) -> Desk:
    return Desk(tmp_path, source)


def test_a_slot_loads_what_the_record_places_in_it_and_nothing_else(
    desk: Desk, tmp_path: Path, source: MemoryBundles, bundle: WrittenBundle, second: WrittenBundle
) -> None:
    green = Desk(tmp_path, source, "green")
    release = release_of(placed(bundle, 1, BLUE), placed(second, 2, GREEN), weight=100)
    desk.record(release)
    green.record(release)
    assert (desk.version, arm_of(desk.tenant.serving, desk.tenant.release)) == (bundle.version, "stable")
    assert (green.version, arm_of(green.tenant.serving, green.tenant.release)) == (second.version, "challenger")


def test_a_new_placement_swaps_and_the_metrics_name_only_what_serves(
    desk: Desk, bundle: WrittenBundle, second: WrittenBundle
) -> None:
    desk.record(release_of(placed(bundle, 1, BLUE)))
    desk.record(release_of(placed(second, 2, BLUE)))
    assert desk.version == second.version
    infos = [s for m in desk.metrics.bundle_info.collect() for s in m.samples]
    assert [sample.labels["version"] for sample in infos] == [second.version]


def test_states_are_read_with_todays_weights_of_the_tenant_and_the_log_says_when_the_bundle_learnt_with_others(
    tmp_path: Path, source: MemoryBundles, bundle: WrittenBundle, caplog: pytest.LogCaptureFixture
) -> None:
    said = "trained with other weights"
    Desk(tmp_path / "usual", source).record(release_of(placed(bundle, 1, BLUE)))
    assert said not in caplog.text
    policy = TenantPolicy(weights={"view": 2.5})
    desk = Desk(tmp_path / "changed", source, tenant=TenantSlot(GROCER, policy))
    desk.record(release_of(placed(bundle, 1, BLUE)))
    assert said in caplog.text
    assert desk.tenant.serving is not None
    seen = desk.tenant.serving.pipeline.shopper(shopper.read({}), NOW.timestamp())
    assert seen.kind_weights.tolist() == policy.relative_weights().tolist() != list(bundle.manifest.kind_weights)


def test_a_change_of_weights_loads_nothing(
    desk: Desk, source: MemoryBundles, bundle: WrittenBundle, second: WrittenBundle
) -> None:
    for weight in (100, 1_000, 5_000):
        desk.record(release_of(placed(bundle, 1, BLUE), placed(second, 2, GREEN), weight))
    assert source.fetched == [bundle.version]
    assert desk.tenant.release is not None
    assert desk.tenant.release.challenger_weight == 5_000


@pytest.mark.parametrize(
    "spoil", ["flipped byte", "missing file", "extra file", "nan scores", "other tenant", "no manifest", "not onnx"]
)
def test_a_refused_bundle_leaves_the_old_one_serving(desk: Desk, bundle: WrittenBundle, tmp_path: Path, spoil: str) -> None:
    desk.record(release_of(placed(bundle, 1, BLUE)))
    before = desk.tenant.serving
    bad = spoiled(tmp_path / "bad", spoil)
    desk.source.directories[bad.version] = bad.directory
    desk.record(release_of(placed(bad, 2, BLUE)))
    assert desk.tenant.serving is before
    assert desk.source.discarded == [bad.version]
    assert desk.failures("refused") == 1
    desk.releases.tick()
    assert desk.failures("refused") == 1, "a refused bundle is not tried again at once"


def spoiled(directory: Path, how: str) -> WrittenBundle:
    written = write_bundle(directory, tenant="books" if how == "other tenant" else "grocer", until=NOW.replace(day=20))
    manifest = written.manifest
    factors = directory / "als" / "item_factors.npy"
    match how:
        case "flipped byte":
            factors.write_bytes(factors.read_bytes()[:-1] + b"\x01")
        case "missing file":
            factors.unlink()
        case "extra file":
            (directory / "surprise.bin").write_bytes(b"x")
        case "no manifest":
            (directory / MANIFEST).unlink()
        case "nan scores" | "not onnx":
            (directory / "ranker" / "ranker.onnx").write_bytes(ranker_bytes(score_nan=True) if how == "nan scores" else b"junk")
            manifest = manifest.model_copy(update={"files": bundle_files.file_entries(directory)}).sealed()
            (directory / MANIFEST).write_text(manifest.model_dump_json())
    return WrittenBundle(directory, manifest)


def test_a_bundle_under_another_version_than_the_record_says_is_refused(bundle: WrittenBundle) -> None:
    with pytest.raises(BundleRefused, match="as the release record says"):
        bundle_files.check(bundle.directory, "grocer", "0" * 16)


def test_a_link_out_of_the_bundle_is_refused(tmp_path: Path, bundle: WrittenBundle) -> None:
    shutil.copytree(bundle.directory, tmp_path / "linked")
    factors = tmp_path / "linked" / "als" / "item_factors.npy"
    factors.unlink()
    factors.symlink_to(bundle.directory / "als" / "item_factors.npy")
    with pytest.raises(BundleRefused, match="symbolic link"):
        bundle_files.check(tmp_path / "linked", "grocer", bundle.version)


def test_a_bundle_that_cannot_be_had_leaves_the_old_one_serving(desk: Desk, bundle: WrittenBundle) -> None:
    desk.record(release_of(placed(bundle, 1, BLUE)))
    desk.record(release_of(Placement(version="away", model_version=2, slot=BLUE)))
    assert desk.version == bundle.version
    assert (desk.failures("unavailable"), desk.source.discarded) == (1, [])


def test_a_restarted_slot_serves_what_it_served_last_without_records(
    desk: Desk, tmp_path: Path, source: MemoryBundles, bundle: WrittenBundle
) -> None:
    desk.record(release_of(placed(bundle, 1, BLUE)))
    shutil.rmtree(tmp_path / "releases")
    again = Desk(tmp_path, source)
    again.releases.restore()
    again.releases.tick()
    assert again.version == bundle.version


def test_a_restarted_slot_serves_the_old_version_while_the_new_one_is_refused(
    desk: Desk, tmp_path: Path, source: MemoryBundles, bundle: WrittenBundle
) -> None:
    desk.record(release_of(placed(bundle, 1, BLUE)))
    desk.record(release_of(Placement(version="away", model_version=2, slot=BLUE)))
    again = Desk(tmp_path, source)
    again.releases.restore()
    again.releases.tick()
    assert again.version == bundle.version


@pytest.mark.parametrize("text", ["", "{", '{"tenant": "grocer"}', json.dumps({"tenant": "books"})])
def test_a_record_that_cannot_be_read_does_not_stop_others(tmp_path: Path, bundle: WrittenBundle, text: str) -> None:
    (tmp_path / "books.json").write_text(text)
    (tmp_path / "grocer.json").write_text(release_of(placed(bundle, 1, BLUE)).model_dump_json())
    assert [release.tenant for release in ReleaseFiles(tmp_path).load_all()] == [GROCER]


def test_when_the_record_last_moved_is_reported(desk: Desk, bundle: WrittenBundle) -> None:
    steps = tuple(Step(at=NOW.replace(day=day), phase="PROMOTED", reason="r", by="b") for day in (1, 2))
    desk.record(release_of(placed(bundle, 1, BLUE)).model_copy(update={"steps": steps}))
    told = desk.metrics.registry.get_sample_value("recommndr_serving_release_moved_seconds", {"tenant": "grocer"})
    assert told == steps[1].at.timestamp()


def test_releases_are_ready_once_every_record_was_tried(desk: Desk, bundle: WrittenBundle) -> None:
    desk.record(release_of(placed(bundle, 1, BLUE)))
    assert not desk.releases.ready
    desk.releases.step()
    assert desk.releases.ready


def test_a_bundle_that_raises_an_unexpected_error_is_refused_and_does_not_stop_others(
    desk: Desk, bundle: WrittenBundle
) -> None:
    desk.record(release_of(placed(bundle, 1, BLUE)))
    before = desk.tenant.serving
    desk.source.directories["odd"] = None  # type: ignore[assignment] - loading it raises a TypeError
    desk.record(release_of(Placement(version="odd", model_version=2, slot=BLUE)))
    assert (desk.tenant.serving, desk.failures("refused")) == (before, 1)


def test_a_disk_that_takes_no_copy_stops_no_release_and_the_copy_is_made_later(
    desk: Desk, tmp_path: Path, bundle: WrittenBundle, second: WrittenBundle
) -> None:
    copies = tmp_path / "slots"
    copies.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="slots"):
        desk.record(release_of(placed(bundle, 1, BLUE)))
    assert desk.version == bundle.version
    copies.unlink()
    desk.releases.tick()
    assert (copies / "blue" / "grocer.json").is_file()


async def test_requests_go_on_over_a_swap(bundle: WrittenBundle, second: WrittenBundle) -> None:
    async with open_shop(bundle) as shop:
        assert (await shop.list_for())["model_version"] == bundle.version
        placement = placed(second, 2, BLUE)
        shop.grocer.serving = load_bundle(second.directory, shop.grocer, placement, lambda: NOW)
        assert (await shop.list_for())["model_version"] == second.version


@pytest.mark.integration
def test_a_bundle_comes_from_the_registry_once_and_from_the_cache_after(
    mlflow_uri: str, tmp_path: Path, bundle: WrittenBundle
) -> None:
    placement = registered(mlflow_uri, bundle)
    source = RegistryBundles(mlflow_uri, tmp_path / "cache")
    directory = source.fetch(GROCER, placement)
    assert bundle_files.check(directory, "grocer", bundle.version).version == bundle.version
    offline = RegistryBundles("http://127.0.0.1:9", tmp_path / "cache")
    assert offline.fetch(GROCER, placement) == directory
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [bundle.version]
    source.discard(placement)
    assert not directory.exists()


@dataclass
class FakeDownload(RegistryBundles):
    """The cache without a registry: what is downloaded is given."""

    cache: Path
    given: WrittenBundle

    def __post_init__(self) -> None:
        super().__init__("http://127.0.0.1:9", self.cache)

    def _download(self, model: str, version: int, into: str) -> None:
        shutil.copytree(self.given.directory, Path(into) / "bundle")


@pytest.mark.parametrize("left", [["als"], ["manifest.json"], []])
def test_a_removal_that_was_interrupted_heals(left: list[str], tmp_path: Path, bundle: WrittenBundle) -> None:
    source, placement = FakeDownload(tmp_path / "cache", bundle), placed(bundle, 1, BLUE)
    directory = source.fetch(GROCER, placement)
    for path in directory.iterdir():
        if path.name not in left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    desk = Desk(tmp_path, source)  # type: ignore[arg-type]
    for _ in range(2):
        desk.releases._follower._not_before_s.clear()  # the minute until a refused bundle is tried again
        desk.record(release_of(placement))
    assert desk.version == bundle.version
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [bundle.version]


def test_what_a_killed_download_left_is_swept_once_it_is_old(tmp_path: Path) -> None:
    fresh, old = tmp_path / ".fetch-now", tmp_path / ".removed-then"
    for path in (fresh, old):
        path.mkdir()
        (path / "part").write_text("x")
    os.utime(old, (0, 0))
    RegistryBundles("http://127.0.0.1:9", tmp_path)
    assert list(tmp_path.iterdir()) == [fresh]


@pytest.mark.integration
def test_a_version_the_registry_does_not_have_is_unavailable(mlflow_uri: str, tmp_path: Path) -> None:
    source = RegistryBundles(mlflow_uri, tmp_path / "cache")
    with pytest.raises(BundleUnavailable, match="recommndr-grocer version 99"):
        source.fetch(GROCER, Placement(version="none", model_version=99, slot="blue"))


@pytest.mark.integration
def test_a_registry_that_is_away_is_unavailable(tmp_path: Path) -> None:
    source = RegistryBundles("http://127.0.0.1:9", tmp_path / "cache")
    with pytest.raises(BundleUnavailable):
        source.fetch(GROCER, Placement(version="none", model_version=1, slot="blue"))


def registered(uri: str, bundle: WrittenBundle) -> Placement:
    client = MlflowClient(uri, uri)
    run = client.create_run(client.create_experiment("serving tests"))
    client.log_artifacts(run.info.run_id, str(bundle.directory), "bundle")
    client.set_terminated(run.info.run_id)
    client.create_registered_model("recommndr-grocer")
    version = client.create_model_version("recommndr-grocer", f"{run.info.artifact_uri}/bundle", run.info.run_id)
    return Placement(version=bundle.version, model_version=int(version.version), slot="blue")
