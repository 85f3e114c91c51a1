import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_importing.order_book import OrderBook

LINES = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 2), st.integers(0, 100)), max_size=30)


@given(LINES, st.integers(1, 30))
def test_an_order_is_of_its_first_lines_shopper_at_its_earliest_time_however_the_lines_are_torn(
    lines: list[tuple[int, int, int]], batch: int
) -> None:
    book, same = OrderBook(), list[bool]()
    for start in range(0, len(lines), batch):
        keys, users, at_us = np.array(lines[start : start + batch]).T
        same += book.admit(keys.astype(np.uint64), users.astype(np.uint64), at_us.astype(np.int64)).tolist()
    owners: dict[int, int] = {}
    times: dict[int, int] = {}
    for key, user, at_us in lines:
        if owners.setdefault(key, user) == user:
            times[key] = min(times.get(key, at_us), at_us)
    assert same == [owners[key] == user for key, user, _ in lines]
    assert book.time_of(np.array(list(times), np.uint64)).tolist() == list(times.values())


@given(LINES, LINES)
def test_a_settled_order_stays_at_its_time_and_with_its_shopper(
    settled: list[tuple[int, int, int]], lines: list[tuple[int, int, int]]
) -> None:
    book = OrderBook()
    fixed = np.array(settled, np.int64).reshape(-1, 3)
    book.settle(fixed[:, 0].astype(np.uint64), fixed[:, 1].astype(np.uint64), fixed[:, 2])
    expected = {key: min((at_us, n) for n, (other, _, at_us) in enumerate(settled) if other == key) for key, *_ in settled}
    for key, user, at_us in lines:
        (same,) = book.admit(np.array([key], np.uint64), np.array([user], np.uint64), np.array([at_us]))
        assert key not in expected or same == (settled[expected[key][1]][1] == user)
    assert book.time_of(np.array(list(expected), np.uint64)).tolist() == [at_us for at_us, _ in expected.values()]


def test_an_order_that_is_settled_after_its_first_line_moves_to_its_time_unless_it_is_anothers() -> None:
    book = OrderBook()
    book.admit(np.array([1, 2], np.uint64), np.array([1, 1], np.uint64), np.array([50, 50]))
    book.settle(np.array([1, 2], np.uint64), np.array([1, 2], np.uint64), np.array([90, 90]))
    book.admit(np.array([1], np.uint64), np.array([1], np.uint64), np.array([10]))
    assert book.time_of(np.array([1, 2], np.uint64)).tolist() == [90, 50]


def test_an_order_that_was_never_admitted_has_no_time() -> None:
    with pytest.raises(KeyError, match="1 orders were never admitted"):
        OrderBook().time_of(np.array([1], np.uint64))
