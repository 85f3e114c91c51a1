"""Lifts and their intervals, and what goes with a cart: laws, and one case by hand."""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine.bought_together import Basketry, BoughtTogether
from recommndr_engine.sparse_rows import SparseRows

COUNTS = st.tuples(st.integers(1, 50), st.integers(0, 200), st.integers(0, 200), st.integers(0, 5_000))


def rows(*values: int) -> npt.NDArray[np.int32]:
    return np.array(values, np.int32)


def test_a_lift_by_hand() -> None:
    # 100 baskets of 4 items: 20 with one, 10 with the other, 6 with both. c = 100 x 4 x 3 / 400^2 = .0075.
    lift, low, high = Basketry(np.array([20, 10]), 100, 0.0075).lift(rows(0), rows(1), np.array([6]))
    assert lift[0] == pytest.approx(6 / (20 * 10 * 0.0075))
    deviation = math.sqrt(1 / 6 - 1 / 20 - 1 / 10 + 2 * 6 / 200 - 1 / 100)
    assert (low[0], high[0]) == pytest.approx((4.0 * math.exp(-1.96 * deviation), 4.0 * math.exp(1.96 * deviation)))


@given(COUNTS)
def test_the_interval_holds_the_lift_and_has_no_side(counts: tuple[int, int, int, int]) -> None:
    together, more_one, more_other, neither = counts
    baskets = np.array([together + more_one, together + more_other])
    basketry = Basketry(baskets, together + more_one + more_other + neither, 0.01)
    lift, low, high = basketry.lift(rows(0), rows(1), np.array([together]))
    other_lift, other_low, other_high = basketry.lift(rows(1), rows(0), np.array([together]))
    assert low[0] <= lift[0] <= high[0]
    assert (lift[0], low[0], high[0]) == pytest.approx((other_lift[0], other_low[0], other_high[0]))


def test_the_interval_holds_the_true_lift_of_19_in_20_samples() -> None:
    rng, n, p_both, p_one, p_other = np.random.default_rng(5), 5_000, 0.02, 0.05, 0.08
    drawn = rng.multinomial(n, [p_both, p_one - p_both, p_other - p_both, 1.0 - p_one - p_other + p_both], size=2_000)
    together, one, other = drawn[:, 0], drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2]
    baskets = np.concatenate([one, other])
    ours, theirs = np.arange(2_000, dtype=np.int32), np.arange(2_000, 4_000, dtype=np.int32)
    _, low, high = Basketry(baskets, n, 1.0 / n).lift(ours, theirs, together)
    holds = (low <= p_both / (p_one * p_other)) & (p_both / (p_one * p_other) <= high)
    assert 0.93 <= holds.mean() <= 0.97


PAIRS = SparseRows(np.array([0, 2, 4, 4]), rows(1, 2, 0, 2), np.array([5.0, 4.0, 5.0, 1.0], np.float32))
TOGETHER = BoughtTogether(PAIRS, Basketry(np.array([10, 5, 8]), 40, 0.02))


def test_the_shares_of_a_carts_items_add_up_and_the_evidence_is_of_the_largest() -> None:
    found = TOGETHER.with_items(rows(0, 1))
    assert found.rows.tolist() == [2]  # the cart's own are left out
    assert found.scores.tolist() == pytest.approx([4 / 10 + 1 / 5])
    assert (found.beside.tolist(), found.together.tolist()) == ([0], [4])


def test_an_item_without_pairs_goes_with_nothing() -> None:
    assert len(TOGETHER.with_items(rows(2))) == 0
    assert len(TOGETHER.with_items(rows())) == 0


def test_companions_are_found_by_their_rows() -> None:
    found = TOGETHER.with_items(rows(0))
    assert found.of_rows(rows(2, 1)).together.tolist() == [4, 5]


def test_files_hold_what_was_written(tmp_path: Path) -> None:
    assert BoughtTogether.found(tmp_path) is None
    TOGETHER.write(tmp_path)
    read = BoughtTogether.found(tmp_path)
    assert read is not None
    ours, theirs = TOGETHER.with_items(rows(0)), read.with_items(rows(0))
    assert (ours.rows.tolist(), ours.lift.tolist()) == (theirs.rows.tolist(), theirs.lift.tolist())
