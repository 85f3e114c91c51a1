"""Which events are marked: many repeats of one shopper, and what robots do; people are left alone."""

import random
from collections.abc import Iterator

import pytest

from recommndr.events import decode
from recommndr.tenancy import TenantPolicy
from recommndr_collector.doubts import Doubts
from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import KEY, NOW, Collector, bearer, click, token

POLICY = TenantPolicy(max_repeats_per_day=3, robot_events_per_hour=100)
SHOPPER = ("grocer", "u1")
MIDNIGHT_S = 1_772_323_200.0


def seen(doubts: Doubts, at_s: Iterator[float] | list[float], kind: str = "view") -> list[str | None]:
    return [doubts.of(SHOPPER, kind, [f"i{n}"], instant_s, POLICY) for n, instant_s in enumerate(at_s)]


def test_what_a_shopper_repeats_too_often_in_a_day_is_marked_until_the_next_day() -> None:
    doubts = Doubts()
    day = [doubts.of(SHOPPER, "view", ["i1"], MIDNIGHT_S + 4_000 * n, POLICY) for n in range(5)]
    assert day == [None, None, None, "repeated", "repeated"]
    assert doubts.of(SHOPPER, "click", ["i1"], MIDNIGHT_S + 20_000, POLICY) is None
    assert doubts.of(("grocer", "u2"), "view", ["i1"], MIDNIGHT_S + 20_000, POLICY) is None
    assert doubts.of(SHOPPER, "view", ["i1"], MIDNIGHT_S + 86_400, POLICY) is None


def test_an_event_with_one_new_item_is_not_repeated() -> None:
    doubts = Doubts()
    for n in range(5):
        assert doubts.of(SHOPPER, "add_to_cart", ["i1", f"new{n}"], MIDNIGHT_S + 4_000 * n, POLICY) is None


def test_a_hundred_and_one_events_within_an_hour_are_a_robots_and_it_is_forgiven_after_a_quiet_hour() -> None:
    chance, doubts = random.Random(1), Doubts()
    at_s = sorted(MIDNIGHT_S + chance.uniform(0, 3_500) for _ in range(101))
    assert seen(doubts, at_s) == [None] * 100 + ["robot"]
    assert seen(doubts, [MIDNIGHT_S + 3_600]) == ["robot"]
    assert seen(doubts, [MIDNIGHT_S + 3 * 3_600]) == [None]


def test_even_intervals_are_a_robots_and_peoples_are_not() -> None:
    chance = random.Random(2)
    timer = [MIDNIGHT_S + 20 * n + chance.uniform(-2, 2) for n in range(80)]
    assert "robot" in seen(Doubts(), timer)
    person, at_s = [], MIDNIGHT_S
    for _ in range(80):
        at_s += chance.expovariate(1 / 20)
        person.append(at_s)
    assert set(seen(Doubts(), person)) == {None}


def test_events_that_a_page_sends_at_once_are_one_step() -> None:
    """Ten pages, and of each ten events in the same moment."""
    pages = [MIDNIGHT_S + 60 * page + 0.001 * n for page in range(9) for n in range(10)]
    assert set(seen(Doubts(), pages)) == {None}


def test_impressions_make_no_robot() -> None:
    assert set(seen(Doubts(), [MIDNIGHT_S + n for n in range(500)], "impression")) == {None}


def test_memory_is_bounded_and_who_was_idle_longest_is_forgotten() -> None:
    doubts = Doubts(max_repeats=10, max_shoppers=5)
    for n in range(1_000):
        doubts.of(("grocer", f"u{n}"), "view", [f"i{n}"], MIDNIGHT_S, POLICY)
    assert (len(doubts._repeats), len(doubts._paces)) == (10, 5)


async def marks(collector: Collector, log: InMemoryEventLog, kind: str, key: str) -> list[str | None]:
    events = [click(n, kind=kind) for n in range(1, 26)]
    response = await collector.client.post("/events", json=events, headers=bearer(key))
    assert {result["status"] for result in response.json()["results"]} == {202}
    return [decode(record.value).doubt for record in log.records if record.value]


@pytest.mark.parametrize("key", [KEY, token("u1", at=NOW)], ids=["server", "browser"])
async def test_marked_events_are_kept_and_counted(key: str, collector: Collector, log: InMemoryEventLog) -> None:
    assert await marks(collector, log, "click", key) == [None] * 20 + ["repeated"] * 5
    assert collector.count("recommndr_collector_doubted_events_total", tenant="grocer", doubt="repeated") == 5
    assert collector.count("recommndr_collector_doubted_events_total", tenant="grocer", doubt="robot") == 0


async def test_orders_of_the_shops_server_are_never_doubted(collector: Collector, log: InMemoryEventLog) -> None:
    assert set(await marks(collector, log, "purchase", KEY)) == {None}
