"""A real Envoy follows the routes that rollout writes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommndr_rollout.routes_file import RoutesFile
from tests.rollout.edges import Edge, NewEnvoy, edge_settings, running_edge, wait_until
from tests.rollout.upstreams import upstream

pytestmark = pytest.mark.integration
USERS = [f"u{number}" for number in range(400)]


@pytest.fixture
def edge(tmp_path: Path, new_envoy: NewEnvoy) -> Iterator[Edge]:
    with running_edge(edge_settings(tmp_path), new_envoy) as running:
        yield running


def test_writes_go_to_the_collector_and_reads_to_the_slots(edge: Edge) -> None:
    edge.set_green(10_000)
    wait_until(lambda: edge.slot_of("u1") == "green", 5)
    tenant = {"x-recommndr-tenant": "grocer", "x-recommndr-user": "u1"}
    asked = [
        ("POST", "/events"),
        ("PUT", "/items"),
        ("PATCH", "/items/a%2Fb/availability"),
        ("DELETE", "/items/7"),
        ("GET", "/items"),
        ("GET", "/items/7"),
        ("GET", "/similar_items?item_id=7"),
    ]
    answered = [edge.ask(method, path, tenant).text for method, path in asked]
    assert answered == ["collector"] * 4 + ["green"] * 3


def test_a_request_that_names_no_known_tenant_reaches_blue_which_answers_it(edge: Edge) -> None:
    assert edge.ask("POST", "/recommend").text == "blue"
    assert edge.slot_of("u1", tenant="nobody") == "blue"


def test_a_new_weight_is_live_within_a_second(edge: Edge) -> None:
    edge.set_green(0)
    wait_until(lambda: edge.slot_of("u1") == "blue", 5)
    edge.set_green(10_000)
    assert wait_until(lambda: edge.slot_of("u1") == "green", 5) < 1


def test_weights_are_followed_a_shopper_stays_and_nobody_moves_back_while_a_weight_rises(edge: Edge) -> None:
    on_green: set[str] = set()
    for weight in (0, 1_000, 5_000, 9_000, 10_000):
        edge.set_green(weight)
        time.sleep(0.5)  # the other tests show that a weight is live by then
        seen = {user: edge.slot_of(user) for user in USERS}
        assert seen == {user: edge.slot_of(user) for user in USERS}
        moved = {user for user, slot in seen.items() if slot == "green"}
        assert on_green <= moved
        assert abs(len(moved) / len(USERS) - weight / 10_000) < 0.07
        on_green = moved


@pytest.mark.parametrize("down", ["blue", "green"])
def test_while_the_slot_that_serves_is_down_the_other_one_answers(down: str, tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = edge_settings(tmp_path)
    other = {"blue": "green", "green": "blue"}[down]
    RoutesFile(settings.routes_file).apply({"grocer": {"blue": 0, "green": 0, down: 10_000}})
    with upstream(other, settings.slot_port(other)):
        new_envoy(settings)
        edge = Edge(settings)
        assert {edge.slot_of(user) for user in USERS[:50]} == {other}
        with upstream(down, settings.slot_port(down)):
            wait_until(lambda: edge.slot_of("u1") == down, 5)
            assert {edge.slot_of(user) for user in USERS[:50]} == {down}
        edge.close()


def test_slots_that_are_down_are_a_problem_in_json(tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = edge_settings(tmp_path)
    new_envoy(settings)
    edge = Edge(settings)
    answer = edge.ask("GET", "/popular")
    edge.close()
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 503
