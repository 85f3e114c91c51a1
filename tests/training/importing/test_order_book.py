import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_training.importing.order_book import OrderBook

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


def test_an_order_that_was_never_admitted_has_no_time() -> None:
    with pytest.raises(KeyError, match="1 orders were never admitted"):
        OrderBook().time_of(np.array([1], np.uint64))
