"""Training cuts: laws of the pure function that chooses them, and the shoppers whom it counts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_training.data.interactions import Interactions
from recommndr_training.examples.cuts import Spacing, cuts_before, n_outside_tuning, n_returning
from recommndr_training.ranking import ranker
from recommndr_training.ranking.ranker import RankerParams
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.test_examples import DATA, ORDERS

HOUR_S = 3_600.0


@st.composite
def spacings(draw: st.DrawFn) -> Spacing:
    horizon_h = draw(st.integers(1, 40 * 24))
    apart_h = draw(st.integers(-(-horizon_h // 10), 40 * 24))  # at most ten cuts in a horizon
    max_cuts = draw(st.integers(-(-horizon_h // apart_h) + 1, 20))
    return Spacing(horizon_h * HOUR_S, apart_h * HOUR_S, max_cuts)


SPACINGS = spacings()
HISTORY_S = st.integers(0, 400 * 24).map(lambda hours: hours * HOUR_S)


def cuts(history_s: float, spacing: Spacing) -> list[float]:
    return cuts_before(CUT_S, CUT_S - history_s, spacing, lambda _: 100)


@given(HISTORY_S, SPACINGS)
def test_cuts_are_oldest_first_and_evenly_spaced(history_s: float, spacing: Spacing) -> None:
    found = cuts(history_s, spacing)
    assert found[-1] == CUT_S - spacing.horizon_s
    assert all(later - earlier == spacing.apart_s for earlier, later in pairwise(found))


@given(HISTORY_S, SPACINGS)
def test_cuts_outside_tuning_have_no_label_in_the_tuning_period_and_all_others_do(history_s: float, spacing: Spacing) -> None:
    found = cuts(history_s, spacing)
    n_outside = n_outside_tuning(found, spacing.horizon_s)
    tuning = found[-1]
    assert tuning + spacing.horizon_s <= CUT_S
    assert all(cut_s + spacing.horizon_s <= tuning for cut_s in found[:n_outside])
    assert all(cut_s + spacing.horizon_s > tuning for cut_s in found[n_outside:])


@given(SPACINGS)
def test_a_long_history_has_a_cut_outside_tuning(spacing: Spacing) -> None:
    assert n_outside_tuning(cuts(400 * DAY_S, spacing), spacing.horizon_s) >= 1


@given(HISTORY_S, SPACINGS)
def test_every_cut_before_tuning_has_half_a_horizon_of_history(history_s: float, spacing: Spacing) -> None:
    *learning, _ = cuts(history_s, spacing)
    assert all(cut_s - (CUT_S - history_s) >= spacing.horizon_s / 2 for cut_s in learning)


@given(HISTORY_S, SPACINGS)
def test_there_are_as_many_cuts_as_history_and_the_limit_allow(history_s: float, spacing: Spacing) -> None:
    found = cuts(history_s, spacing)
    one_more_s = found[0] - spacing.apart_s
    too_old = one_more_s < CUT_S - history_s + spacing.horizon_s / 2
    assert len(found) == spacing.max_cuts or (len(found) < spacing.max_cuts and too_old)


@given(HISTORY_S, SPACINGS, st.lists(st.integers(0, 30), min_size=1, max_size=25))
def test_every_cut_before_tuning_has_a_tenth_of_the_tuning_cuts_shoppers(
    history_s: float, spacing: Spacing, counts: list[int]
) -> None:
    def n_shoppers(cut_s: float) -> int:
        return counts[int(cut_s // HOUR_S) % len(counts)]

    *learning, tuning = cuts_before(CUT_S, CUT_S - history_s, spacing, n_shoppers)
    assert all(n_shoppers(cut_s) >= max(1, n_shoppers(tuning) / 10) for cut_s in learning)


def test_a_shop_that_lives_by_the_hour_has_several_cuts_a_day() -> None:
    found = cuts(2 * DAY_S, Spacing(horizon_s=2 * HOUR_S, apart_s=HOUR_S, max_cuts=13))
    assert len(found) == 13
    assert found[0] >= CUT_S - DAY_S


@pytest.mark.parametrize(("horizon_s", "apart_s", "max_cuts"), [(0.0, 1.0, 2), (1.0, 0.0, 2), (1.0, 1.0, 1)])
def test_a_spacing_that_makes_no_cuts_is_refused(horizon_s: float, apart_s: float, max_cuts: int) -> None:
    with pytest.raises(ValueError, match="expected a horizon and a distance above 0, and at least 2 cuts"):
        Spacing(horizon_s, apart_s, max_cuts)


def test_a_spacing_of_which_every_cut_reaches_into_tuning_is_refused() -> None:
    with pytest.raises(ValueError, match=r"raise ranker\.cut_spacing_days or ranker\.max_cuts"):
        Spacing(horizon_s=24 * HOUR_S, apart_s=HOUR_S, max_cuts=24)
    assert Spacing(horizon_s=24 * HOUR_S, apart_s=HOUR_S, max_cuts=25).max_cuts == 25


def test_shoppers_count_who_have_history_at_the_cut_and_a_target_event_after_it() -> None:
    orders = [
        Order("a", "u1", CUT_S - DAY_S, ("i1",)),
        Order("b", "u1", CUT_S + DAY_S, ("i2",)),
        Order("c", "u2", CUT_S + DAY_S, ("i2",)),  # new after the cut
        Order("d", "u3", CUT_S - DAY_S, ("i1",)),
        Order("e", "u3", CUT_S + 2 * DAY_S, ("i1",)),  # after the horizon
    ]
    known = Interactions.from_lines(table(orders), DATA.policy)
    assert n_returning(known, CUT_S, 2 * DAY_S) == 1
    assert n_returning(known, CUT_S, 3 * DAY_S) == 2


@pytest.mark.parametrize(
    ("horizon_days", "expected"), [(14.0, [56, 42, 28, 14]), (20.0, [62, 48, 34, 20]), (7.0, [*range(70, 0, -7)])]
)
def test_cuts_are_two_weeks_apart_or_a_horizon_where_that_is_shorter(horizon_days: float, expected: list[float]) -> None:
    known = Interactions.from_lines(table(ORDERS), DATA.policy)
    found = ranker.cuts_of(known, CUT_S, horizon_days * DAY_S, RankerParams())
    assert [(CUT_S - cut_s) / DAY_S for cut_s in found] == expected


@pytest.mark.parametrize("orders", [[order for order in ORDERS if order.at_s > CUT_S - 30 * DAY_S], []])
def test_a_history_too_short_to_learn_from_has_the_tuning_cut_alone(orders: list[Order]) -> None:
    known = Interactions.from_lines(table(orders), DATA.policy)
    assert ranker.cuts_of(known, CUT_S, 14 * DAY_S, RankerParams()) == [CUT_S - 14 * DAY_S]
