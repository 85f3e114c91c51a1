"""The laws of an item's state."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import item
from recommndr.features.action import Action
from recommndr.features.decay import HALF_LIVES_S, decayed, one
from recommndr.features.item import ItemState
from tests.recommndr.actions import NOW_S, histories


def fold(history: list[Action], item_id: str = "i0") -> ItemState:
    lifted = (item.lift(action).get(item_id, item.EMPTY) for action in history)
    return reduce(item.merge, lifted, item.EMPTY)


def assert_same(a: ItemState, b: ItemState) -> None:
    mine, theirs = (item.read([item.to_bytes(state)])[0] for state in (a, b))
    assert mine["first_at_s"] == theirs["first_at_s"]
    np.testing.assert_array_equal(mine["at_s"], theirs["at_s"])
    np.testing.assert_allclose(mine["sums"], theirs["sums"], rtol=1e-9, atol=1e-12)


@given(histories, st.data())
def test_the_order_of_delivery_does_not_matter(history: list[Action], data: st.DataObject) -> None:
    assert_same(fold(data.draw(st.permutations(history))), fold(history))


@given(histories, histories, histories)
def test_merge_is_associative_and_commutative(a: list[Action], b: list[Action], c: list[Action]) -> None:
    x, y, z = fold(a), fold(b), fold(c)
    assert_same(item.merge(item.merge(x, y), z), item.merge(x, item.merge(y, z)))
    assert_same(item.merge(x, y), item.merge(y, x))


@given(histories, histories, st.integers(0, 15))
def test_folding_events_of_a_kind_is_merging_them_one_by_one_to_the_last_bit(
    before: list[Action], pack: list[Action], kind: int
) -> None:
    start = fold(before)
    lines = [(action.at_s, float(action.item_ids.count("i0"))) for action in pack if "i0" in action.item_ids]
    one_by_one = reduce(item.merge, [ItemState(at_s, {kind: one(at_s, n)}) for at_s, n in lines], start)
    folded = item.fold(start, kind, *zip(*lines, strict=True)) if lines else start
    assert item.to_bytes(folded) == item.to_bytes(one_by_one)


@given(histories)
def test_a_state_survives_its_bytes(history: list[Action]) -> None:
    state = fold(history)
    assert item.from_bytes(item.to_bytes(state)) == state


@given(histories)
def test_lines_are_counted_by_the_closed_formula(history: list[Action]) -> None:
    record = item.read([item.to_bytes(fold(history))])[0]
    sums = decayed(record["at_s"], record["sums"], NOW_S)
    expected = np.zeros_like(sums)
    for action in history:
        n_lines = action.item_ids.count("i0")
        expected[action.kind] += [n_lines * 2 ** -((NOW_S - action.at_s) / half_life_s) for half_life_s in HALF_LIVES_S]
    np.testing.assert_allclose(sums, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("values", [[b"short"], [item.to_bytes(item.EMPTY), b""], [b"\x09" + b"\0" * 783]])
def test_values_of_another_format_are_refused(values: list[bytes]) -> None:
    with pytest.raises(ValueError, match="item state"):
        item.read(values)
