"""A lake as live traffic: every event once, as a new one, at its moment, and never more at once than allowed."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.events import CLIENT_EVENT
from recommndr_lake_writer.lake import iter_events
from recommndr_simulation.storefront import Failed, NoAccess
from recommndr_training.live.live_replay import WINDOW_S, LiveReplay, Past, Replaying, Sent, batches, past_events, read_ahead
from tests.training.orders import CUT_S, DAY_S, Order
from tests.training.test_history import CONTEXT, event, write
from tests.training.virtual_time import CLOCK, START, played

HOW = Replaying(speed=60.0, run=UUID(int=1))
pauses = st.lists(st.floats(0, 600), min_size=1, max_size=60)


def past(pauses_s: Sequence[float], size: int = 1) -> list[Past]:
    at, numbers, events = START - timedelta(days=400), count(), []
    for pause_s in pauses_s:
        at += timedelta(seconds=pause_s)
        events.append(Past(at, f"e{next(numbers)}", {"kind": "view", "user_id": "u", "lines": [{"item_id": "i" * size}]}))
    return events


class Kept:
    """A collector that keeps what it gets and when, and takes its time."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.takes_s = takes_s
        self.got: list[tuple[datetime, dict[str, Any]]] = []
        self.at_once = self.most_at_once = 0

    async def send_all(self, events: Sequence[bytes]) -> list[Failed | None]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.got += [(CLOCK.now(), json.loads(each)) for each in events]
        await asyncio.sleep(self.takes_s)
        self.at_once -= 1
        return [None] * len(events)


def replayed(events: Sequence[Past], collector: Any, how: Replaying = HOW, stop_after_s: float | None = None) -> Sent:
    async def run() -> Sent:
        going, stop = LiveReplay(collector, how, CLOCK), asyncio.Event()
        if stop_after_s is not None:
            asyncio.get_running_loop().call_later(stop_after_s, stop.set)
        await going.run(events, stop)
        return going.sent

    return played(run())


@settings(max_examples=30, deadline=None)
@given(pauses, st.sampled_from([1.0, 60.0, 3_600.0]))
def test_every_event_goes_once_in_order_at_its_moment_and_never_before_it(pauses_s: list[float], speed: float) -> None:
    events, collector = past(pauses_s), Kept()
    sent = replayed(events, collector, replace(HOW, speed=speed))
    assert sent.accepted == len(events) == len({told["event_id"] for _, told in collector.got})
    for (arrived, told), original in zip(collector.got, events, strict=True):
        occurred = datetime.fromisoformat(told["occurred_at"])
        assert abs((occurred - START) - (original.at - events[0].at) / speed) < timedelta(milliseconds=1)
        assert timedelta() <= arrived - occurred <= timedelta(seconds=WINDOW_S + 0.001)
    assert sent.longest_lag_s == 0


@given(pauses, st.integers(1, 30_000))
@settings(max_examples=30, deadline=None)
def test_no_request_is_larger_than_the_collector_takes(pauses_s: list[float], size: int) -> None:
    made = [batch for batch, _ in batches(past([*pauses_s, *[0.0] * 1_200], min(size, 2_000)), HOW, START)]
    assert max(len(batch.events) for batch in made) <= 500
    assert max(sum(map(len, batch.events)) + len(batch.events) + 1 for batch in made) <= 1_000_000
    assert [batch.due_s for batch in made] == sorted(batch.due_s for batch in made)


def test_a_second_replay_is_not_taken_for_a_repeat_of_the_first() -> None:
    first, again, second = Kept(), Kept(), Kept()
    for collector, run in ((first, 1), (again, 1), (second, 2)):
        replayed(past([1.0] * 20), collector, replace(HOW, run=UUID(int=run)))
    ids = [{told["event_id"] for _, told in collector.got} for collector in (first, again, second)]
    assert ids[0] == ids[1]
    assert not ids[0] & ids[2]


def test_a_slow_collector_is_not_overrun_and_the_lag_is_reported() -> None:
    collector = Kept(takes_s=2.5)
    sent = replayed(past([60.0] * 100), collector, replace(HOW, in_flight=3))
    assert collector.most_at_once == 3
    assert sent.accepted == 100
    # 100 requests of 2.5 s, three at once, in the 100 s that the speed asks: all is well; at ten times the speed it is not.
    assert sent.longest_lag_s < 1
    slow = replayed(past([60.0] * 100), Kept(takes_s=2.0), replace(HOW, speed=600.0, in_flight=3))
    assert slow.longest_lag_s == pytest.approx(slow.requests * 2.0 / 3 - 10, abs=3.0)
    assert "behind what the speed asks" in slow.line


def test_it_stops_when_asked_even_in_a_long_pause() -> None:
    collector = Kept()
    sent = replayed(past([0.0, 60.0, 1e9]), collector, stop_after_s=10.0)
    assert sent.accepted == 2


class Refusing:
    """A collector that answers every request with the same."""

    def __init__(self, answer: Failed | NoAccess, raises: bool) -> None:
        self.answer, self.raises = answer, raises

    async def send_all(self, events: Sequence[bytes]) -> list[Failed | None]:
        if self.raises:
            raise self.answer
        return [self.answer] * len(events)  # type: ignore[list-item]


@pytest.mark.parametrize("raises", [True, False])
def test_what_fails_is_counted_with_an_example_and_the_replay_continues(raises: bool) -> None:
    sent = replayed(past([60.0] * 5), Refusing(Failed("503", "503 no broker"), raises))
    assert sent.summary()["failed"] == {"503": {"times": 5, "example": "503 no broker"}}
    assert (sent.accepted, sent.requests) == (0, 5)


def test_a_key_that_is_refused_ends_the_replay() -> None:
    with pytest.raises(NoAccess, match="bad key"):
        replayed(past([60.0] * 5), Refusing(NoAccess("bad key"), raises=True))


def test_an_event_of_the_lake_is_sent_as_its_storefront_sent_it(tmp_path: Path) -> None:
    line = {"item_id": "i1", "quantity": 2, "price_minor": 5, "currency": "EUR"}
    told = [
        event(Order("o1", "u1", CUT_S, ("i2", "i1"), "impression"), context=CONTEXT, session_id="s", attribution="a.b"),
        event(Order("o2", "u1", CUT_S + 1, (), "search"), query="red shoes", lines=()),
        event(Order("o3", "u1", CUT_S + 2, (), "identify"), guest_id="g", lines=()),
        event(Order("o4", "u1", CUT_S + DAY_S, ("i1",)), lines=[line]),
    ]  # fmt: skip
    write(tmp_path, told)
    events = list(past_events(read_ahead(iter_events(tmp_path, "grocer"))))
    assert [each.at for each in events] == [each.event_at for each in told]
    for made, original in zip(events, told, strict=True):
        as_sent = CLIENT_EVENT.validate_python(made.fields | {"event_id": UUID(int=1), "occurred_at": START})
        stamped = {"tenant", "received_at", "event_at", "sender", "doubt"}  # by the collector
        expected = original.model_dump(exclude=stamped)
        expected |= {"event_id": UUID(int=1), "occurred_at": START, "attribution": None}
        assert as_sent.model_dump() == expected


def test_no_more_events_than_the_limit_are_sent(tmp_path: Path) -> None:
    write(tmp_path, [event(Order(f"o{n}", "u1", CUT_S + n, ("i1", "i2"))) for n in range(9)])
    events = list(past_events(iter_events(tmp_path, "grocer"), limit=4))
    assert [len(each.fields["lines"]) for each in events] == [2, 2, 2, 2]
