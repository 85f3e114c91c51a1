"""A real Envoy follows the routes that rollout writes."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import eventually, quickest
from tests.rollout.edges import Edge, NewEnvoy, edge_settings, running_edge
from tests.rollout.upstreams import upstream

pytestmark = pytest.mark.integration
USERS = [f"u{number}" for number in range(400)]


@pytest.fixture
def edge(tmp_path: Path, new_envoy: NewEnvoy) -> Iterator[Edge]:
    with running_edge(edge_settings(tmp_path), new_envoy) as running:
        yield running


def test_writes_go_to_the_collector_and_reads_to_the_slots(edge: Edge) -> None:
    edge.set_green(10_000)
    eventually(lambda: edge.slot_of("u1") == "green", "green serves")
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
    def until_green_serves_s() -> float:
        edge.set_green(0)
        eventually(lambda: edge.slot_of("u1") == "blue", "blue serves", every_s=0.01)
        edge.set_green(10_000)
        return eventually(lambda: edge.slot_of("u1") == "green", "green serves", every_s=0.01)

    quickest(until_green_serves_s, within_s=1.0)


def test_weights_are_followed_a_shopper_stays_and_nobody_moves_back_while_a_weight_rises(edge: Edge) -> None:
    on_green: set[str] = set()
    for weight in (0, 1_000, 5_000, 9_000, 10_000):
        edge.set_green(weight)
        moved = await_share_on_green(edge, weight)
        assert moved == served_by_green(edge)
        assert on_green <= moved
        on_green = moved


def await_share_on_green(edge: Edge, weight: int) -> set[str]:
    """Nobody and everybody exactly; in between as a hash of 400 shoppers comes out.

    Two polls in a row agree: a weight may come into force in the middle of one.
    """
    tolerance, moved = (0.07 if 0 < weight < 10_000 else 1e-9), set[str]()

    def is_live() -> bool:
        nonlocal moved
        before, moved = moved, served_by_green(edge)
        return moved == before and abs(len(moved) / len(USERS) - weight / 10_000) < tolerance

    eventually(is_live, f"{weight} of 10,000 are on green")
    return moved


def served_by_green(edge: Edge) -> set[str]:
    return {user for user in USERS if edge.slot_of(user) == "green"}


def test_requests_without_a_shopper_are_split_by_the_weights_too(edge: Edge) -> None:
    edge.set_green(5_000)
    asked = [("GET", "/popular"), ("GET", "/similar_items?item_id=7"), ("GET", "/items/7")]

    def slots() -> Counter[str]:
        return Counter(edge.ask(*asked[n % 3], {"x-recommndr-tenant": "grocer"}).text for n in range(300))

    eventually(lambda: bool(served_by_green(edge)), "green serves shoppers")
    assert abs(slots()["green"] - 150) < 50  # over five standard deviations
    edge.set_green(10_000)
    eventually(lambda: slots()["blue"] == 0, "green serves everybody")


@pytest.mark.parametrize("down", ["blue", "green"])
def test_while_the_slot_that_serves_is_down_the_other_one_answers(down: str, tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = edge_settings(tmp_path)
    other = {"blue": "green", "green": "blue"}[down]
    edge = Edge(settings)
    edge.routes.apply({"grocer": {"blue": 0, "green": 0, down: 10_000}})
    with upstream(other, settings.slot_port(other)):
        new_envoy(settings)
        assert {edge.slot_of(user) for user in USERS[:50]} == {other}
        with upstream(down, settings.slot_port(down)):
            eventually(lambda: edge.slot_of("u1") == down, f"{down} serves again")
            assert {edge.slot_of(user) for user in USERS[:50]} == {down}
        edge.close()


@pytest.mark.parametrize("unready", ["blue", "green"])
def test_while_the_slot_that_serves_is_not_ready_the_other_one_answers(
    unready: str, tmp_path: Path, new_envoy: NewEnvoy
) -> None:
    settings = edge_settings(tmp_path)
    other = {"blue": "green", "green": "blue"}[unready]
    edge = Edge(settings)
    edge.routes.apply({"grocer": {"blue": 0, "green": 0, unready: 10_000}})
    asked = {"x-recommndr-tenant": "grocer", "x-recommndr-user": "u1"}
    with upstream(unready, settings.slot_port(unready), status=503):
        new_envoy(settings)
        alone = edge.ask("POST", "/recommend", asked)
        assert (alone.status_code, alone.text) == (503, unready)  # the slot's own problem, which says what it waits for
        with upstream(other, settings.slot_port(other)):
            eventually(lambda: edge.slot_of("u1") == other, f"{other} answers")
            assert {edge.slot_of(user) for user in USERS[:50]} == {other}
        edge.close()


def test_slots_that_are_down_are_a_problem_in_json(tmp_path: Path, new_envoy: NewEnvoy) -> None:
    settings = edge_settings(tmp_path)
    edge = Edge(settings)
    edge.routes.apply({})
    new_envoy(settings)
    answer = edge.ask("GET", "/popular")
    edge.close()
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["status"] == 503
