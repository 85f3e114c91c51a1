"""From release records to the routes file, tick by tick."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from recommndr.identity import TenantId
from recommndr.release import WEIGHT_TOTAL
from recommndr.tenancy import TenantPolicy
from recommndr_rollout.edge_policies import CORS, TENANT_HEADER
from recommndr_rollout.memory_store import MemoryReleaseStore
from recommndr_rollout.projections import tick
from recommndr_rollout.routes import applied_weights, route_configuration
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.weights import Loaded, weights_to_apply
from tests.rollout.records import record

NOTHING: Loaded = {"blue": {}, "green": {}}
GREEN_HAS_2: Loaded = {"blue": {}, "green": {"grocer": "bundle-2"}}


class FixedSlots:
    """Slots that hold what the test says."""

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
    assert tick(store, FixedSlots(NOTHING), RoutesFile(path, policies)).changed
    assert not tick(store, FixedSlots(NOTHING), RoutesFile(path, policies)).changed
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
    assert (first.n_tenants, first.n_waiting, first.changed) == (2, 0, True)
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


def test_a_damaged_routes_file_is_written_anew(tmp_path: Path) -> None:
    store, path = MemoryReleaseStore(), tmp_path / "routes.json"
    store.save(record())
    path.write_text('{"resources": []}')
    assert tick(store, FixedSlots(NOTHING), RoutesFile(path)).changed
    assert set(RoutesFile(path).applied()) == {"grocer"}
