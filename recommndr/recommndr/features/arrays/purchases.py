"""Purchased items of many shoppers: `features.purchased_items` on arrays.

A shopper who has bought more items than the capacity is folded by the group's own code, order by order: which item falls out
depends on what was there at each order.
"""

from collections.abc import Iterator

import numpy as np

from recommndr.counting import Counting
from recommndr.features import purchased_items
from recommndr.features.action import Action
from recommndr.features.arrays.acts import Names, Pack
from recommndr.features.arrays.ragged import Ragged, Rows
from recommndr.features.arrays.runs import Ints, met, starts_of
from recommndr.features.arrays.sets import ItemSets
from recommndr.features.decay import FloatArray, HalfTo, Runs, fold_runs, half_to
from recommndr.features.purchased_items import CAPACITY, Purchased, PurchasedItemsState

_ROW = np.dtype(
    [("item", np.int32), ("decayed", np.float64), ("n_orders", np.int64), ("first_s", np.float64), ("last_s", np.float64)]
)


class Purchases:
    """For each shopper a `PurchasedItemsState`."""

    def __init__(self, counting: Counting, names: Names, power: HalfTo = half_to) -> None:
        self._counting, self._power = counting, power
        self._items = names.items
        self._rows = Ragged(_ROW)  # a shopper's in the order of item numbers
        self._owned = ItemSets(names.items)

    def fold(self, pack: Pack) -> None:
        """`purchased_items.fold` of each shopper's actions."""
        act, item = pack.lines(pack.acts.kind == self._counting.kind)
        if not len(act):
            return
        once = np.unique(act * len(self._items) + item)  # an item on two lines of an order counts once
        act, item = once // len(self._items), once % len(self._items)
        self._owned.add(pack.users, pack.owner[act], item)
        buyers, owner = np.unique(pack.owner[act], return_inverse=True)
        users = pack.users[buyers]
        n, rows = self._folded(users, owner, item, pack.acts.at_s[act])
        above = n > CAPACITY
        states = [self._one_by_one(pack, int(buyer), act, item) for buyer in buyers[above]]
        self._rows.put(users[~above], n[~above], rows[np.repeat(~above, n)])
        for user, state in zip(users[above], states, strict=True):
            self._put(user, state)

    def _folded(self, users: Ints, owner: Ints, item: Ints, at_s: FloatArray) -> tuple[Ints, Rows]:
        """The rows of these shoppers with orders of items merged in, without a capacity, and the number of each one's."""
        key = owner * len(self._items) + item
        order = np.argsort(key, kind="stable")
        key, at_s = key[order], at_s[order]
        starts = starts_of(key)
        keys = key[starts[:-1]]
        known, known_owner = self._rows.take(users)
        known_keys = known_owner * len(self._items) + known["item"]
        place, goes_on = met(keys, known_keys)
        before = np.zeros(len(keys), _ROW)
        before["first_s"], before["last_s"] = np.inf, -np.inf
        before[place[goes_on]] = known[goes_on]
        rows = np.empty(len(keys), _ROW)
        rows["item"] = keys % len(self._items)
        rows["n_orders"] = before["n_orders"] + np.diff(starts)
        rows["first_s"] = np.minimum(before["first_s"], np.minimum.reduceat(at_s, starts[:-1]))
        last_s, decayed = fold_runs(
            before["last_s"], before["decayed"][:, np.newaxis], Runs(starts, at_s, np.ones(len(at_s))),
            (self._counting.half_life_s,), self._power,
        )  # fmt: skip
        rows["last_s"], rows["decayed"] = last_s, decayed[:, 0]
        all_keys = np.concatenate([keys, known_keys[~goes_on]])
        order = np.argsort(all_keys, kind="stable")
        n = np.bincount(all_keys // len(self._items), minlength=len(users))
        return n, np.concatenate([rows, known[~goes_on]])[order]

    def _one_by_one(self, pack: Pack, buyer: int, act: Ints, item: Ints) -> PurchasedItemsState:
        """The state of a shopper with too many items, by `purchased_items.fold`; without what is owned."""
        lines = slice(*np.searchsorted(act, pack.starts[buyer : buyer + 2]).tolist())
        state = PurchasedItemsState(self._counting, self._mappings(pack.users[buyer : buyer + 1])[0])
        return purchased_items.fold(state, self._orders(pack, act[lines], item[lines]), self._counting)

    def _orders(self, pack: Pack, act: Ints, item: Ints) -> Iterator[Action]:
        starts = starts_of(act)
        ids = [self._items.ids[one] for one in item.tolist()]
        for start, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            yield Action(self._counting.kind, float(pack.acts.at_s[act[start]]), "", "", tuple(ids[start:stop]))

    def _put(self, user: int, state: PurchasedItemsState) -> None:
        rows = np.array([(self._items.find(item_id), *one) for item_id, one in state.items.items()], _ROW)
        self._rows.put(np.array([user]), np.array([len(rows)]), np.sort(rows, order="item"))

    def _mappings(self, users: Ints) -> list[dict[str, Purchased]]:
        rows, owner = self._rows.take(users)
        found: list[dict[str, Purchased]] = [{} for _ in range(len(users))]
        ids = self._items.ids
        columns = (owner.tolist(), *(rows[name].tolist() for name in ("item", "decayed", "n_orders", "first_s", "last_s")))
        for one, item, *values in zip(*columns, strict=True):
            found[one][ids[item]] = Purchased(*values)
        return found

    def states(self, users: Ints) -> list[PurchasedItemsState]:
        """The state of each shopper."""
        owned = self._owned.sets(users)
        return [PurchasedItemsState(self._counting, *one) for one in zip(self._mappings(users), owned, strict=True)]
