"""The laws of the shopper's state: what makes it safe to deliver events twice, late and in any order."""

from dataclasses import fields, replace
from functools import reduce
from uuid import NAMESPACE_URL, uuid5

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.events import KIND_CODE
from recommndr.features import item_set, purchased_items, shopper, user
from recommndr.features.action import IMPRESSION, Action
from recommndr.features.decay import HALF_LIVES_S, decayed, to_arrays
from recommndr.features.purchased_items import CAPACITY
from recommndr.features.shopper import ShopperState
from tests.recommndr.actions import NOW_S, actions, histories


def fold(history: list[Action]) -> ShopperState:
    return reduce(shopper.merge, map(shopper.lift, history), shopper.EMPTY)


def actions_done(history: list[Action]) -> list[Action]:
    """What was done with items: not what was only shown, and no searches."""
    return [action for action in history if action.kind != IMPRESSION and action.item_ids]


def assert_same(a: ShopperState, b: ShopperState) -> None:
    """Equal, sums up to 1e-9 relative or 1e-12 absolute."""
    mine, theirs = shopper.columns(a), shopper.columns(b)
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        if name in ("counter_sums", "purchased_decayed"):
            np.testing.assert_allclose(value, theirs[name], rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            assert value == theirs[name], name


@given(histories, st.data())
def test_the_order_of_delivery_does_not_matter(history: list[Action], data: st.DataObject) -> None:
    as_delivered = data.draw(st.permutations(history))
    assert_same(fold(as_delivered), fold(history))


@given(histories, histories.filter(bool), st.sampled_from([Counting(10.0), DEFAULT_COUNTING, Counting(kind=KIND_CODE["view"])]))
def test_folding_a_pack_is_merging_action_by_action_to_the_last_bit(
    before: list[Action], pack: list[Action], counting: Counting
) -> None:
    def lifted(history: list[Action]) -> list[ShopperState]:
        return [shopper.lift(action, counting) for action in history]

    start = reduce(shopper.merge, lifted(before), shopper.EMPTY)
    one_by_one = reduce(shopper.merge, lifted(pack), start)
    folded = shopper.fold(start, pack, counting)
    assert shopper.to_bytes(folded) == shopper.to_bytes(one_by_one)


@given(histories, histories, histories)
def test_merge_is_associative(a: list[Action], b: list[Action], c: list[Action]) -> None:
    x, y, z = fold(a), fold(b), fold(c)
    assert_same(shopper.merge(shopper.merge(x, y), z), shopper.merge(x, shopper.merge(y, z)))


@given(histories, histories)
def test_merge_is_commutative(a: list[Action], b: list[Action]) -> None:
    assert_same(shopper.merge(fold(a), fold(b)), shopper.merge(fold(b), fold(a)))


@given(histories)
def test_nothing_merged_in_changes_nothing(history: list[Action]) -> None:
    assert shopper.merge(fold(history), shopper.EMPTY) == fold(history)
    assert shopper.merge(shopper.EMPTY, fold(history)) == fold(history)


@given(histories, st.integers(0, 30))
def test_a_seed_and_what_came_live_equal_the_replay_of_everything(history: list[Action], cut: int) -> None:
    seed = shopper.from_bytes(shopper.to_bytes(fold(history[:cut])))
    assert_same(reduce(shopper.merge, map(shopper.lift, history[cut:]), seed), fold(history))


@given(histories)
def test_a_state_survives_its_bytes(history: list[Action]) -> None:
    state = fold(history)
    assert shopper.from_bytes(shopper.to_bytes(state)) == state


@given(histories)
def test_a_shopper_survives_being_taken_apart(history: list[Action]) -> None:
    state = fold(history)
    assert shopper.of_parts(shopper.parts(state)) == state
    assert not shopper.is_whole(shopper.parts(state)["user"])
    assert shopper.is_whole(shopper.to_bytes(state))


@given(histories.filter(bool), st.sampled_from([Counting(10.0), Counting(kind=KIND_CODE["view"])]))
def test_rows_of_the_groups_that_exist_read_as_the_whole_shopper_does(history: list[Action], counting: Counting) -> None:
    """Of groups without an event the online store has no row."""
    state = shopper.fold(shopper.EMPTY, history, counting)
    stored = [schema for schema in shopper.SCHEMAS if schema.name in shopper.parts(state)]
    names = [field.name for schema in stored for field in schema.fields]
    row = {name: value for name, value in shopper.columns(state).items() if name in names}
    mine, whole = shopper.read(row, counting), shopper.read(shopper.columns(state))
    for name in (field.name for field in fields(shopper.ShopperRow)):
        np.testing.assert_equal(getattr(mine, name), getattr(whole, name), err_msg=name)


@given(histories)
def test_states_with_whole_event_ids_are_read(history: list[Action]) -> None:
    """Format 3, and the user's part of it."""
    state = fold(history)
    _, of_user, of_purchased, sets = msgpack.unpackb(shopper.to_bytes(state))
    for row in of_user[2]:
        row[2] = f"{row[2]:08x}-63f0-4b7e-9a6e-2f5a0c5d7a10"
    of_user[3][1] = f"{of_user[3][1]:08x}-63f0-4b7e-9a6e-2f5a0c5d7a10" if of_user[3][0] else ""
    before = msgpack.packb([3, of_user, of_purchased, sets])
    assert shopper.from_bytes(before) == state
    assert user.from_bytes(before) == state.user


def test_of_events_at_one_instant_the_order_of_their_ids_decides() -> None:
    ids = sorted(str(uuid5(NAMESPACE_URL, str(n))) for n in range(80))
    history = [Action(0, NOW_S, event_id, "u", (f"i{n}",)) for n, event_id in enumerate(ids)]
    assert shopper.columns(fold(history))["recent_item_ids"] == [f"i{n}" for n in range(79, 29, -1)]


@given(histories)
def test_reading_gives_the_closed_formula(history: list[Action]) -> None:
    row = shopper.read(shopper.columns(fold(history)))
    read_at_s = NOW_S + 1_800
    sums = decayed(row.counter_at_s, row.counter_sums, read_at_s)
    expected = np.zeros_like(sums)
    for action in history:
        expected[action.kind] += [2 ** -((read_at_s - action.at_s) / half_life_s) for half_life_s in HALF_LIVES_S]
    np.testing.assert_allclose(sums, expected, rtol=1e-9, atol=1e-12)
    assert row.n_events == len(actions_done(history))


@given(histories)
def test_purchases_are_counted_per_order_with_first_and_last_time(history: list[Action]) -> None:
    row = shopper.read(shopper.columns(fold(history)))
    orders = [action for action in history if action.kind == KIND_CODE["purchase"]]
    for i, item_id in enumerate(row.purchased_item_ids):
        times = [order.at_s for order in orders if item_id in order.item_ids]
        assert row.purchased_n_orders[i] == len(times)
        assert (row.purchased_first_s[i], row.purchased_last_s[i]) == (min(times), max(times))
        expected = sum(2 ** -((max(times) - at_s) / row.purchased_half_life_s) for at_s in times)
        np.testing.assert_allclose(row.purchased_decayed[i], expected, rtol=1e-9)
    assert set(row.purchased_item_ids) == {item_id for order in orders for item_id in order.item_ids}


@given(histories)
def test_recent_items_are_distinct_and_newest_first(history: list[Action]) -> None:
    row = shopper.read(shopper.columns(fold(history)))
    assert len(set(row.recent_item_ids)) == len(row.recent_item_ids)
    assert (np.diff(row.recent_at_s) <= 0).all()
    newest = {
        item_id: action.at_s
        for action in sorted(actions_done(history), key=lambda done: done.at_s)
        for item_id in action.item_ids
    }
    assert dict(zip(row.recent_item_ids, row.recent_at_s.tolist(), strict=True)) == newest


@given(histories, actions())
def test_what_was_shown_is_counted_and_is_no_action(history: list[Action], action: Action) -> None:
    shown = action._replace(kind=IMPRESSION)
    before, after = fold(history), shopper.merge(fold(history), shopper.lift(shown))
    assert (after.user.n_events, after.user.recent, after.purchased) == (
        before.user.n_events,
        before.user.recent,
        before.purchased,
    )
    counted = decayed(*to_arrays(after.user.counters), NOW_S) - decayed(*to_arrays(before.user.counters), NOW_S)
    assert counted[IMPRESSION, -1] > 0.0  # under the longest half-life; under an hour old ones vanish
    assert not np.delete(counted, IMPRESSION, axis=0).any()


def _where(action: Action) -> tuple[str, ...]:
    return action.device or "", action.os or "", action.country or "", action.region or ""


@given(histories)
def test_the_shopper_is_where_the_newest_event_said(history: list[Action]) -> None:
    row = shopper.read(shopper.columns(fold(history)))
    somewhere = [action for action in history if action.device or action.country or action.region]
    last = max(
        somewhere, key=lambda action: (action.at_s, action.event_id[:8], _where(action)), default=Action(0, 0.0, "", "", ())
    )
    assert (row.device, row.country, row.region) == (last.device or "", last.country or "", last.region or "")


@given(histories)
def test_states_of_the_previous_format_are_read_without_a_region(history: list[Action]) -> None:
    state = fold([action._replace(region=None) for action in history])
    _, of_user, (half_life_s, items, _), _ = msgpack.unpackb(shopper.to_bytes(state))
    read = shopper.from_bytes(msgpack.packb([1, [*of_user[:3], of_user[3][:-1]], [half_life_s, items]]))
    assert (read.user, read.purchased) == (state.user, state.purchased)


@given(histories)
def test_states_of_format_2_know_of_owned_and_seen_items_what_their_lists_tell(history: list[Action]) -> None:
    state = fold(history)
    _, of_user, (half_life_s, items, _), _ = msgpack.unpackb(shopper.to_bytes(state))
    read = shopper.from_bytes(msgpack.packb([2, of_user, [half_life_s, items]]))
    assert (read.user, read.purchased) == (state.user, state.purchased)
    assert read.purchased.owned == state.purchased.owned
    viewed = [recent.item_id for recent in state.user.recent if recent.kind != KIND_CODE["purchase"]]
    assert item_set.contains(read.seen, item_set.fingerprints(viewed)).all()


@given(histories, st.sampled_from(["purchase", "view"]))
def test_what_was_owned_or_seen_is_known_by_the_tenants_target_kind(history: list[Action], target: str) -> None:
    counting = Counting(kind=KIND_CODE[target])
    row = shopper.read(shopper.columns(shopper.fold(shopper.EMPTY, history, counting)))
    done = actions_done(history)
    owned = {item_id for action in done if action.kind == counting.kind for item_id in action.item_ids}
    seen = {item_id for action in done if action.kind != counting.kind for item_id in action.item_ids}
    asked = sorted({*owned, *seen, "never"})
    assert item_set.contains(row.owned_set, item_set.fingerprints(asked)).tolist() == [each in owned for each in asked]
    assert item_set.contains(row.seen_set, item_set.fingerprints(asked)).tolist() == [each in seen for each in asked]
    assert set(row.purchased_item_ids) == owned


def test_an_item_bought_before_the_last_five_hundred_is_still_owned() -> None:
    history = [purchase(n, NOW_S + n) for n in range(CAPACITY + 200)]
    state = fold(history)
    everything = item_set.fingerprints(f"item{n}" for n in range(CAPACITY + 200))
    assert len(state.purchased.items) == CAPACITY
    assert item_set.contains(state.purchased.owned, everything).all()
    assert fold(history[::-1]).purchased.owned == state.purchased.owned


def test_of_items_bought_at_the_same_last_instant_the_first_by_id_are_dropped() -> None:
    ids = [f"item{n:04}" for n in range(CAPACITY + 20)]
    state = fold([Action(KIND_CODE["purchase"], NOW_S, "e", "u", tuple(ids[::-1])), purchase(0, NOW_S - 1.0)])
    assert sorted(state.purchased.items) == ids[20:]


def test_a_small_shoppers_sets_take_four_bytes_an_item() -> None:
    views = [Action(KIND_CODE["view"], NOW_S + n, f"v{n}", "u", (f"item{n}",)) for n in range(20)]
    with_sets = shopper.to_bytes(fold(views))
    without = shopper.to_bytes(replace(fold(views), seen=shopper.EMPTY.seen))
    assert len(with_sets) - len(without) <= 4 * 20 + 4


def purchase(n: int, at_s: float) -> Action:
    return Action(KIND_CODE["purchase"], at_s, f"e{n}", "u", (f"item{n}",))


def test_only_fifty_recent_items_are_kept_whatever_the_order() -> None:
    history = [Action(0, NOW_S + n, f"e{n}", "u", (f"i{n}",)) for n in range(80)]
    expected = [f"i{n}" for n in range(79, 29, -1)]
    assert shopper.columns(fold(history))["recent_item_ids"] == expected
    assert shopper.columns(fold(history[::-1]))["recent_item_ids"] == expected


def test_above_the_capacity_the_items_bought_longest_ago_fall_out() -> None:
    history = [purchase(n, NOW_S + n) for n in range(CAPACITY + 20)]
    kept = set(fold(history).purchased.items)
    assert kept == {f"item{n}" for n in range(20, CAPACITY + 20)}


def test_states_of_different_half_lives_do_not_merge() -> None:
    a, b = (purchased_items.lift(purchase(1, NOW_S), Counting(half_life_s)) for half_life_s in (1.0, 2.0))
    with pytest.raises(ValueError, match="publish new seeds for the tenant"):
        purchased_items.merge(a, b)


def test_states_of_different_target_kinds_do_not_merge() -> None:
    viewed = Action(KIND_CODE["view"], NOW_S, "v", "u", ("item1",))
    a, b = shopper.lift(purchase(1, NOW_S)), shopper.lift(viewed, Counting(kind=KIND_CODE["view"]))
    with pytest.raises(ValueError, match="kinds 3 and 0: expected equal ones; publish new seeds"):
        shopper.merge(a, b)


@pytest.mark.parametrize("value", [b"", b"\xc1", b"\x00", msgpack.packb([99, [], []]), msgpack.packb("text")])
def test_bytes_of_another_format_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="shopper state"):
        shopper.from_bytes(value)


