import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow import MlflowClient

from recommndr.bundle import MANIFEST, BundleRefused
from recommndr.list_scope import SCOPES
from recommndr_engine import bundle_files
from recommndr_serving.releases.bundle_fetch import download
from recommndr_training.judging.gate_report import REPORT_FILE, Check, GateReport
from recommndr_training.shipping.register import NotRegistered, Registry, local_registry, register
from tests.engine.bundles import WrittenBundle, with_scope_methods, write_bundle

# MLflow's tables under the newest SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A real MLflow on a SQLite file; making one takes seconds, so tests use tenants of their own."""
    return local_registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture
def written(tmp_path: Path, request: pytest.FixtureRequest) -> WrittenBundle:
    tenant = request.node.name.replace("_", "-").lower()[:32].strip("-")
    return judged(write_bundle(tmp_path / "bundle", tenant=tenant))


def judged(written: WrittenBundle, report: str | None = None) -> WrittenBundle:
    """The bundle with this gate report; without one, with that of a gate that let it pass."""
    report = json.dumps(GateReport(written.manifest.method, ()).to_json()) if report is None else report
    (written.directory / REPORT_FILE).write_text(report)
    manifest = written.manifest.model_copy(update={"files": bundle_files.file_entries(written.directory)}).sealed()
    (written.directory / MANIFEST).write_text(manifest.model_dump_json())
    return WrittenBundle(written.directory, manifest)


def test_a_bundle_becomes_version_one_with_all_that_is_known_of_it(registry: Registry, written: WrittenBundle) -> None:
    version = register(written.directory, registry, "tiny", NOW)
    tenant = written.manifest.tenant
    assert (version.model, version.model_version, version.created) == (f"recommndr-{tenant}", 1, True)
    client = MlflowClient(registry.tracking_uri, registry.tracking_uri)
    run = client.get_run(version.run_id)
    assert run.data.tags["bundle_version"] == written.version
    assert run.data.tags["data_sha256"] == written.manifest.training_data.sha256
    assert run.data.tags["code_revision"] == "test"
    assert run.data.tags["git_commit"]
    assert (run.data.tags["tenant"], run.data.tags["profile"]) == (tenant, "tiny")
    assert run.data.params == {name: str(value) for name, value in written.manifest.parameters.items()}
    assert run.data.metrics == {"all.ndcg_at_10": 0.3, "all.ndcg_at_10_low": 0.2}  # what decides, and nothing else


def test_the_same_bundle_registered_again_is_found(registry: Registry, written: WrittenBundle) -> None:
    first = register(written.directory, registry, "tiny", NOW)
    again = register(written.directory, registry, "tiny", datetime(2027, 1, 1, tzinfo=UTC))
    assert (again.model_version, again.run_id, again.created) == (first.model_version, first.run_id, False)


def test_another_bundle_of_the_tenant_is_the_next_version(registry: Registry, written: WrittenBundle, tmp_path: Path) -> None:
    register(written.directory, registry, "tiny", NOW)
    later = datetime(2026, 2, 1, tzinfo=UTC)
    other = judged(write_bundle(tmp_path / "other", tenant=written.manifest.tenant, until=later))
    assert register(other.directory, registry, "tiny", NOW).model_version == 2


def test_serving_downloads_what_was_registered(registry: Registry, written: WrittenBundle, tmp_path: Path) -> None:
    version = register(written.directory, registry, "tiny", NOW)
    download(registry.tracking_uri, version.model, version.model_version, tmp_path / "fetched")
    (fetched,) = (path.parent for path in (tmp_path / "fetched").rglob("manifest.json"))
    assert bundle_files.check(fetched, written.manifest.tenant, written.version).digest() == written.version


def test_a_broken_bundle_is_not_registered(registry: Registry, written: WrittenBundle) -> None:
    (written.directory / "item_ids.npy").write_bytes(b"")
    with pytest.raises(BundleRefused, match=r"item_ids\.npy"):
        register(written.directory, registry, "tiny", NOW)


def test_a_registry_that_cannot_be_reached_is_named(written: WrittenBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(NotRegistered, match=r"MLflow at http://127\.0\.0\.1:9"):
        register(written.directory, Registry("http://127.0.0.1:9"), "tiny", NOW)


LOSES = Check("simple.new.popularity", False, "new items: NDCG@10 minus that of popularity is -0.0200 [-0.0300, -0.0100]")


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (
            json.dumps(GateReport("ranker", (LOSES,)).to_json()),
            "nothing is registered: new items: NDCG@10 minus",
        ),
        (json.dumps(GateReport("als", ()).to_json()), "judged 'als', but the lists are ordered by 'ranker'"),
        (
            json.dumps(GateReport("ranker", (), new_method="als").to_json()),
            "judged 'als' for scope discover, but its lists are ordered by 'ranker'",
        ),
        ("{}", "cannot be read: KeyError"),
        ("not json", "cannot be read"),
    ],
)
def test_what_the_gate_did_not_let_pass_is_not_registered(
    registry: Registry, written: WrittenBundle, report: str, message: str
) -> None:
    with pytest.raises(BundleRefused, match=message):
        register(judged(written, report).directory, registry, "tiny", NOW)


def test_a_method_of_a_scope_that_was_not_judged_is_not_registered(
    registry: Registry, written: WrittenBundle, tmp_path: Path
) -> None:
    judged_alone = json.dumps(GateReport("ranker", ()).to_json())
    for scope in SCOPES[1:]:
        other = with_scope_methods(written, tmp_path / scope, {scope: "als"})
        with pytest.raises(BundleRefused, match=f"judged 'ranker' for scope {scope}, but its lists are ordered by 'als'"):
            register(judged(other, judged_alone).directory, registry, "tiny", NOW)


def test_the_methods_of_scopes_are_tags_of_the_version(registry: Registry, written: WrittenBundle, tmp_path: Path) -> None:
    other = with_scope_methods(written, tmp_path / "other", {"discover": "als", "unseen": "als"})
    report = json.dumps(GateReport("ranker", (), new_method="als").to_json())
    version = register(judged(other, report).directory, registry, "tiny", NOW)
    client = MlflowClient(registry.tracking_uri, registry.tracking_uri)
    tags = client.get_model_version(version.model, str(version.model_version)).tags
    found = {name: value for name, value in tags.items() if name.startswith("method")}
    assert found == {"method": "ranker", "method.discover": "als", "method.unseen": "als"}


def test_a_bundle_that_no_gate_has_seen_is_not_registered(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match=r"gate\.json: missing; run the stages evaluate and bundle again"):
        register(write_bundle(tmp_path / "bundle").directory, registry, "tiny", NOW)


def test_a_report_that_was_changed_afterwards_is_refused(registry: Registry, written: WrittenBundle) -> None:
    refused = judged(written, json.dumps(GateReport("ranker", (LOSES,)).to_json()))
    (refused.directory / REPORT_FILE).write_text(json.dumps(GateReport("ranker", ()).to_json()))
    with pytest.raises(BundleRefused, match=r"gate\.json"):
        register(refused.directory, registry, "tiny", NOW)
