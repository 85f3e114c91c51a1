"""The folds on arrays give, for many entities at once, the bytes of the groups' own folds."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.events import KIND_CODE
from recommndr.features import item, item_set, shopper
from recommndr.features.action import Action
from recommndr.features.arrays.acts import Acts, Names
from recommndr.features.arrays.items import Items
from recommndr.features.arrays.ragged import Ragged
from recommndr.features.arrays.shoppers import Shoppers
from recommndr.features.decay import HALF_LIVES_S, Runs, fold_instants, fold_runs
from recommndr.features.purchased_items import CAPACITY
from recommndr.features.user import RECENT_CAPACITY, tie_of
from tests.recommndr.actions import NOW_S, histories

PURCHASE = KIND_CODE["purchase"]
USERS = ("u1", "u2", "u3")


def acts_of(actions: Sequence[Action], names: Names) -> Acts:
    contexts = [tuple(word or "" for word in (one.device, one.os, one.country, one.region)) for one in actions]
    return Acts(
        user=names.users.numbers(one.user_id for one in actions),
        kind=np.array([one.kind for one in actions], np.int64),
        at_s=np.array([one.at_s for one in actions], np.float64),
        tie=np.array([tie_of(one.event_id) for one in actions], np.int64),
        place=names.places.numbers(contexts),
        n_lines=np.array([len(one.item_ids) for one in actions], np.int64),
        item=names.items.numbers(item_id for one in actions for item_id in one.item_ids),
    )


def folded_as_arrays(packs: Sequence[Sequence[Action]], counting: Counting) -> dict[str, bytes]:
    names = Names()
    shoppers = Shoppers(counting, names)
    for pack in packs:
        shoppers.fold(acts_of(pack, names))
    known = shoppers.known()
    return dict(zip([names.users.ids[one] for one in known], map(shopper.to_bytes, shoppers.states(known)), strict=True))


def folded_one_by_one(packs: Sequence[Sequence[Action]], counting: Counting) -> dict[str, bytes]:
    states = defaultdict(lambda: shopper.EMPTY)
    for pack in packs:
        for action in pack:
            states[action.user_id] = shopper.fold(states[action.user_id], (action,), counting)
    return {user_id: shopper.to_bytes(state) for user_id, state in states.items()}


@st.composite
def packs_of_shoppers(draw: st.DrawFn) -> list[list[Action]]:
    packs = draw(st.lists(histories, max_size=4))
    return [[action._replace(user_id=draw(st.sampled_from(USERS))) for action in pack] for pack in packs]


@given(packs_of_shoppers(), st.sampled_from([DEFAULT_COUNTING, Counting(10.0), Counting(kind=KIND_CODE["view"])]))
def test_arrays_of_shoppers_have_the_bytes_of_their_states(packs: list[list[Action]], counting: Counting) -> None:
    assert folded_as_arrays(packs, counting) == folded_one_by_one(packs, counting)


@pytest.mark.parametrize("kind", ["purchase", "view"])
def test_so_they_have_beyond_every_capacity(kind: str) -> None:
    chance = Random(kind)
    known = [f"i{n}" for n in range(CAPACITY + 300)]

    def orders(user_id: str, n: int) -> list[Action]:
        return [
            Action(KIND_CODE[kind], NOW_S + chance.randrange(n), f"{chance.getrandbits(32):08x}", user_id,
                   tuple(chance.choices(known, k=chance.randrange(1, 6))))
            for _ in range(n)
        ]  # fmt: skip

    packs = [[one for user_id, n in (("much", 300), ("little", 4)) for one in orders(user_id, n)] for _ in range(4)]
    assert folded_as_arrays(packs, DEFAULT_COUNTING) == folded_one_by_one(packs, DEFAULT_COUNTING)
    state = shopper.from_bytes(folded_as_arrays(packs, DEFAULT_COUNTING)["much"])
    assert len(state.user.recent) == RECENT_CAPACITY
    assert item_set.size(state.purchased.owned if kind == "purchase" else state.seen) is None


@given(packs_of_shoppers())
def test_arrays_of_items_have_the_bytes_of_their_states(packs: list[list[Action]]) -> None:
    names, items = Names(), Items()
    one_by_one = defaultdict(lambda: item.EMPTY)
    for pack in packs:
        rows = []
        for action in pack:
            for item_id in dict.fromkeys(action.item_ids):
                n = float(action.item_ids.count(item_id))
                one_by_one[item_id] = item.fold(one_by_one[item_id], action.kind, (action.at_s,), (n,))
                rows.append((item_id, action.kind, action.at_s, n))
        item_ids, kinds, at_s, n_lines = zip(*rows, strict=True) if rows else ((), (), (), ())
        numbers = names.items.numbers(item_ids)
        changed = items.fold(numbers, np.array(kinds, np.int64), np.array(at_s, np.float64), np.array(n_lines, np.float64))
        assert changed.tolist() == sorted(set(numbers.tolist()))
    states = zip(items.known().tolist(), item.values(items.records(items.known())), strict=True)
    assert {names.items.ids[number]: state for number, state in states} == {
        item_id: item.to_bytes(state) for item_id, state in one_by_one.items()
    }


def test_runs_of_any_length_are_counted_to_the_last_bit() -> None:
    chance = np.random.default_rng(7)
    sizes = np.concatenate([[70_000], chance.integers(1, 400, 300), np.ones(1_000, np.int64)])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    at_s = NOW_S + chance.normal(0.0, 86_400.0, starts[-1]) + np.arange(starts[-1])  # most of them, but not all, in order
    n = chance.integers(1, 4, starts[-1]).astype(np.float64)
    before = [fold_instants(None, [NOW_S - 60.0 * run]) if run % 2 else None for run in range(len(sizes))]
    expected = [
        fold_instants(counter, at_s[start:stop].tolist(), n[start:stop].tolist())
        for counter, start, stop in zip(before, starts[:-1], starts[1:], strict=True)
    ]
    before_s = np.array([one.at_s if one else -np.inf for one in before])
    sums = np.array([one.sums if one else (0.0,) * len(HALF_LIVES_S) for one in before])
    newest_s, folded = fold_runs(before_s, sums, Runs(starts, at_s, n), HALF_LIVES_S)
    assert newest_s.tolist() == [one.at_s for one in expected]
    assert folded.tolist() == [list(one.sums) for one in expected]


@given(st.lists(st.dictionaries(st.integers(0, 5), st.lists(st.integers(0, 9), max_size=4), min_size=1), max_size=12))
def test_rows_of_an_entity_are_those_that_were_put_last(changes: list[dict[int, list[int]]]) -> None:
    dtype = np.dtype([("n", np.int64)])
    rows, expected = Ragged(dtype), dict[int, list[int]]()
    for change in changes:
        expected |= change
        values = np.array([(value,) for theirs in change.values() for value in theirs], dtype)
        rows.put(np.array(list(change)), np.array([len(theirs) for theirs in change.values()]), values)
    asked = np.arange(7)
    found, owner = rows.take(asked)
    assert list(zip(owner.tolist(), found["n"].tolist(), strict=True)) == [
        (entity, value) for entity in asked.tolist() for value in expected.get(entity, [])
    ]
