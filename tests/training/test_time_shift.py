from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.features import item, shopper
from recommndr.features.schema import Value
from recommndr_training.live.time_shift import WEEK, shift_item, shift_shopper, weeks_to_now
from tests.training.orders import CUT_S, DAY_S, Order, histories, table
from tests.training.replayed import replay

_YEARS = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
_WEEKS = st.integers(-10, 600)
# Columns that are instants; all others must not know when history was.
_TIMES = {"counter_at_s", "recent_at_s", "purchased_first_s", "purchased_last_s"}


@given(_YEARS, _YEARS)
def test_the_cut_comes_to_lie_within_the_last_week_by_whole_weeks(cut: datetime, now: datetime) -> None:
    shift = weeks_to_now(cut, now)
    assert now - WEEK < cut + shift <= now
    assert shift % WEEK == timedelta(0)


@given(_YEARS, _YEARS)
def test_hour_and_weekday_stay(cut: datetime, now: datetime) -> None:
    moved = cut + weeks_to_now(cut, now)
    assert (moved.weekday(), moved.time()) == (cut.weekday(), cut.time())


@settings(deadline=None)
@given(histories(), _WEEKS)
def test_a_shifted_state_is_the_state_of_shifted_history(orders: list[Order], weeks: int) -> None:
    shift_s = weeks * 7 * DAY_S
    before = replay(table(orders), CUT_S)
    after = replay(table(orders), CUT_S + shift_s, shift_s=shift_s)
    assert {u: shopper.to_bytes(shift_shopper(s, shift_s)) for u, s in before.shoppers.items()} == {
        u: shopper.to_bytes(s) for u, s in after.shoppers.items()
    }
    assert {i: item.to_bytes(shift_item(s, shift_s)) for i, s in before.items.items()} == {
        i: item.to_bytes(s) for i, s in after.items.items()
    }


@given(histories(), _WEEKS)
def test_no_shopper_column_changes_but_times_and_these_by_the_shift(orders: list[Order], weeks: int) -> None:
    shift_s = weeks * 7 * DAY_S
    for state in replay(table(orders), CUT_S).shoppers.values():
        before, after = shopper.columns(state), shopper.columns(shift_shopper(state, shift_s))
        for name in before:
            assert after[name] == (_later(before[name], shift_s) if name in _TIMES else before[name])


def _later(times: Value, shift_s: float) -> list[float]:
    assert isinstance(times, list)
    return [float(at_s) + shift_s if at_s else at_s for at_s in times]  # 0 = never


def test_what_never_happened_stays_so() -> None:
    assert shift_shopper(shopper.EMPTY, 7 * DAY_S) == shopper.EMPTY
    assert shift_item(item.EMPTY, 7 * DAY_S) == item.EMPTY
