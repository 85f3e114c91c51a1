"""From release records to the routes file, tick by tick."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from recommndr.identity import TenantId
from recommndr.release import SLOTS, WEIGHT_TOTAL
from recommndr.tenancy import TenantPolicy
from recommndr_rollout.edge_policies import CORS, TENANT_HEADER
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.memory_store import MemoryReleaseStore
from recommndr_rollout.metrics import Metrics
from recommndr_rollout.projections import tick
from recommndr_rollout.routes import applied_weights, route_configuration
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.weights import Loaded, weights_to_apply
from tests.rollout.records import record

NOTHING: Loaded = {"blue": {}, "green": {}}
GREEN_HAS_2: Loaded = {"blue": {}, "green": {"grocer": "bundle-2"}}


class FixedSlots:
    """Slots with set loaded versions."""

    def __init__(self, loaded: Loaded) -> None:
        self.now = loaded

    def loaded(self) -> Loaded:
        return self.now


@given(st.dictionaries(st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True), st.integers(0, WEIGHT_TOTAL)))
def test_weights_come_back_from_the_routes_they_became(blue: dict[str, int]) -> None:
    weights = {tenant: {"blue": weight, "green": WEIGHT_TOTAL - weight} for tenant, weight in blue.items()}
    assert applied_weights(json.loads(json.dumps(route_configuration(weights)))) == weights


def test_a_tenant_without_a_release_has_routes_for_its_pages_and_no_weights() -> None:
    configuration = route_configuration({}, {TenantId("grocer"): TenantPolicy(origins=("https://grocer.example",))})
    routes = configuration["resources"][0]["virtual_hosts"][0]["routes"]
    own = [route for route in routes if any(header["name"] == TENANT_HEADER for header in route["match"].get("headers", ()))]
    assert [route["route"]["cluster"] for route in own] == ["collector", "blue"]
    assert all(CORS in route["typed_per_filter_config"] for route in own)
    assert applied_weights(configuration) == {}


def test_a_changed_policy_is_applied_by_the_next_tick_though_no_weight_changed(tmp_path: Path) -> None:
    store, path = MemoryReleaseStore(), tmp_path / "routes.json"
    store.save(record())
    tick(store, FixedSlots(NOTHING), RoutesFile(path))
    policies = {TenantId("grocer"): TenantPolicy(origins=("https://grocer.example",))}
    assert tick(store, FixedSlots(NOTHING), RoutesFile(path, lambda: policies)).changed
    assert not tick(store, FixedSlots(NOTHING), RoutesFile(path, lambda: policies)).changed
    assert RoutesFile(path).applied() == {"grocer": {"blue": 10_000, "green": 0}}


def test_a_slot_gets_more_traffic_only_once_it_has_loaded_the_version() -> None:
    release, applied = record(challenger_weight=1_000), {"blue": 10_000, "green": 0}
    assert weights_to_apply(release, NOTHING, applied) == applied
    assert weights_to_apply(release, {"blue": {}, "green": {"grocer": "bundle-1"}}, applied) == applied
    assert weights_to_apply(release, GREEN_HAS_2, applied) == {"blue": 9_000, "green": 1_000}


def test_the_first_weights_of_a_tenant_wait_for_nobody() -> None:
    assert weights_to_apply(record(), NOTHING, None) == {"blue": 10_000, "green": 0}


def test_a_tick_applies_all_records_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    store, routes = MemoryReleaseStore(), RoutesFile(tmp_path / "envoy" / "routes.json")
    store.save(record("grocer"))
    store.save(record("toys"))
    first = tick(store, FixedSlots(NOTHING), routes)
    assert (len(first.releases), first.n_waiting, first.changed) == (2, 0, True)
    assert not tick(store, FixedSlots(NOTHING), routes).changed
    assert set(routes.applied()) == {"grocer", "toys"}


def test_a_tick_after_a_restart_waits_for_the_slot_and_then_moves(tmp_path: Path) -> None:
    store, path = MemoryReleaseStore(), tmp_path / "routes.json"
    saved = store.save(record())
    slots = FixedSlots(NOTHING)
    tick(store, slots, RoutesFile(path))
    store.save(record(challenger_weight=5_000).model_copy(update={"record_version": saved.record_version}))
    assert tick(store, slots, RoutesFile(path)).n_waiting == 1
    slots.now = GREEN_HAS_2
    assert tick(store, slots, RoutesFile(path)).n_waiting == 0
    assert RoutesFile(path).applied()["grocer"] == {"blue": 5_000, "green": 5_000}


def test_a_damaged_routes_file_is_rewritten(tmp_path: Path) -> None:
    store, path = MemoryReleaseStore(), tmp_path / "routes.json"
    store.save(record())
    path.write_text('{"resources": []}')
    assert tick(store, FixedSlots(NOTHING), RoutesFile(path)).changed
    assert set(RoutesFile(path).applied()) == {"grocer"}


def damage(releases: Path, how: str) -> None:
    record_file = releases / "grocer.json"
    if how == "half written":
        record_file.write_bytes(record_file.read_bytes()[:40])
    elif how == "of another tenant":
        record_file.write_text(record("toys").model_dump_json())
    elif how == "a folder":
        record_file.unlink()
        record_file.mkdir()
    elif how == "gone":
        record_file.unlink()
    else:
        shutil.rmtree(releases)


@pytest.mark.parametrize("how", ["half written", "of another tenant", "a folder", "gone", "with its folder"])
def test_a_tenant_whose_record_is_lost_keeps_its_weights_and_is_named(how: str, tmp_path: Path) -> None:
    store, path = FileReleaseStore(tmp_path / "releases"), tmp_path / "routes.json"
    saved = store.save(record())
    tick(store, FixedSlots(GREEN_HAS_2), RoutesFile(path))
    moved = store.save(record(challenger_weight=9_000).model_copy(update={"record_version": saved.record_version}))
    tick(store, FixedSlots(GREEN_HAS_2), RoutesFile(path))
    before = path.read_text()
    damage(tmp_path / "releases", how)
    for _ in range(2):
        done = tick(store, FixedSlots(NOTHING), RoutesFile(path))
        assert (set(done.lost), done.changed) == ({"grocer"}, False)
    assert path.read_text() == before
    assert RoutesFile(path).applied()["grocer"] == {"blue": 1_000, "green": 9_000}

    shutil.rmtree(tmp_path / "releases", ignore_errors=True)
    store.save(moved.model_copy(update={"record_version": 0}))
    assert not tick(store, FixedSlots(GREEN_HAS_2), RoutesFile(path)).lost


def test_a_record_that_cannot_be_read_is_named_also_before_it_had_weights_and_does_not_stop_others(tmp_path: Path) -> None:
    store, routes = FileReleaseStore(tmp_path / "releases"), RoutesFile(tmp_path / "routes.json")
    store.save(record("toys"))
    (tmp_path / "releases" / "grocer.json").write_text("{")
    done = tick(store, FixedSlots(NOTHING), routes)
    assert (set(done.lost), set(routes.applied())) == ({"grocer"}, {"toys"})


def test_a_tenant_that_has_left_with_its_record_leaves_the_routes(tmp_path: Path) -> None:
    store, path = MemoryReleaseStore(), tmp_path / "routes.json"
    RoutesFile(path).apply({"gone": {"blue": 10_000, "green": 0}})
    policies = {TenantId("grocer"): TenantPolicy()}
    assert not tick(store, FixedSlots(NOTHING), RoutesFile(path, lambda: policies)).lost
    assert RoutesFile(path).applied() == {}


def test_what_is_lost_is_exported_to_prometheus_until_it_is_found_again() -> None:
    metrics = Metrics(CollectorRegistry())
    lost = partial(metrics.registry.get_sample_value, "recommndr_rollout_record_lost", {"tenant": "grocer"})
    metrics.show_lost({"grocer"})
    assert lost() == 1
    metrics.show_lost(set())
    assert lost() is None


def test_metrics_show_the_phase_and_the_shares_of_the_records_there_are() -> None:
    metrics = Metrics(CollectorRegistry())
    value = metrics.registry.get_sample_value
    metrics.show_releases([record(challenger_weight=1_000).model_copy(update={"phase": "STEP_10"})])
    assert value("recommndr_rollout_phase", {"tenant": "grocer", "phase": "STEP_10"}) == 1
    shares = {slot: value("recommndr_rollout_weight_ratio", {"tenant": "grocer", "slot": slot}) for slot in SLOTS}
    assert shares == {"blue": 0.9, "green": 0.1}
    metrics.show_releases([record()])
    assert value("recommndr_rollout_phase", {"tenant": "grocer", "phase": "STEP_10"}) is None
    metrics.show_releases([])
    assert value("recommndr_rollout_weight_ratio", {"tenant": "grocer", "slot": "blue"}) is None
    assert value("recommndr_rollout_tenants") == 0
