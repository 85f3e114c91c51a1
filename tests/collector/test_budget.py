"""A shopper's bucket: never more than a minute's events at once, never more than the rate in the long run."""

from hypothesis import given
from hypothesis import strategies as st

from recommndr_collector.budget import EventBudget

gaps = st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=200)


@given(gaps=gaps, per_minute=st.integers(1, 50))
def test_in_any_span_no_more_than_a_minutes_events_and_what_refills(gaps: list[float], per_minute: int) -> None:
    budget, now_s, taken = EventBudget(), 0.0, []
    for gap_s in gaps:
        now_s += gap_s
        if budget.take("t", "u", per_minute, now_s) == 0.0:
            taken.append(now_s)
    for first, began_s in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= per_minute + (taken[last] - began_s) * per_minute / 60 + 1e-3


@given(per_minute=st.integers(1, 1_000), asked_at_s=st.floats(0, 1e9))
def test_who_waits_as_long_as_asked_gets_one(per_minute: int, asked_at_s: float) -> None:
    budget = EventBudget()
    assert [budget.take("t", "u", per_minute, asked_at_s) for _ in range(per_minute)] == [0.0] * per_minute
    wait_s = budget.take("t", "u", per_minute, asked_at_s)
    assert 0 < wait_s <= 60 / per_minute + 1e-3
    assert budget.take("t", "u", per_minute, asked_at_s + wait_s + 1e-3) == 0.0


def test_shoppers_and_tenants_are_apart() -> None:
    budget = EventBudget()
    assert [budget.take(tenant, user, 1, 0.0) for tenant, user in (("a", "u"), ("a", "v"), ("b", "u"))] == [0.0] * 3
    assert budget.take("a", "u", 1, 0.0) > 0


def test_only_so_many_are_remembered_and_none_whose_bucket_is_full() -> None:
    budget = EventBudget(max_shoppers=3)
    for user in "abcdefg":
        budget.take("t", user, 1, 0.0)
    assert len(budget) == 3
    budget.take("t", "h", 1, 61.0)
    assert len(budget) == 1
