"""The contract of a `ReleaseStore`, held by every implementation."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from recommndr.release import Release, ReleaseStore, StaleRecord
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.memory_store import MemoryReleaseStore
from tests.rollout.records import record


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ReleaseStore:
    makers: dict[str, Callable[[], ReleaseStore]] = {
        "file": lambda: FileReleaseStore(tmp_path / "releases"),
        "memory": MemoryReleaseStore,
    }
    return makers[request.param]()


def test_a_tenant_without_a_record_has_none(store: ReleaseStore) -> None:
    assert store.load("grocer") is None
    assert list(store.load_all()) == []


def test_what_was_saved_is_loaded_with_the_next_version(store: ReleaseStore) -> None:
    saved = store.save(record())
    assert saved.record_version == 1
    assert store.load("grocer") == saved
    assert store.save(saved).record_version == 2


def test_all_tenants_are_listed_by_name(store: ReleaseStore) -> None:
    store.save(record("toys"))
    store.save(record("grocer"))
    assert [release.tenant for release in store.load_all()] == ["grocer", "toys"]


def test_saving_over_a_newer_record_is_refused_and_changes_nothing(store: ReleaseStore) -> None:
    first = store.save(record())
    second = store.save(first)
    with pytest.raises(StaleRecord, match="record version 1 cannot replace 2"):
        store.save(first)
    assert store.load("grocer") == second


def test_a_first_record_is_refused_where_there_is_one(store: ReleaseStore) -> None:
    store.save(record())
    with pytest.raises(StaleRecord):
        store.save(record())


def test_of_concurrent_savers_exactly_one_wins(store: ReleaseStore) -> None:
    loaded = store.save(record())
    together = threading.Barrier(8)
    won: list[Release] = []
    lost: list[StaleRecord] = []

    def save() -> None:
        together.wait()
        try:
            won.append(store.save(loaded))
        except StaleRecord as stale:
            lost.append(stale)

    savers = [threading.Thread(target=save) for _ in range(8)]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    assert (len(won), len(lost)) == (1, 7)
    assert store.load("grocer") == won[0]


def test_a_tenant_that_is_no_tenant_cannot_name_a_file(store: ReleaseStore) -> None:
    with pytest.raises(ValueError, match="expected 1-32 characters"):
        store.load("../../etc/passwd")


@pytest.mark.parametrize("name", ["grocer.bak.json", "toys.json"])
def test_a_copy_under_another_name_is_nobodys_record(name: str, tmp_path: Path) -> None:
    store = FileReleaseStore(tmp_path)
    saved = store.save(record())
    (tmp_path / name).write_text(saved.model_dump_json())
    assert list(store.load_all()) == [saved]


def test_a_file_that_cannot_be_read_stops_no_other_tenant(tmp_path: Path) -> None:
    store = FileReleaseStore(tmp_path)
    saved = store.save(record())
    (tmp_path / "broken.json").write_text("{")
    assert list(store.load_all()) == [saved]