def test_a_shopper_never_seen_reads_as_the_empty_state() -> None:
    assert shopper.read({}).n_events == 0
    assert shopper.read({}, Counting(5.0)).purchased_half_life_s == 5.0
    assert shopper.read(dict.fromkeys(shopper.default_columns())).purchased_item_ids == []


@given(actions())
def test_the_columns_are_exactly_those_feast_registers(action: Action) -> None:
    registered = [field.name for schema in shopper.SCHEMAS for field in schema.fields]
    assert list(shopper.columns(shopper.lift(action))) == registered


@given(histories, st.sampled_from([Counting(10.0), DEFAULT_COUNTING]))
def test_columns_read_from_bytes_are_those_of_the_state(history: list[Action], counting: Counting) -> None:
    state = shopper.fold(shopper.EMPTY, history, counting)
    assert user.read_columns(user.to_bytes(state.user)) == user.columns(state.user)
    of_purchased = purchased_items.to_bytes(state.purchased)
    assert purchased_items.read_columns(of_purchased) == purchased_items.columns(state.purchased)
    older = msgpack.packb([4, user.pack(state.user), purchased_items.pack(state.purchased), [b"", b""]])
    assert user.read_columns(older) == user.columns(state.user)


@given(histories, st.data())
def test_bytes_that_were_cut_off_have_no_columns(history: list[Action], data: st.DataObject) -> None:
    state = shopper.fold(shopper.EMPTY, history)
    for group, value in ((user, user.to_bytes(state.user)), (purchased_items, purchased_items.to_bytes(state.purchased))):
        damaged = value[: data.draw(st.integers(0, len(value) - 1))]
        with pytest.raises(ValueError, match=r"cannot be read|format"):
            group.from_bytes(damaged)  # type: ignore[attr-defined]
        with pytest.raises(ValueError, match=r"cannot be read|format"):
            group.read_columns(damaged)  # type: ignore[attr-defined]
