"""States of segments from a history are those of the plain fold, in whatever pieces it comes."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import segment
from recommndr.features.action import IDENTIFY, Action
from recommndr_training.data import history
from recommndr_training.examples import segment_book
from recommndr_training.examples.segment_book import SegmentBook
from tests.recommndr.actions import NOW_S, histories


def table(actions: list[Action], doubted: set[str]) -> pa.Table:
    rows = [
        one._asdict() | {"known_s": one.at_s, "doubted": one.event_id in doubted or None, "item_ids": list(one.item_ids)}
        for one in actions
    ]
    login = {"kind": IDENTIFY, "at_s": NOW_S, "known_s": NOW_S, "event_id": "login", "user_id": "u", "guest_id": "g"}
    return pa.Table.from_pylist([*rows, login], schema=history.SCHEMA)


@given(histories, st.data())
def test_a_book_has_the_states_of_the_plain_fold(actions: list[Action], data: st.DataObject) -> None:
    doubted = {one.event_id for one in actions if data.draw(st.booleans())}
    n_first, book = data.draw(st.integers(0, len(actions))), SegmentBook()
    book.take(table(actions[:n_first], doubted))
    book.take(table(actions[n_first:], doubted))
    expected: dict[str, segment.SegmentState] = {}
    for one in actions:
        for entity, state in segment.lift(one._replace(doubted=one.event_id in doubted)).items():
            expected[entity] = segment.merge(expected.get(entity, segment.EMPTY), state)
    newest_s = max((state.at_s for state in expected.values()), default=0.0)
    expected = {entity: state for entity, state in expected.items() if state.at_s >= newest_s - segment.KEPT_S}
    found = list(book.states())
    assert [entity for entity, _ in found] == sorted(expected)
    for entity, value in found:
        state = segment.from_bytes(value)
        assert state.at_s == expected[entity].at_s
        assert state.sums == pytest.approx(expected[entity].sums, rel=1e-9)


def test_there_are_no_more_seeds_than_the_stream_keeps_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "MAX_STATES", 3)
    monkeypatch.setattr(segment_book, "_EVENTS_AT_ONCE", 2)
    book = SegmentBook()
    book.take(table([Action(0, NOW_S + n, f"e{n}", "u", (f"i{n}",), country="DE") for n in range(6)], set()))
    assert [entity for entity, _ in book.states()] == [segment.entity("country=DE", f"i{n}") for n in (3, 4, 5)]
