"""Requests lie at instants that a storefront could have asked at, and nothing of a label is known at its request."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import item
from recommndr_training.data.interactions import Interactions
from recommndr_training.examples import rolling
from recommndr_training.examples.asking import (
    Asking,
    Instants,
    Period,
    Times,
    asked_at,
    at_cut,
    in_sessions,
    periods,
    some_of_each,
    stratified,
)
from recommndr_training.examples.takings import Takings
from tests.training.orders import CUT_S, DAY_S, Order, histories, table
from tests.training.replayed import replay, shopper_rows
from tests.training.test_examples import DATA, HORIZON_S, ORDERS, task

BEGIN_S = CUT_S - 60 * DAY_S
CUTS_S = tuple(CUT_S - days * DAY_S for days in (42.0, 28.0, 14.0))
TIMES = Times(CUTS_S, HORIZON_S)


def interactions(orders: list[Order]) -> Interactions:
    return Interactions.from_lines(table(orders), DATA.policy)


def looks(orders: list[Order]) -> list[Order]:
    """The orders, each an hour after a view of its first item, which begins the visit."""
    views = [replace(o, order_id=f"v{o.order_id}", at_s=o.at_s - 3_600.0, item_ids=o.item_ids[:1], kind="view") for o in orders]
    return [*orders, *views]


def taken(orders: list[Order], user_id: str, since_s: float, until_s: float) -> set[str]:
    mine = (o for o in orders if o.user_id == user_id and o.kind == "purchase" and since_s <= o.at_s < until_s)
    return {item_id for o in mine for item_id in o.item_ids}


@given(histories(), st.floats(-80, 12), st.floats(0.5, 30))
def test_takings_are_those_of_the_shopper_within_the_time(orders: list[Order], from_day: float, days: float) -> None:
    known = interactions(orders)
    takings, since_s, until_s = Takings.of(known), CUT_S + from_day * DAY_S, CUT_S + (from_day + days) * DAY_S
    users = np.arange(len(known.user_ids), dtype=np.int32)
    first, after = (takings.places(users, np.full(len(users), at_s)) for at_s in (since_s, until_s))
    for user, user_id in enumerate(known.user_ids):
        found = {known.item_ids[row] for row in takings.within(user, since_s, until_s)}
        assert found == taken(orders, user_id, since_s, until_s)
        assert (after[user] > first[user]) == bool(found) == takings.takes(user_id, since_s, until_s - since_s)
        assert {known.item_ids[row] for row in takings.before(user, since_s)} == taken(orders, user_id, 0.0, since_s)


def test_labels_of_cuts_before_tuning_end_at_the_tuning_cut() -> None:
    spaced = periods([10.0, 15.0, 17.0, 20.0], 5.0)
    assert [one.end_s for one in spaced] == [20.0, 20.0, 25.0, 25.0]
    assert [one.next_s for one in spaced] == [15.0, 17.0, 20.0, 20.0]


@given(histories())
def test_a_request_in_a_session_is_at_a_real_instant_and_its_horizon_ends_in_its_period(orders: list[Order]) -> None:
    everything = looks(orders)
    known, period = interactions(everything), Period(CUT_S - 30 * DAY_S, CUT_S - 10 * DAY_S, CUT_S)
    found = in_sessions(known, Takings.of(known), period, HORIZON_S)
    possible = {(o.user_id, o.at_s) for o in everything}
    for user, at_s in zip(found.users.tolist(), found.at_s.tolist(), strict=True):
        user_id = known.user_ids[user]
        assert (user_id, at_s) in possible or (user_id, round(at_s - 1e-3)) in possible
        assert period.cut_s <= at_s < period.next_s
        assert at_s + HORIZON_S <= period.end_s
        assert taken(orders, user_id, at_s, at_s + HORIZON_S)
    assert len({*zip(found.users.tolist(), found.at_s.tolist(), strict=True)}) == len(found)


def test_a_shop_of_orders_is_asked_before_them_and_a_shop_of_views_after_them() -> None:
    order = Order("1", "u", CUT_S - 20 * DAY_S, ("a", "b"))
    view = replace(order, order_id="2", at_s=order.at_s - 60.0, item_ids=("a",), kind="view")
    period = Period(CUT_S - 30 * DAY_S, CUT_S, CUT_S)
    for orders, expected in (([order], [order.at_s]), ([view, order], [view.at_s, view.at_s + 1e-3])):
        known = interactions(orders)
        assert in_sessions(known, Takings.of(known), period, HORIZON_S).at_s.tolist() == expected


@pytest.mark.parametrize("requests", ["sessions", "both"])
def test_each_shopper_is_asked_for_so_often_and_the_tuning_cut_as_the_gate(requests: str) -> None:
    known = interactions(looks(ORDERS))
    takings = Takings.of(known)
    asking = Asking(requests=requests, per_shopper=2)  # type: ignore[arg-type]
    *learning, tuning = asked_at(known, takings, TIMES, asking, 0.25, seed=3)
    here = at_cut(takings, periods(CUTS_S, HORIZON_S)[-1], HORIZON_S)
    assert (tuning.users.tolist(), set(tuning.at_s.tolist())) == (here.users.tolist(), {CUTS_S[-1]})
    in_visits = learning[0].at_s > CUTS_S[0]
    assert np.bincount(learning[0].users[in_visits]).max() == 2
    assert in_visits.all() == (requests == "sessions")
    again = asked_at(known, takings, TIMES, asking, 0.25, seed=3)
    assert [one.at_s.tolist() for one in again] == [one.at_s.tolist() for one in (*learning, tuning)]


@given(st.integers(1, 300), st.integers(0, 9))
def test_a_sample_has_every_length_of_history_in_its_share(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    n_events = random.geometric(0.02, 500)
    everyone = Instants(np.arange(500, dtype=np.int32), np.zeros(500))
    found = stratified(everyone, n_events, n, random)
    assert len(set(found.users.tolist())) == len(found) == n
    stratum = np.floor(np.log2(n_events + 1.0)).astype(int)
    expected = np.bincount(stratum) * n / 500
    assert np.abs(np.bincount(stratum[found.users], minlength=len(expected)) - expected).max() < 1.0 + 1e-9


def test_rows_of_all_cuts_together_stay_below_the_limit() -> None:
    known = interactions(ORDERS)
    few = asked_at(known, Takings.of(known), TIMES, Asking(max_rows=1_125, max_tuning_shoppers=4), 0.25, seed=0)
    assert [len(one) for one in few] == [3, 3, 4]
    assert len(some_of_each(few[-1], 1, np.random.default_rng(0))) == 4


def test_a_request_sees_its_shopper_as_of_its_instant_and_items_as_of_no_later_one() -> None:
    orders = looks(ORDERS)
    asked = replace(task(orders), asking=Asking(requests="both", per_shopper=2, item_instants=3))
    rounds = list(rolling.rounds_of(asked, CUTS_S))
    assert len({one.at_s for one in rounds}) > len(CUTS_S)
    lines = table(orders)
    n_requests = 0
    for one, moment in zip(rounds, rolling.moments_of(lines, DATA, rounds), strict=True):
        items = replay(lines, one.at_s).items
        assert moment.item_ids == sorted(items)
        assert moment.item_records.tobytes() == item.read([item.to_bytes(items[name]) for name in sorted(items)]).tobytes()
        for request, row in list(moment.asked)[:4]:
            expected = shopper_rows(replay(lines, request.at_s))[request.user_id]
            assert one.at_s <= request.at_s
            assert row.recent_item_ids == expected.recent_item_ids
            assert row.n_events == expected.n_events
            assert row.counter_sums.tolist() == expected.counter_sums.tolist()
        n_requests += len(moment.asked)
    assert n_requests > 30


def test_examples_in_sessions_know_what_was_just_viewed_and_are_labelled_from_their_instant() -> None:
    orders = looks(ORDERS)
    asked = replace(task(orders), asking=Asking(requests="sessions", item_instants=2))
    first, *rest = (one for one in rolling.rounds_of(asked, CUTS_S) if one.cut_s == CUTS_S[0])
    moments = list(rolling.moments_of(table(orders), DATA, [first, *rest]))
    found = rolling.make_examples(asked, *moments)
    requests = [request for moment in moments for request, _ in moment.asked]
    assert found.user_ids == [request.user_id for request in requests]
    for place, request in enumerate(requests):
        wanted = taken(orders, request.user_id, request.at_s, request.at_s + HORIZON_S)
        mine = found.requests == place
        rows = [asked.known.item_ids[row] for row in found.rows[mine]]
        assert [row in wanted for row in rows] == found.bought[mine].tolist()
        assert found.n_relevant[place] == len(wanted)
    column = found.matrix[:, rolling.examples.NAMES.index("recent_since")]
    assert np.nanmin(column) < 0.01  # days: a view of just now


def test_the_number_of_processes_changes_no_example() -> None:
    orders = looks(ORDERS)
    asked = replace(task(orders), asking=Asking(requests="both"))
    here, there = (rolling.examples_at(asked, table(orders), DATA, CUTS_S, n) for n in (1, 2))
    for one, other in zip(here, there, strict=True):
        assert one.rows.tolist() == other.rows.tolist()
        assert one.bought.tolist() == other.bought.tolist()
        np.testing.assert_array_equal(one.matrix, other.matrix)
