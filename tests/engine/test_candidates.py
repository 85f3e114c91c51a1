"""Merging: laws over any lists."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine.arrays import Rows
from recommndr_engine.candidates import merge

proposals = st.lists(st.lists(st.integers(0, 60), unique=True, max_size=30), min_size=1, max_size=6)


def lists(found: list[list[int]]) -> list[Rows]:
    return [np.array(rows, np.int32) for rows in found]


@given(proposals)
def test_every_proposed_row_is_there_once_with_exactly_its_proposers(found: list[list[int]]) -> None:
    merged = merge(lists(found), [30] * len(found))
    assert merged.rows.tolist() == sorted({row for rows in found for row in rows})
    for row, sources in zip(merged.rows.tolist(), merged.sources.tolist(), strict=True):
        assert sources == sum(1 << i for i, rows in enumerate(found) if row in rows)


@given(proposals, st.integers(1, 20))
def test_the_limit_holds_and_takes_tails_before_heads(found: list[list[int]], at_most: int) -> None:
    merged = merge(lists(found), [30] * len(found), at_most)
    everything = {row for rows in found for row in rows}
    assert len(merged) == min(at_most, len(everything))
    best = {row: min(rows.index(row) for rows in found if row in rows) for row in everything}
    kept = set(merged.rows.tolist())
    if kept != everything:
        assert max(best[row] for row in kept) <= min(best[row] for row in everything - kept)


def test_a_list_with_a_larger_quota_gives_up_as_large_a_share_of_its_tail() -> None:
    merged = merge(lists([[0, 1, 2, 3], list(range(10, 18))]), [4, 8], at_most=6)
    assert merged.rows.tolist() == [0, 1, 10, 11, 12, 13]
