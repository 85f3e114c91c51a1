"""A shopper's guests: order and repeats do not matter, and the merged row is that of one shopper who did everything."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import guests, shopper
from recommndr.features.action import IDENTIFY, Action
from recommndr.features.guests import CAPACITY, Guest
from recommndr.features.merged_row import merged
from recommndr.features.shopper import ShopperRow
from tests.recommndr.actions import NOW_S, histories

named = st.builds(
    lambda at_s, guest: Action(IDENTIFY, NOW_S - at_s, "e", "u", (), guest_id=guest),
    st.integers(0, 50),
    st.sampled_from([f"g{n}" for n in range(12)]),
)
identifications = st.lists(named, max_size=30)


@given(identifications, st.data())
def test_order_and_repeats_do_not_matter_for_any_number_of_guests(history: list[Action], data: st.DataObject) -> None:
    delivered = data.draw(st.permutations(history + history[:5]))
    one_by_one = reduce(lambda state, action: guests.fold(state, (action,)), delivered, guests.EMPTY)
    assert one_by_one == guests.fold(guests.EMPTY, history)
    assert len(one_by_one) <= CAPACITY


@given(identifications, identifications, identifications)
def test_merge_is_associative_commutative_and_idempotent(a: list[Action], b: list[Action], c: list[Action]) -> None:
    x, y, z = (guests.fold(guests.EMPTY, history) for history in (a, b, c))
    assert guests.merge(guests.merge(x, y), z) == guests.merge(x, guests.merge(y, z))
    assert guests.merge(x, y) == guests.merge(y, x)
    assert guests.merge(x, x) == x
    assert guests.fold(x, a) is x


@given(identifications)
def test_a_state_survives_its_bytes(history: list[Action]) -> None:
    state = guests.fold(guests.EMPTY, history)
    assert guests.from_bytes(guests.to_bytes(state)) == state


@pytest.mark.parametrize("value", [b"", b"\xff", b"\x92\x09\x90", b"\x92\x01\x91\x01"])
def test_bytes_that_are_no_guests_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="guests of"):
        guests.from_bytes(value)


def test_a_shopper_is_not_its_own_guest_and_other_actions_name_none() -> None:
    own = Action(IDENTIFY, NOW_S, "e", "u", (), guest_id="u")
    assert guests.fold(guests.EMPTY, (own, Action(0, NOW_S, "v", "u", ("i1",)))) == guests.EMPTY
    assert guests.columns((Guest(2.0, "b"), Guest(1.0, "a"))) == {"guest_ids": ["b", "a"]}


def row(history: list[Action]) -> ShopperRow:
    return shopper.read(shopper.columns(shopper.fold(shopper.EMPTY, history)))


def at_distinct_instants(history: list[Action]) -> list[Action]:
    """A row does not say which of two actions of one instant came first."""
    return [action._replace(at_s=action.at_s + n / 7, event_id=f"{n:08x}") for n, action in enumerate(history)]


@given(histories, st.data())
def test_the_merged_row_is_that_of_one_shopper_who_did_everything(history: list[Action], data: st.DataObject) -> None:
    history = at_distinct_instants(history)
    owners = data.draw(st.lists(st.integers(0, 3), min_size=len(history), max_size=len(history)))
    own, *others = ([one for one, owner in zip(history, owners, strict=True) if owner == n] for n in range(4))
    found, wanted = merged(row(own), *map(row, data.draw(st.permutations(others)))), row(history)
    for name in ShopperRow.__slots__:
        mine, theirs = getattr(found, name), getattr(wanted, name)
        if isinstance(theirs, np.ndarray):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12, err_msg=name)
        elif name not in ("device", "os", "country", "region", "purchased_half_life_s"):
            assert mine == theirs, name


def test_the_context_is_that_of_whoever_acted_last() -> None:
    phone, desktop = (
        row([Action(0, NOW_S + n, f"v{n}", "u", ("i1",), device=device)]) for n, device in enumerate(("phone", "desktop"))
    )
    nowhere = row([Action(0, NOW_S + 9, "v9", "u", ("i1",))])
    assert merged(phone, desktop).device == merged(desktop, phone).device == "desktop"
    assert merged(phone, nowhere).device == "phone"
