"""One request does not stall the others: a bad body costs about what reading it costs, a long one is worked off in turns."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable

import pytest

from recommndr_collector import acceptance, catalogue
from recommndr_collector.event_log import InMemoryEventLog
from recommndr_collector.gate import _RECORDS_PER_TURN
from recommndr_collector.turns import BYTES_PER_TURN
from recommndr_http.json_shape import Member, measure
from recommndr_http.problem import Problem
from tests.collector.shop import NOW, TENANTS, Collector, click

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


async def test_others_have_their_turn_while_a_long_list_is_worked_off(
    collector: Collector, log: InMemoryEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps([click(n, context={"page": "x" * 1_400}) for n in range(500)]).encode()
    worked, at_once, done = Counter[str](), Counter[str](), False

    def count(owner: type, name: str) -> None:
        original = getattr(owner, name)

        def counted(*arguments: object) -> object:
            worked[name] += 1
            return original(*arguments)

        monkeypatch.setattr(owner, name, counted)

    async def others() -> None:
        while not done:
            before = worked.copy()
            await asyncio.sleep(0)
            for name in worked:
                at_once[name] = max(at_once[name], worked[name] - before[name])

    count(acceptance.Acceptance, "event")
    count(InMemoryEventLog, "append")
    waiting = asyncio.create_task(others())
    response = await collector.client.post("/events", content=body)
    done = True
    await waiting
    assert (response.status_code, len(log.records)) == (207, 500)
    assert 0 < at_once["event"] <= 1 + BYTES_PER_TURN // (len(body) // 500)
    assert 0 < at_once["append"] <= _RECORDS_PER_TURN
