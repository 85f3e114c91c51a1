"""One request does not stall the others: a bad body costs about what reading it costs, a long one is worked off in turns."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from unittest.mock import MagicMock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_collector import acceptance, catalogue
from recommndr_collector.event_log import InMemoryEventLog
from recommndr_collector.turns import SLICE_S, Turns
from recommndr_collector.waiting import Answers, Link, Waiting
from recommndr_http.json_shape import Member, measure
from recommndr_http.problem import Problem
from tests.collector.shop import NOW, TENANTS, Collector, click, open_collector

T = TypeVar("T")

# Unknown fields cost 14 times as much as reading them when each was described.
TIMES_READING = 4.0
JUNK = b",".join(b'"field-%d":1' % n for n in range(60_000))
BODIES = {
    "unknown fields": json.dumps(click()).encode()[:-1] + b"," + JUNK + b"}",
    "unknown fields of a line": json.dumps(click()).encode().replace(b'"item_id"', JUNK + b',"item_id"'),
    "wrong lines": json.dumps(click(lines=[{"item": 1, "a": 2, "b": 3}] * 30_000)).encode(),
    "an endless list of users": json.dumps(click(user_id=[1] * 300_000)).encode(),
}


def seconds(work: Callable[[], object]) -> float:
    """Of this process's own time, the best of five: what else runs on the machine is not in it."""
    spent = []
    for _ in range(5):
        began_s = time.process_time()
        work()
        spent.append(time.process_time() - began_s)
    return min(spent)


def refused(payload: bytes) -> None:
    accepted = acceptance.Acceptance("grocer", TENANTS.tenants["grocer"], NOW, {}, lambda _: None, lambda _: None)
    with pytest.raises(Problem):
        accepted.event(Member(payload, measure(payload)))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_to_refuse_a_body_takes_little_more_than_to_read_it(body: bytes) -> None:
    assert len(body) > 800_000
    assert seconds(lambda: refused(body)) < TIMES_READING * seconds(lambda: json.loads(body))


def test_to_refuse_an_item_takes_little_more_than_to_read_it() -> None:
    body = b'{"item_id":"a","title":"A",' + JUNK + b"}"

    def refuse() -> None:
        with pytest.raises(Problem):
            catalogue.item("grocer", TENANTS.tenants["grocer"], Member(body, measure(body)))

    assert seconds(refuse) < TIMES_READING * seconds(lambda: json.loads(body))


@dataclass
class Ticking:
    """A clock that goes on by as much as a slice may take, each time that it is read."""

    now_s: float = 0.0

    def __call__(self) -> float:
        self.now_s += SLICE_S
        return self.now_s


@dataclass
class Passes:
    """What was done, and the most of it in one pass of the event loop."""

    done: Counter[str] = field(default_factory=Counter)
    at_once: Counter[str] = field(default_factory=Counter)

    def counted(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any) -> Any:
            self.done[name] += 1
            return work(*arguments)

        return count

    async def while_running(self, requests: Awaitable[T]) -> T:
        running = asyncio.ensure_future(requests)
        while not running.done():
            before = self.done.copy()
            await asyncio.sleep(0)
            for name, n in (self.done - before).items():
                self.at_once[name] = max(self.at_once[name], n)
        return await running


@pytest.mark.parametrize(("n_requests", "n_events"), [(1, 500), (10, 30)])
async def test_others_have_their_turn_while_long_lists_are_worked_off(
    log: InMemoryEventLog, monkeypatch: pytest.MonkeyPatch, n_requests: int, n_events: int
) -> None:
    body, passes = json.dumps([click(n) for n in range(n_events)]).encode(), Passes()
    monkeypatch.setattr(acceptance.Acceptance, "event", passes.counted("event", acceptance.Acceptance.event))
    monkeypatch.setattr(InMemoryEventLog, "append", passes.counted("append", InMemoryEventLog.append))
    async with open_collector(log, clock=Ticking()) as collector:
        requests = [collector.client.post("/events", content=body) for _ in range(n_requests)]
        answers = await passes.while_running(asyncio.gather(*requests))
    assert {answer.status_code for answer in answers} == {207}
    assert len(log.records) == n_requests * n_events
    assert passes.at_once == {"event": 1, "append": 1}


@given(sizes=st.lists(st.integers(0, 20), min_size=1, max_size=5))
def test_every_member_is_worked_off_once_and_in_order(sizes: list[int]) -> None:
    async def all_requests() -> list[list[int]]:
        turns = Turns(Ticking())
        return await asyncio.gather(*(turns.each(lambda n: n, range(size)) for size in sizes))

    assert asyncio.run(all_requests()) == [list(range(size)) for size in sizes]


async def test_who_leaves_in_the_middle_of_its_list_blocks_nobody() -> None:
    turns = Turns(Ticking())
    leaves = asyncio.create_task(turns.each(lambda n: n, range(1_000_000)))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await turns.each(lambda n: n, range(3)) == [0, 1, 2]


class Settled:
    """The records that were settled, in order, until there are `n_expected`."""

    def __init__(self, n_expected: int) -> None:
        self.n_bytes: list[int] = []
        self.all = asyncio.Event()
        self._n_expected = n_expected

    def note(self, waiting: Waiting, _: Exception | None) -> None:
        self.n_bytes.append(waiting.n_bytes)
        if len(self.n_bytes) == self._n_expected:
            self.all.set()


def waiting(number: int) -> Waiting:
    return Waiting(Link(MagicMock()), "grocer", number, asyncio.get_running_loop().create_future())


async def test_answers_that_come_together_are_settled_a_slice_at_a_time() -> None:
    passes, settled = Passes(), Settled(100)
    answers = Answers(passes.counted("settle", settled.note), 60.0, Ticking())
    come = [answers.expect(waiting(number)) for number in range(100)]
    await asyncio.to_thread(lambda: [answer(None) for answer in come])
    await passes.while_running(settled.all.wait())
    assert settled.n_bytes == list(range(100))
    assert passes.at_once == {"settle": 1}


async def test_answers_that_come_together_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    passes, settled, loop = Passes(), Settled(100), asyncio.get_running_loop()
    answers = Answers(settled.note, 60.0)
    come = [answers.expect(waiting(number)) for number in range(100)]
    monkeypatch.setattr(loop, "call_soon_threadsafe", passes.counted("wake", loop.call_soon_threadsafe))
    for answer in come:
        answer(None)
    await settled.all.wait()
    assert passes.done["wake"] == 1


async def test_refused_events_keep_nothing_alive_that_garbage_collection_would_scan(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Problem] = []
    monkeypatch.setattr(Problem, "to_dict", lambda problem: kept.append(problem) or {})
    await collector.client.post("/events", json=[click(user_id=3), click(kind="unheard_of"), click(lines=[{}])])
    assert len(kept) == 3
    assert [(problem.__traceback__, problem.__context__, problem.__cause__) for problem in kept] == [(None, None, None)] * 3


async def test_a_log_that_is_away_writes_one_line_for_a_list(
    collector: Collector, log: InMemoryEventLog, caplog: pytest.LogCaptureFixture
) -> None:
    log.failing = "disconnected"
    answer = await collector.client.post("/events", json=[click(n) for n in range(500)])
    assert {result["status"] for result in answer.json()["results"]} == {503}
    assert len(caplog.records) == 1
    assert "disconnected: 500 of a request's 500 records" in caplog.text
