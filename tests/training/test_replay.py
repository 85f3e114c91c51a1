"""Replays: the same states whatever the order, the cuts, the processes; and never anything of the future."""

import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.counting import DEFAULT_COUNTING
from recommndr.event_ids import order_event_id
from recommndr.events import FIRST_OWN_CODE, ClientInteraction, Line, decode, encode, stamp
from recommndr.features import item, shopper
from recommndr.features.action import Action
from recommndr.features.shopper import ShopperRow
from recommndr.tenancy import TenantPolicy
from recommndr_training.data import history
from recommndr_training.examples import shard
from recommndr_training.examples.replay import Replay, Request
from recommndr_training.examples.shard import Shard, Share
from recommndr_training.examples.shard_pool import ChildShard, LocalShard, ReplayFailed, ShardPool
from tests.training.orders import CUT_S, DAY_S, USERS, Order, histories, table
from tests.training.replayed import advanced, replay

FAR_S = CUT_S + 1_000 * DAY_S
several = settings(max_examples=20, deadline=None)  # a replay of pandas and Arrow tables takes milliseconds
KINDS = ("view", "impression", "add_to_cart", "purchase")

States = tuple[dict[str, bytes], dict[str, bytes]]


def as_bytes(going: Replay) -> States:
    return dict(going.shoppers()), dict(going.items())


def states_at(orders: list[Order], cut_s: float) -> States:
    return as_bytes(advanced(table(orders), cut_s))


def live_action(order: Order) -> Action:
    """The order's event as it comes out of the collector and Kafka."""
    at = datetime.fromtimestamp(order.at_s, UTC)
    event = ClientInteraction(
        event_id=order.event_id,
        user_id=order.user_id,
        occurred_at=at,
        kind=order.kind,
        lines=tuple(Line(item_id=item_id) for item_id in order.item_ids),
    )
    action = Action.from_event(decode(encode(stamp(event, "grocer", at))))
    assert action is not None
    return action


@st.composite
def eventful(draw: st.DrawFn, min_size: int = 1) -> list[Order]:
    """Histories of several kinds."""
    return [replace(order, kind=draw(st.sampled_from(KINDS))) for order in draw(histories(min_size))]


@st.composite
def questions(draw: st.DrawFn, orders: list[Order]) -> list[Request]:
    """About known and unknown shoppers, many of them at the very instant of an event."""
    instants_s = st.sampled_from([order.at_s for order in orders]) | st.integers(-81, 11).map(lambda day: CUT_S + day * DAY_S)
    asked = draw(st.lists(st.tuples(st.sampled_from((*USERS, "stranger")), instants_s), max_size=12))
    return [Request(*one) for one in sorted(asked, key=lambda one: one[1])]


def crew_of(n_shards: int, max_waiting: int = shard.MAX_WAITING) -> ShardPool:
    """Several shards, all in this process."""
    shares = [Share(number, n_shards) for number in range(n_shards)]
    return ShardPool([LocalShard(Shard(share, DEFAULT_COUNTING, max_waiting)) for share in shares])


def in_pieces(events: pa.Table, n_rows: int) -> Iterator[pa.Table]:
    return (events.slice(start, n_rows) for start in range(0, len(events), n_rows))


