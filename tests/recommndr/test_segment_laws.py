"""The laws of the state of an item in a segment."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import segment
from recommndr.features.action import IMPRESSION, Action
from recommndr.features.segment import SegmentState
from tests.recommndr.actions import NOW_S, histories

HERE = segment.entity("country=DE", "i0")


def fold(history: list[Action]) -> SegmentState:
    return reduce(segment.merge, (segment.lift(action).get(HERE, segment.EMPTY) for action in history), segment.EMPTY)


def assert_same(a: SegmentState, b: SegmentState) -> None:
    assert a.at_s == b.at_s
    np.testing.assert_allclose(a.sums, b.sums, rtol=1e-9, atol=1e-12)


@given(histories, st.data())
def test_the_order_of_delivery_does_not_matter(history: list[Action], data: st.DataObject) -> None:
    assert_same(fold(data.draw(st.permutations(history))), fold(history))


@given(histories, histories, histories)
def test_merge_is_associative_and_commutative(a: list[Action], b: list[Action], c: list[Action]) -> None:
    x, y, z = fold(a), fold(b), fold(c)
    assert_same(segment.merge(segment.merge(x, y), z), segment.merge(x, segment.merge(y, z)))
    assert_same(segment.merge(x, y), segment.merge(y, x))


@given(histories)
def test_folding_events_is_merging_them_one_by_one_and_the_state_survives_its_bytes(history: list[Action]) -> None:
    folded = segment.EMPTY
    for action in history:
        if "country=DE" in segment.names_of(action) and "i0" in action.item_ids:
            folded = segment.fold(folded, action.kind, action.at_s, float(action.item_ids.count("i0")))
    assert_same(folded, fold(history))
    assert segment.from_bytes(segment.to_bytes(folded)) == folded
    assert segment.values(np.array([folded.at_s]), np.array([folded.sums])) == [segment.to_bytes(folded)]


@given(histories)
def test_lines_from_there_are_counted_by_the_closed_formula(history: list[Action]) -> None:
    state = fold(history)
    expected = np.zeros(len(state.sums))
    for action in history:
        if action.country == "DE" and action.kind != IMPRESSION:
            expected[action.kind] += action.item_ids.count("i0") * 2 ** -((NOW_S - action.at_s) / segment.HALF_LIFE_S)
    now = np.array(state.sums) * (2 ** -((NOW_S - state.at_s) / segment.HALF_LIFE_S) if any(state.sums) else 0.0)
    np.testing.assert_allclose(now, expected, rtol=1e-9, atol=1e-12)


def test_robots_and_what_is_only_shown_count_nowhere() -> None:
    seen = Action(0, NOW_S, "e", "u", ("i0",), country="DE", region="", device="a|b")
    assert set(segment.lift(seen)) == {segment.entity("country=DE", "i0"), segment.entity("device=a|b", "i0")}
    assert not segment.lift(seen._replace(doubted=True))
    assert not segment.lift(seen._replace(kind=IMPRESSION))


@given(st.text(), st.text(st.characters(exclude_categories=["C"])))
def test_segment_and_item_come_back_from_their_entity(value: str, item_id: str) -> None:
    name = segment.segment_name("region", value)
    assert segment.split_entity(segment.entity(name, item_id)) == (name, item_id)


@pytest.mark.parametrize("values", [[b"short"], [segment.to_bytes(segment.EMPTY), b""], [b"\x09" + b"\0" * 143]])
def test_values_of_another_format_are_refused(values: list[bytes]) -> None:
    with pytest.raises(ValueError, match="segment state"):
        segment.read(values)
    with pytest.raises(ValueError, match="segment state"):
        segment.from_bytes(values[-1])
