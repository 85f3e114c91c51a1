"""Laws of what counts as a sudden change of volume or of mix."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from recommndr_training.validation import mix, volume
from recommndr_training.validation.limits import Limits
from recommndr_training.validation.volume import DAY_S, JUDGED_DAYS, WEEKS

Counts = npt.NDArray[np.int64]
N_DAYS = WEEKS * 7 + JUDGED_DAYS
histories = arrays.arrays(np.int64, (N_DAYS, 2), elements=st.integers(0, 5_000))
values = arrays.arrays(np.int64, 5, elements=st.integers(0, 100_000))


def last_week(counts: Counts) -> Counts:
    return counts[-JUDGED_DAYS:]


@given(histories)
def test_the_usual_is_never_refused(counts: Counts) -> None:
    band = volume.usual(counts, 4.0)
    known = np.isfinite(band.low) & np.isfinite(band.high)
    assert (band.low[known] <= np.maximum(band.median[known], 1.0)).all()
    assert (band.high[known] >= band.median[known]).all()


@given(histories, st.integers(0, JUDGED_DAYS - 1), st.integers(0, 10_000))
def test_a_day_is_judged_by_the_weeks_before_and_not_by_itself_or_its_neighbours(counts: Counts, day: int, n: int) -> None:
    counts[0] = 1  # so that both series have begun
    changed = counts.copy()
    changed[N_DAYS - JUDGED_DAYS + day] = n
    for before, after in zip(
        (volume.usual(counts, 4.0).low, volume.usual(counts, 4.0).high),
        (volume.usual(changed, 4.0).low, volume.usual(changed, 4.0).high),
        strict=True,
    ):
        np.testing.assert_array_equal(before, after)


@given(histories, st.integers(0, WEEKS - 1), st.integers(0, 100_000))
def test_one_odd_week_does_not_move_the_bounds_beyond_those_of_the_others(counts: Counts, week: int, n: int) -> None:
    steady = np.full((N_DAYS, 1), 200, np.int64)
    steady[week * 7 : week * 7 + 7] = n
    band = volume.usual(steady, 4.0)
    assert (band.median == 200.0).all()
    assert (band.low == 50.0).all() and (band.high == 800.0).all()


@given(st.integers(50, 100_000), st.floats(0.26, 3.9))
def test_what_stays_within_a_quarter_and_four_times_passes_and_what_leaves_it_fails(usual: int, ratio: float) -> None:
    band = volume.usual(np.full((N_DAYS, 1), usual, np.int64), 4.0)
    assert (band.low <= ratio * usual).all() and (ratio * usual <= band.high).all()
    assert (band.low > usual * 0.24).all() and (band.high < usual * 4.1).all()


@given(histories)
def test_fewer_than_four_weeks_say_nothing(counts: Counts) -> None:
    band = volume.usual(counts[-(JUDGED_DAYS + 3 * 7) :], 4.0)
    assert np.isnan(band.low).all() and np.isnan(band.high).all()


def test_a_kind_that_is_new_has_no_usual_volume() -> None:
    counts = np.full((N_DAYS, 2), 500, np.int64)
    counts[:-14, 1] = 0
    band = volume.usual(counts, 4.0)
    assert np.isfinite(band.low[:, 0]).all() and np.isnan(band.high[:, 1]).all()


def test_a_small_shop_may_be_quiet_but_not_gone() -> None:
    band = volume.usual(np.full((N_DAYS, 1), 20, np.int64), 4.0)
    assert (band.low == 1.0).all() and np.isnan(band.high).all()
    tiny = volume.usual(np.full((N_DAYS, 1), 3, np.int64), 4.0)
    assert (tiny.low == 0.0).all()


def test_a_weekday_that_is_sometimes_empty_may_be_empty() -> None:
    counts = np.full((N_DAYS, 1), 30, np.int64)
    counts[: 2 * 7] = 0
    counts[0] = 1
    counts[3 * 7 : 4 * 7] = 0
    assert (volume.usual(counts, 4.0).low == 0.0).all()


def test_closed_days_are_neither_judged_nor_looked_back_at() -> None:
    counts = np.full((N_DAYS, 1), 100, np.int64)
    counts[-1] = 0
    frame = volume.days_frame(counts, ["view"], (17_000, 17_000 + N_DAYS), Limits(closed_days=(volume.date_of(17_062),)))
    assert np.isnan(frame["usual_low"].iloc[-2:]).all()
    assert (frame["usual_low"].iloc[:-2] == 25.0).all()
    assert frame.index[-1] == f"{volume.date_of(17_062)} view"


@given(arrays.arrays(np.float64, 50, elements=st.floats(-1e7, 1e7)), st.data())
def test_every_event_within_whole_days_is_counted_once(at_s: npt.NDArray[np.float64], data: st.DataObject) -> None:
    series = data.draw(arrays.arrays(np.int32, 50, elements=st.integers(-1, 2)))
    days = volume.full_days(-3 * DAY_S - 1.0, 4 * DAY_S + 1.0)
    assert days == (-3, 4)
    counts = volume.daily_counts(at_s, series, 3, days)
    inside = (at_s >= -3 * DAY_S) & (at_s < 4 * DAY_S) & (series >= 0)
    assert counts.shape == (7, 3)
    assert counts.sum() == inside.sum()


def test_an_instant_that_is_missing_or_endless_is_not_counted() -> None:
    at_s = np.array([np.nan, np.inf, -np.inf, 5.0])
    assert volume.daily_counts(at_s, np.zeros(4, np.int32), 1, (0, 1)).sum() == 1


@given(values, values)
def test_the_index_is_symmetric_and_never_negative(now: Counts, before: Counts) -> None:
    parts = mix.psi_parts(now, before)
    assert (parts >= 0.0).all() and np.isfinite(parts).all()
    assert parts.sum() == pytest.approx(mix.psi_parts(before, now).sum())


@given(values, st.integers(1, 50))
def test_a_mix_that_stays_is_near_zero_whatever_the_volume(before: Counts, times: int) -> None:
    before = before + 1_000
    assert mix.psi_parts(before * times, before).sum() < 1e-3


@given(values, values, st.permutations(range(5)))
def test_the_order_of_values_does_not_matter(now: Counts, before: Counts, order: list[int]) -> None:
    shuffled = mix.psi_parts(now[order], before[order])
    np.testing.assert_allclose(shuffled, mix.psi_parts(now, before)[order])


def test_the_index_agrees_with_its_formula() -> None:
    parts = mix.psi_parts(np.array([700_000, 300_000]), np.array([500_000, 500_000]))
    assert parts.sum() == pytest.approx(0.2 * np.log(0.7 / 0.5) - 0.2 * np.log(0.3 / 0.5), abs=1e-4)


@given(arrays.arrays(np.int64, 60, elements=st.integers(0, 1_000)))
def test_many_values_are_the_top_ones_and_the_others_together(now: Counts) -> None:
    names = [f"v{number}" for number in range(60)]
    top_now, top_before, kept = mix.top_values(now, now, names)
    assert len(kept) == mix.TOP + 1 and kept[-1] == mix.OTHERS
    assert top_now.sum() == now.sum() and top_before.sum() == now.sum()
    assert top_now[: mix.TOP].min() >= np.sort(now)[: -mix.TOP].max()


def test_too_few_events_say_nothing_of_the_mix() -> None:
    frame = mix.mix_frame("kind", ["view", "purchase"], np.array([999, 0]), np.array([0, 9_999]))
    assert frame["psi"].isna().all()
    enough = mix.mix_frame("kind", ["view", "purchase"], np.array([1_000, 0]), np.array([0, 9_999]))
    assert (enough["psi"] > 0.25).all()
