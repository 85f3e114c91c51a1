import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommndr_importing.order_times import MARGIN, MARGIN_US, OrderTimes

HOUR_US = 3_600_000_000
LINES = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 60 * 24)), min_size=1, max_size=30)


def starts(times: OrderTimes, lines: list[tuple[int, int]]) -> list[int]:
    keys, hours = np.array(lines).T
    lanes = np.column_stack([keys, keys]).astype(np.uint64)
    found: list[int] = (times.starts(lanes, hours.astype(np.int64) * HOUR_US) // HOUR_US).tolist()
    return found


def expected(lines: list[tuple[int, int]]) -> list[int]:
    """Line by line: the last start of the number that is not too long ago."""
    last: dict[int, int] = {}
    found = dict[tuple[int, int], int]()
    for key, hour in sorted(set(lines), key=lambda line: line[1]):
        if hour - last.get(key, -(10**9)) > MARGIN_US // HOUR_US:
            last[key] = hour
        found[key, hour] = last[key]
    return [found[line] for line in lines]


@given(LINES, st.integers(1, 30))
def test_an_order_begins_with_its_first_line_and_a_number_used_again_later_is_another_order(
    lines: list[tuple[int, int]], chunk: int
) -> None:
    assert starts(OrderTimes(), lines) == expected(lines)
    in_time = sorted(lines, key=lambda line: line[1])
    times, by_chunk = OrderTimes(), list[int]()
    for start in range(0, len(in_time), chunk):
        by_chunk += starts(times, in_time[start : start + chunk])
    assert by_chunk == expected(in_time)


def test_orders_of_long_ago_are_forgotten() -> None:
    times = OrderTimes()
    for day in range(100):
        starts(times, [(day, day * 24)])
    assert len(times._keys) <= MARGIN.days + 1
