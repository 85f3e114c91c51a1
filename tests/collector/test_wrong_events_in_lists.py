"""What is wrong with one event of a list refuses that event, whatever is wrong with it, bytes included."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import Collector, click, open_collector


def text(**changes: Any) -> bytes:
    return json.dumps(click(**changes)).encode()


def with_bytes(inserted: bytes) -> bytes:
    return text(n=2, session_id="HERE").replace(b"HERE", inserted)


def with_value(name: str, value: bytes) -> bytes:
    return text(n=2)[:-1] + b', "' + name.encode() + b'": ' + value + b"}"


WRONG = {
    "invalid UTF-8": with_bytes(b"\xff\xfe"),
    "a UTF-8 surrogate": with_bytes(b"\xed\xa0\x80"),
    "a lone surrogate, escaped": with_bytes(b"\\ud800"),
    "a NUL byte": with_bytes(b"\x00"),
    "a raw line break in a string": with_bytes(b"\n"),
    "an escape that is none": with_bytes(b"\\q"),
    "a NUL byte between values": text(n=2).replace(b", ", b",\x00", 1),
    "NaN": with_value("session_id", b"NaN"),
    "infinity": text(n=2, lines=[{"item_id": "i", "quantity": "HERE"}]).replace(b'"HERE"', b"-Infinity"),
    "a number with an endless exponent": text(n=2, lines=[{"item_id": "i", "quantity": 0}]).replace(b": 0", b": 1e999999"),
    "a number of 5,000 digits": text(n=2, lines=[{"item_id": "i", "quantity": 0}]).replace(b": 0", b": 1" + b"0" * 5_000),
    "deep nesting": with_value("context", b"[" * 3_000 + b"]" * 3_000),
    "deep nesting in objects": with_value("context", b'{"a":' * 3_000 + b"1" + b"}" * 3_000),
    "a field twice": with_value("user_id", b'"u1"'),
    "a line's field twice": text(n=2).replace(b'"item_id": "i1"', b'"item_id": "i1", "item_id": "i2"'),
    "a field twice beside a bad attribution": with_value("user_id", b'"u1", "attribution": 7'),
    "2,700 unknown fields": with_value("a", b"1," + b",".join(b'"f%d":1' % n for n in range(2_700))),
    "30 unknown fields": with_value("a", b"1," + b",".join(b'"f%d":1' % n for n in range(30))),
    "an unknown field with an endless name": with_value("x" * 100_000, b"1"),
    "no object": b"7",
    "a list": b"[1,2]",
    "nothing": b"",
    "no JSON": b"click",
    "brackets that do not match": b'{"a": [1}]',
    "a number as user": text(n=2, user_id=7),
    "no kind": text(n=2, kind=None),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_the_others_are_written(wrong: bytes, collector: Collector, log: InMemoryEventLog) -> None:
    response = await collector.client.post("/events", content=b"[%b,%b,%b]" % (text(n=1), wrong, text(n=3)))
    assert response.status_code == 207
    assert [result["status"] for result in response.json()["results"]] == [202, 400, 202]
    assert len(log.records) == 2
    assert len(response.content) < 12_000
    refused = response.json()["results"][1]
    assert refused["event_id"] == (click(2)["event_id"] if b"event_id" in wrong else None)
    assert refused["problem"]["field"]
    assert refused["problem"]["expected"]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_alone_it_is_a_400(wrong: bytes, collector: Collector, log: InMemoryEventLog) -> None:
    assert (await collector.client.post("/events", content=wrong)).status_code in (400, 207)
    assert not log.records


def test_each_of_them_is_wrong_for_one_reason() -> None:
    assert len(set(WRONG.values())) == len(WRONG)


async def test_a_field_that_comes_twice_is_named(collector: Collector) -> None:
    response = await collector.client.post("/events", content=WRONG["a field twice"])
    assert (response.json()["field"], response.json()["expected"]) == ("user_id", "each field once")


@settings(max_examples=100, deadline=None)
@given(damage=st.binary(min_size=1, max_size=4), place=st.integers(0, 400))
async def test_any_bytes_inside_one_event_cost_at_most_that_event_or_the_list(damage: bytes, place: int) -> None:
    wrong = text(n=2)
    wrong = wrong[: place % len(wrong)] + damage + wrong[place % len(wrong) :]
    log = InMemoryEventLog()
    async with open_collector(log) as collector:
        response = await collector.client.post("/events", content=b"[%b,%b,%b]" % (text(n=1), wrong, text(n=3)))
    if any(byte in damage for byte in b'"\\[]{},'):  # it may end the event or the list elsewhere
        assert response.status_code in (207, 400)
        return
    statuses = [result["status"] for result in response.json()["results"]]
    assert (statuses[0], statuses[2], len(log.records)) == (202, 202, statuses.count(202))