@several
@given(eventful(), st.integers(0, 1_000))
def test_shuffled_lines_and_repeated_orders_change_nothing(orders: list[Order], order_of_arrival: int) -> None:
    lines = table(orders)
    delivered = pd.concat([lines, table(orders[: len(orders) // 2])]).sample(frac=1.0, random_state=order_of_arrival)
    assert as_bytes(advanced(delivered, CUT_S)) == states_at(orders, CUT_S)


@several
@given(eventful(), st.lists(st.integers(-80, 10), max_size=4))
def test_cut_after_cut_is_the_same_as_one_replay_to_each(orders: list[Order], days: list[int]) -> None:
    going = Replay([history.of_lines(table(orders))], ShardPool.start(DEFAULT_COUNTING))
    for day in sorted(days):
        cut_s = CUT_S + day * DAY_S
        going.advance_to(cut_s)
        assert as_bytes(going) == states_at(orders, cut_s)


@several
@given(eventful(), st.integers(2, 4), st.integers(1, 7), st.integers(1, 9))
def test_shards_and_pieces_change_nothing_to_the_last_bit(
    orders: list[Order], n_shards: int, n_rows: int, max_waiting: int
) -> None:
    pieces = in_pieces(history.of_lines(table(orders)), n_rows)
    going = Replay(pieces, crew_of(n_shards, max_waiting))
    going.advance_to(FAR_S)
    assert as_bytes(going) == states_at(orders, FAR_S)
    assert going.count() == tuple(map(len, states_at(orders, FAR_S)))


@several
@given(eventful(), st.sets(st.sampled_from(USERS)), st.integers(1, 9))
def test_a_replay_of_some_shoppers_knows_of_them_and_of_all_items_what_a_whole_one_does(
    orders: list[Order], some: set[str], max_waiting: int
) -> None:
    going = Replay(
        [history.of_lines(table(orders))], ShardPool([LocalShard(Shard(Share(), DEFAULT_COUNTING, max_waiting, some))])
    )
    going.advance_to(FAR_S)
    shoppers, items = states_at(orders, FAR_S)
    assert as_bytes(going) == ({user_id: state for user_id, state in shoppers.items() if user_id in some}, items)


@several
@given(st.data(), st.integers(1, 3), st.integers(1, 7), st.integers(1, 9))
def test_a_shopper_as_of_an_instant_is_what_a_replay_to_it_knows(
    data: st.DataObject, n_shards: int, n_rows: int, max_waiting: int
) -> None:
    orders = data.draw(eventful())
    requests = data.draw(questions(orders))
    going = Replay(in_pieces(history.of_lines(table(orders)), n_rows), crew_of(n_shards, max_waiting))
    told = list(going.rows_at(requests))
    assert [request for request, _ in told] == requests
    for request, row in told:
        state = states_at(orders, request.at_s)[0].get(request.user_id)
        assert_same_row(row, None if state is None else shopper.read(shopper.columns(shopper.from_bytes(state))))
    if requests:
        assert as_bytes(going) == states_at(orders, requests[-1].at_s)
    going.advance_to(FAR_S)
    assert as_bytes(going) == states_at(orders, FAR_S)


def assert_same_row(a: ShopperRow | None, b: ShopperRow | None) -> None:
    assert (a is None) == (b is None)
    if a is not None and b is not None:
        for name, value in asdict(a).items():
            np.testing.assert_array_equal(value, getattr(b, name), err_msg=name)


def test_processes_give_the_same_bytes_and_answers() -> None:
    chance = random.Random(3)
    orders = [
        Order(f"o{n}", f"u{chance.randrange(40)}", CUT_S - n * 1000.0, (f"i{chance.randrange(30)}",), chance.choice(KINDS))
        for n in range(400)
    ]
    requests = [Request(f"u{n}", CUT_S - 100_000.0) for n in range(45)]
    alone, together = [], []
    for pool, found in ((ShardPool.start(DEFAULT_COUNTING), alone), (ShardPool.start(DEFAULT_COUNTING, 2), together)):
        with Replay(in_pieces(history.of_lines(table(orders)), 50), pool) as going:
            found += [request for request, row in going.rows_at(requests) if row is not None]
            going.advance_to(FAR_S)
            found += [as_bytes(going), going.count()]
    assert alone == together


def test_what_a_process_raises_is_raised_here() -> None:
    nothing_but_a_time = pa.table({"known_s": [1.0], "kind": [0]})
    pool = ShardPool([ChildShard(Share(), DEFAULT_COUNTING)])
    with Replay([nothing_but_a_time], pool) as going, pytest.raises(KeyError, match="doubted"):
        going.advance_to(FAR_S)
        going.count()


def test_a_process_that_is_gone_is_reported() -> None:
    pool = ShardPool([ChildShard(Share(), DEFAULT_COUNTING)])
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
    events = history.of_lines(table([Order("o1", "u1", CUT_S, ("i1",))]))
    with Replay([events], pool) as going, pytest.raises(ReplayFailed, match="ended with status -9; check"):
        going.advance_to(FAR_S)


@several
@given(eventful())
def test_nothing_of_the_cut_or_later_is_known(orders: list[Order]) -> None:
    states = replay(table(orders), CUT_S)
    known = [order for order in orders if order.at_s < CUT_S]
    assert set(states.shoppers) == {order.user_id for order in known}
    assert set(states.items) == {item_id for order in known for item_id in order.item_ids}
    assert all(state.first_at_s < CUT_S for state in states.items.values())


@several
@given(eventful())
def test_history_folds_as_the_live_events_would(orders: list[Order]) -> None:
    shoppers: dict[str, shopper.ShopperState] = {}
    items: dict[str, item.ItemState] = {}
    for order in sorted(orders, key=lambda order: (order.at_s, order.event_id)):
        action = live_action(order)
        shoppers[order.user_id] = shopper.merge(shoppers.get(order.user_id, shopper.EMPTY), shopper.lift(action))
        for item_id, lifted in item.lift(action).items():
            items[item_id] = item.merge(items.get(item_id, item.EMPTY), lifted)
    assert states_at(orders, FAR_S) == (
        {user_id: shopper.to_bytes(state) for user_id, state in shoppers.items()},
        {item_id: item.to_bytes(state) for item_id, state in items.items()},
    )


@several
@given(eventful(min_size=2))
def test_seed_and_one_live_event_are_the_replay_of_all(orders: list[Order]) -> None:
    *past, last = sorted(orders, key=lambda order: (order.at_s, order.event_id))
    shoppers, items = states_at(orders, FAR_S)
    seeds = replay(table(past), FAR_S)
    action = live_action(last)
    stored = seeds.shoppers.get(last.user_id, shopper.EMPTY)
    assert shopper.to_bytes(shopper.merge(stored, shopper.lift(action))) == shoppers[last.user_id]
    for item_id, lifted in item.lift(action).items():
        assert item.to_bytes(item.merge(seeds.items.get(item_id, item.EMPTY), lifted)) == items[item_id]


@several
@given(eventful())
def test_item_records_are_read_as_slots_read_them(orders: list[Order]) -> None:
    item_ids, records = advanced(table(orders), FAR_S).item_records()
    states = replay(table(orders), FAR_S).items
    assert item_ids == sorted(states)
    assert records["first_at_s"].tolist() == [states[item_id].first_at_s for item_id in item_ids]


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
    going = advanced(table([]), CUT_S)
    assert as_bytes(going) == ({}, {})
    with pytest.raises(ValueError, match="expected at least"):
        going.advance_to(CUT_S - 1.0)
    with pytest.raises(ValueError, match="expected at least"):
        list(going.rows_at([Request("u1", CUT_S - 1.0)]))
    with pytest.raises(ValueError, match="expected oldest first"):
        list(going.rows_at([Request("u1", CUT_S + 1.0), Request("u1", CUT_S)]))


OWN = TenantPolicy(own_kinds=("interest", "apply"), weights={"interest": 1.0, "apply": 1.0})


def test_kinds_of_the_tenants_own_are_folded_under_their_codes_and_any_other_is_refused() -> None:
    lines = table([Order("o1", "u1", CUT_S - DAY_S, ("i1",))]).assign(kind="apply")
    shoppers = dict(advanced(lines, CUT_S, policy=OWN).shoppers())
    assert set(shopper.from_bytes(shoppers["u1"]).user.counters) == {FIRST_OWN_CODE + 1}
    with pytest.raises(ValueError, match="kind 'apply': expected one of"):
        advanced(lines, CUT_S)
