from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.events import FIRST_OWN_CODE, ClientInteraction, Line, decode, encode, stamp
from recommndr.features import item, shopper
from recommndr.features.deed import Deed
from recommndr_training.event_ids import order_event_id
from recommndr_training.replay import Replay, States, item_records, replay, shopper_rows
from tests.training.orders import CUT_S, DAY_S, Order, histories, table

FAR_S = CUT_S + 1_000 * DAY_S


def as_bytes(states: States) -> tuple[dict[str, bytes], dict[str, bytes]]:
    return (
        {user_id: shopper.to_bytes(state) for user_id, state in states.shoppers.items()},
        {item_id: item.to_bytes(state) for item_id, state in states.items.items()},
    )


def live_deed(order: Order) -> Deed:
    """The order's event as it comes out of the collector and Kafka."""
    at = datetime.fromtimestamp(order.at_s, UTC)
    event = ClientInteraction(
        event_id=order.event_id,
        user_id=order.user_id,
        occurred_at=at,
        kind="purchase",
        lines=tuple(Line(item_id=item_id) for item_id in order.item_ids),
    )
    deed = Deed.of(decode(encode(stamp(event, "grocer", at))))
    assert deed is not None
    return deed


@given(histories(), st.integers(0, 1_000))
def test_shuffled_lines_and_repeated_orders_change_nothing(orders: list[Order], order_of_arrival: int) -> None:
    lines = table(orders)
    delivered = pd.concat([lines, table(orders[: len(orders) // 2])]).sample(frac=1.0, random_state=order_of_arrival)
    assert as_bytes(replay(delivered, CUT_S)) == as_bytes(replay(lines, CUT_S))


@given(histories(), st.lists(st.integers(-80, 10), max_size=4))
def test_cut_after_cut_is_the_same_as_one_replay_to_each(orders: list[Order], days: list[int]) -> None:
    going = Replay(table(orders))
    for day in sorted(days):
        cut_s = CUT_S + day * DAY_S
        assert as_bytes(going.advance_to(cut_s)) == as_bytes(replay(table(orders), cut_s))


@given(histories())
def test_a_snapshot_stays_what_it_was_when_the_replay_goes_on(orders: list[Order]) -> None:
    going = Replay(table(orders))
    early = going.advance_to(CUT_S - 10 * DAY_S)
    before = as_bytes(early)
    going.advance_to(FAR_S)
    assert as_bytes(early) == before


@given(histories())
def test_nothing_of_the_cut_or_later_is_known(orders: list[Order]) -> None:
    states = replay(table(orders), CUT_S)
    known = [order for order in orders if order.at_s < CUT_S]
    assert set(states.shoppers) == {order.user_id for order in known}
    assert set(states.items) == {item_id for order in known for item_id in order.item_ids}
    assert all(state.first_at_s < CUT_S for state in states.items.values())


@given(histories())
def test_history_folds_as_the_live_events_would(orders: list[Order]) -> None:
    states = replay(table(orders), FAR_S)
    live: dict[str, shopper.ShopperState] = {}
    for order in sorted(orders, key=lambda order: (order.at_s, order.event_id)):
        mine = live.get(order.user_id, shopper.EMPTY)
        live[order.user_id] = shopper.merge(mine, shopper.lift(live_deed(order)))
    assert as_bytes(states)[0] == {user_id: shopper.to_bytes(state) for user_id, state in live.items()}


@given(histories(min_size=2))
def test_seed_and_one_live_event_are_the_replay_of_all(orders: list[Order]) -> None:
    *history, last = sorted(orders, key=lambda order: (order.at_s, order.event_id))
    everything = replay(table(orders), FAR_S)
    seeds = replay(table(history), FAR_S)
    deed = live_deed(last)
    stored = shopper.from_bytes(shopper.to_bytes(seeds.shoppers.get(last.user_id, shopper.EMPTY)))
    assert shopper.to_bytes(shopper.merge(stored, shopper.lift(deed))) == shopper.to_bytes(everything.shoppers[last.user_id])
    for item_id, lifted in item.lift(deed).items():
        stored_item = item.from_bytes(item.to_bytes(seeds.items.get(item_id, item.EMPTY)))
        assert item.to_bytes(item.merge(stored_item, lifted)) == item.to_bytes(everything.items[item_id])


@given(histories())
def test_rows_and_records_are_read_as_serving_reads_them(orders: list[Order]) -> None:
    states = replay(table(orders), FAR_S)
    rows = shopper_rows(states)
    assert {user_id: row.n_events for user_id, row in rows.items()} == {
        user_id: state.user.n_events for user_id, state in states.shoppers.items()
    }
    item_ids, records = item_records(states)
    assert item_ids == sorted(states.items)
    assert records["first_at_s"].tolist() == [states.items[item_id].first_at_s for item_id in item_ids]


def test_an_order_has_the_same_event_id_each_time_and_another_with_each_tenant() -> None:
    assert order_event_id("grocer", "1") == order_event_id("grocer", "1")
    assert order_event_id("grocer", "1") != order_event_id("bakery", "1")


@pytest.mark.parametrize(
    "second",
    [
        Order("o1", "u2", CUT_S, ("i2",)),
        Order("o1", "u1", CUT_S + 1.0, ("i2",)),
        Order("o1", "u1", CUT_S, ("i2",), kind="view"),
    ],
    ids=["shoppers", "instants", "kinds"],
)
def test_an_event_of_two_shoppers_instants_or_kinds_is_refused_by_name(second: Order) -> None:
    lines = table([Order("o1", "u1", CUT_S, ("i1",)), second])
    with pytest.raises(ValueError, match=f"event {second.event_id!r}: expected lines of one shopper"):
        replay(lines, FAR_S)


def test_no_history_gives_no_states_and_a_replay_does_not_go_back() -> None:
    going = Replay(table([]))
    assert going.advance_to(CUT_S) == States(CUT_S, {}, {})
    with pytest.raises(ValueError, match="expected at least"):
        going.advance_to(CUT_S - 1.0)


def test_kinds_of_the_tenants_own_are_folded_under_their_codes_and_any_other_is_refused() -> None:
    lines = table([Order("o1", "u1", CUT_S - DAY_S, ("i1",))]).assign(kind="apply")
    state = replay(lines, CUT_S, own_kinds=("interest", "apply")).shoppers["u1"]
    assert set(state.user.counters) == {FIRST_OWN_CODE + 1}
    with pytest.raises(ValueError, match="kind 'apply': expected one of"):
        replay(lines, CUT_S)
