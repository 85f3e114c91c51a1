"""All groups of many shoppers: `features.shopper` on arrays."""

import numpy as np

from recommndr.counting import Counting
from recommndr.features.action import IMPRESSION
from recommndr.features.arrays.acts import Acts, Names, Pack
from recommndr.features.arrays.purchases import Purchases
from recommndr.features.arrays.ragged import grown
from recommndr.features.arrays.runs import Flags, Ints
from recommndr.features.arrays.sets import ItemSets
from recommndr.features.arrays.users import Users
from recommndr.features.decay import HalfTo, half_to
from recommndr.features.shopper import ShopperState


class Shoppers:
    """For each shopper a `ShopperState`; shoppers are numbers, whose ids `names` has. `power` may be a faster `half_to`."""

    def __init__(self, counting: Counting, names: Names, power: HalfTo = half_to) -> None:
        self._counting = counting
        self._known: Flags = np.zeros(0, np.bool_)
        self._users = Users(names, power)
        self._purchases = Purchases(counting, names, power)
        self._seen = ItemSets(names.items)

    def fold(self, acts: Acts) -> None:
        """`shopper.fold` of each shopper's actions, in their order."""
        if not len(acts):
            return
        pack = Pack.of(acts)
        self._known = grown(self._known, int(pack.users[-1]) + 1)
        self._known[pack.users] = True
        self._users.fold(pack)
        self._purchases.fold(pack)
        kind = pack.acts.kind
        act, item = pack.lines((kind != IMPRESSION) & (kind != self._counting.kind))
        if len(act):
            self._seen.add(pack.users, pack.owner[act], item)

    def known(self) -> Ints:
        """The shoppers who did anything."""
        return np.flatnonzero(self._known)

    def is_known(self, users: Ints) -> Flags:
        """(g,) whether each did anything."""
        self._known = grown(self._known, int(users.max(initial=-1)) + 1)
        known: Flags = self._known[users]
        return known

    def states(self, users: Ints) -> list[ShopperState]:
        """The state of each; an empty one of who did nothing."""
        groups = self._users.states(users), self._purchases.states(users), self._seen.sets(users)
        return list(map(ShopperState, *groups))
