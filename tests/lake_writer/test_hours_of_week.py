"""The same hours of the week from the lake: each shopper once, of the stable arm, and what shoppers did."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa

from recommndr.events import CLIENT_EVENT, stamp
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.hours_of_week import HOUR, MAX_SHOPPERS, WEEK, HoursOfWeek, read, same_hours, tenants_with_answers
from recommndr_lake_writer.lake import rows_of, table_of
from tests.lake_writer.answers import Given, answer, written
from tests.recommndr.served_answers import floats

UNTIL = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)  # the hour lies around midnight
NAMED = {"columns": ("price", "age"), "retrievers": ("als",)}


def given(user: str, number: int, at: datetime, price: float = 1.0, **changes: Any) -> Given:
    usual: dict[str, Any] = {"arm": "stable", "n_events": 3, "drawn_inputs": floats([price, 2.0])} | NAMED
    return f"grocer|{user}", answer(number, at, **(usual | changes))


def prices(hours: HoursOfWeek) -> list[list[float]]:
    return [[price for seen in hour for price in seen.inputs[:, 0].tolist()] for hour in (hours.now, *hours.earlier)]


def test_hours_are_a_week_apart() -> None:
    periods = same_hours(UNTIL, 2)
    assert [until - since for since, until in periods] == [HOUR] * 3
    assert [until for _, until in periods] == [UNTIL, UNTIL - WEEK, UNTIL - 2 * WEEK]


def test_each_shopper_counts_once_with_the_first_answer_of_the_stable_arm(tmp_path: Path) -> None:
    early, late = UNTIL - timedelta(minutes=50), UNTIL - timedelta(minutes=5)
    written(
        tmp_path,
        [
            given("u1", 1, early, 1.0),
            given("u1", 2, late, 9.0),  # on the next day
            given("u2", 3, late, 2.0),
            given("u3", 4, late, 9.0, arm="challenger"),
            given("u4", 5, UNTIL, 9.0),
            given("u5", 6, UNTIL - HOUR - timedelta(seconds=1), 9.0),
            given("u1", 7, early - WEEK, 3.0),
            given("u2", 8, late - 4 * WEEK, 4.0, model_version="v0"),
            given("u2", 9, late - 5 * WEEK, 9.0),
        ],
    )
    hours = read(tmp_path, "grocer", UNTIL)
    assert prices(hours) == [[1.0, 2.0], [3.0], [], [], [4.0]]
    assert hours.earlier[3][0].version == "v0"
    assert hours.now[0].names == (("price", "age"), ("als",))
    assert prices(read(tmp_path, "books", UNTIL)) == [[]] * 5


def test_of_very_many_shoppers_some_are_taken_from_the_whole_hour(tmp_path: Path) -> None:
    n = MAX_SHOPPERS + 500
    every = timedelta(seconds=3_500 / n)
    written(tmp_path, [given(f"u{k}", k, UNTIL - HOUR + k * every, float(k)) for k in range(n)])
    (now, *_) = prices(read(tmp_path, "grocer", UNTIL))
    assert len(now) == len(set(now)) == MAX_SHOPPERS
    assert (now[0], now[-1]) == (0.0, n - 1.0)


def test_shoppers_of_whom_nothing_was_known_are_counted(tmp_path: Path) -> None:
    at = UNTIL - timedelta(minutes=5)
    cold: dict[str, Any] = {"n_events": 0, "drawn_inputs": None, "drawn_item_id": None, "drawn_score": None, "columns": ()}
    written(
        tmp_path,
        [
            given("u1", 1, at),
            given("u2", 2, at, **cold),
            given("u2", 3, at, **cold),
            given("u3", 4, at, n_events=None),  # a list that needs no shopper
            given("u4", 5, at - WEEK),
            given("u5", 6, at - 2 * WEEK),
        ],
    )
    hours = read(tmp_path, "grocer", UNTIL)
    assert hours.mix_now["unknown_shopper"] == {"unknown": 1, "known": 1}
    assert hours.mix_before["unknown_shopper"] == {"known": 2}


def event(lake: Path, number: int, at: datetime, user: str, item: str, **changes: Any) -> None:
    stated = {
        "event_id": UUID(int=number), "kind": "view", "user_id": user, "occurred_at": at,
        "lines": ({"item_id": item},), "context": {"country": "DE", "device": "phone"},
    }  # fmt: skip
    made = stamp(CLIENT_EVENT.validate_python(stated | changes), "grocer", at)
    EventsTable(lake).append(table_of(rows_of(made, TenantPolicy(), 0, number)), {})


def test_mixes_count_shoppers_not_events(tmp_path: Path) -> None:
    at = UNTIL - timedelta(minutes=40)
    for number in range(5):
        event(tmp_path, number, at, "u1", "i1")
    event(tmp_path, 10, at + timedelta(minutes=30), "u2", "i2", context={"country": "FR"}, kind="add_to_cart")
    event(tmp_path, 11, at - WEEK, "u1", "new")
    event(tmp_path, 12, at - 2 * WEEK, "u1", "i1")
    event(tmp_path, 13, UNTIL, "u9", "i1")
    written(tmp_path, [given("u1", 1, at)])
    asked: list[str] = []

    def known_items(version: str) -> pa.Array:
        asked.append(version)
        return pa.array(["i1", "i2"])

    hours = read(tmp_path, "grocer", UNTIL, known_items)
    assert hours.mix_now["country"] == {"DE": 1, "FR": 1}
    assert hours.mix_now["device"] == {"phone": 1}
    assert hours.mix_now["kind"] == {"view": 1, "add_to_cart": 1}
    assert hours.mix_now["unknown_item"] == {"known": 2}
    assert hours.mix_before["country"] == {"DE": 2}
    assert hours.mix_before["unknown_item"] == {"known": 1, "unknown": 1}
    assert asked == ["v1"]
    assert "unknown_item" not in read(tmp_path, "grocer", UNTIL).mix_now


def test_tenants_with_answers_are_told_without_those_that_have_left(tmp_path: Path) -> None:
    assert tenants_with_answers(tmp_path, UNTIL.date()) == []
    written(tmp_path, [given("u1", 1, UNTIL), ("books|u1", answer(2, UNTIL - timedelta(days=3)))])
    assert tenants_with_answers(tmp_path, UNTIL.date()) == ["grocer"]
