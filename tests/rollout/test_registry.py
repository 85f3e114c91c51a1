"""MLflow is kept in line with the release records: a run for each step, with its evidence, and the aliases."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from recommndr.identity import TenantId
from recommndr.release import Release, registered_model
from recommndr.release_policy import ReleasePolicy
from recommndr_rollout import operator_moves, registry_moves
from recommndr_rollout.advance import advance
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.evidence_files import EvidenceFiles, told
from recommndr_rollout.memory_store import MemoryReleaseStore
from recommndr_rollout.moved import Moved, step_key
from recommndr_rollout.operator_moves import Asked
from recommndr_rollout.registry import RegistryBehind, RegistryMoves, in_process
from recommndr_rollout.verdict import Verdict
from tests.rollout.records import record

# MLflow's tables under the newest SQLAlchemy.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
AT = datetime(2026, 3, 1, tzinfo=UTC)
FAILING = [Verdict("errors", "failing", "errors: 8 % of 100 requests failed", value=0.08, at_once=True)]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real MLflow on a SQLite file; making one takes seconds, so tests use tenants of their own."""
    return f"sqlite:///{tmp_path_factory.mktemp('registry')}/mlflow.db"


def client_with_versions(uri: str, tenant: str, folder: Path) -> MlflowClient:
    client = MlflowClient(uri, uri)
    if client.get_experiment_by_name(registry_moves.EXPERIMENT) is None:
        client.create_experiment(registry_moves.EXPERIMENT, folder.as_uri())
    client.create_registered_model(registered_model(tenant))
    for _ in range(2):
        client.create_model_version(registered_model(tenant), folder.as_uri())
    return client


def started(tenant: str) -> Release:
    return operator_moves.start(record(tenant), tenant, Candidate("bundle-2", 2), Asked("anna", "a trial", AT))


def rolled_back(tenant: str) -> Release:
    return advance(started(tenant), FAILING, ReleasePolicy(), AT + timedelta(seconds=5))


def aliases(client: MlflowClient, tenant: str) -> dict[str, int]:
    model = client.get_registered_model(registered_model(tenant))
    return {alias: int(version) for alias, version in model.aliases.items()}


def runs(client: MlflowClient, tenant: str) -> list[Any]:
    experiment = client.get_experiment_by_name(registry_moves.EXPERIMENT)
    found = client.search_runs([experiment.experiment_id], f"tags.tenant = '{tenant}'")
    return sorted(found, key=lambda run: run.info.start_time)


def test_aliases_follow_the_record(uri: str, tmp_path: Path) -> None:
    client = client_with_versions(uri, "toys", tmp_path)
    release = started("toys")
    registry_moves.bring_in_line(client, Moved(release=release))
    assert aliases(client, "toys") == {"champion": 1, "challenger": 2}
    registry_moves.bring_in_line(client, Moved(release=rolled_back("toys")))
    assert aliases(client, "toys") == {"champion": 1}


def test_each_step_is_a_run_with_its_evidence_and_written_once(uri: str, tmp_path: Path) -> None:
    client = client_with_versions(uri, "books", tmp_path)
    release = rolled_back("books")
    evidence = {step_key(release, release.steps[-1]): told(FAILING, ReleasePolicy())}
    assert registry_moves.bring_in_line(client, Moved(release=release, evidence=evidence)) == 2
    assert registry_moves.bring_in_line(client, Moved(release=release, evidence=evidence)) == 0
    warming, back = runs(client, "books")
    assert (warming.data.tags["phase"], warming.data.tags["by"]) == ("WARMING", "anna")
    assert back.data.tags["phase"] == "ROLLED_BACK"
    assert back.data.tags["rule.errors"] == "failing"
    assert (back.data.metrics["errors_value"], back.data.params["errors_limit"]) == (0.08, "0.05")
    assert "8 % of 100 requests failed" in back.data.tags["mlflow.note.content"]
    assert [file.path for file in client.list_artifacts(back.info.run_id)] == [registry_moves.EVIDENCE_FILE]


def test_a_run_that_was_cut_short_is_written_again(uri: str, tmp_path: Path) -> None:
    client = client_with_versions(uri, "wine", tmp_path)

    class Dying(MlflowClient):  # type: ignore[misc]
        def set_terminated(self, *_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        registry_moves.bring_in_line(Dying(uri, uri), Moved(release=started("wine")))
    assert registry_moves.bring_in_line(client, Moved(release=started("wine"))) == 1
    finished = [run for run in runs(client, "wine") if run.info.status == "FINISHED"]
    assert len(finished) == 1


@pytest.mark.integration
def test_a_process_of_its_own_writes_and_a_registry_that_is_away_is_told_in_one_line(uri: str, tmp_path: Path) -> None:
    client = client_with_versions(uri, "shoes", tmp_path)
    in_process(uri)(started("shoes"), {})
    assert aliases(client, "shoes") == {"champion": 1, "challenger": 2}
    with pytest.raises(RegistryBehind, match="MLflow at http://127"):
        in_process("http://127.0.0.1:1")(started("shoes"), {})


def test_evidence_is_kept_until_the_registry_has_it_and_each_record_is_written_once(tmp_path: Path) -> None:
    store, evidence, written = MemoryReleaseStore(), EvidenceFiles(tmp_path), []
    away = [True]

    def write(release: Release, kept: dict[str, dict[str, Any]]) -> None:
        if away[0]:
            raise RegistryBehind("away")
        written.append((release.record_version, len(kept)))

    saved = store.save(started("grocer"))
    moves = RegistryMoves(store, evidence, write)
    following = advance(saved, FAILING, ReleasePolicy(), AT + timedelta(seconds=5))
    evidence.keep(following, told(FAILING, ReleasePolicy()))
    store.save(following)
    with pytest.raises(RegistryBehind):
        moves.step()
    assert len(evidence.of(following)) == 1
    away[0] = False
    moves.step()
    moves.step()
    assert written == [(2, 1)]
    assert evidence.of(following) == {}


def test_one_tenants_fault_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    store, written = MemoryReleaseStore(), []
    for tenant in ("a", "b"):
        store.save(record(TenantId(tenant)))

    def write(release: Release, _: object) -> None:
        if release.tenant == "a":
            raise RegistryBehind("no such model")
        written.append(release.tenant)

    with pytest.raises(RegistryBehind):
        RegistryMoves(store, EvidenceFiles(tmp_path), write).step()
    assert written == ["b"]


def test_rollout_itself_does_not_import_mlflow() -> None:
    code = "import sys, recommndr_rollout.service; print('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
