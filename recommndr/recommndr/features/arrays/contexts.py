"""The last contexts of many shoppers."""

import numpy as np

from recommndr.features.arrays.acts import Pack
from recommndr.features.arrays.ids import Ids
from recommndr.features.arrays.ragged import grown
from recommndr.features.arrays.runs import Ints
from recommndr.features.decay import FloatArray
from recommndr.features.user import LastContext

_PLACE_BITS = 31  # a place's rank below 32 bits of tie


class Contexts:
    """For each shopper what `UserState.context` has: the newest, of one instant that of the higher tie, then by the words."""

    def __init__(self, places: Ids[tuple[str, ...]]) -> None:
        self._places = places
        self._at_s: FloatArray = np.zeros(0)
        self._tie: Ints = np.zeros(0, np.int64)
        self._place: Ints = np.zeros(0, np.int64)

    def fold(self, pack: Pack) -> None:
        """Take the contexts of the pack's actions."""
        ranks, users, acts = self._places.ranks(), pack.users, pack.acts
        self._know(users)
        at_s = np.where(acts.place > 0, acts.at_s, -np.inf)
        newest_s = np.maximum.reduceat(at_s, pack.starts[:-1])
        order = (acts.tie << _PLACE_BITS) | ranks[acts.place]
        best = np.maximum.reduceat(np.where(at_s == newest_s[pack.owner], order, -1), pack.starts[:-1])
        mine = (self._tie[users] << _PLACE_BITS) | ranks[self._place[users]]
        newer = (newest_s > self._at_s[users]) | ((newest_s == self._at_s[users]) & (best > mine))
        place_of_rank = np.argsort(ranks)
        self._at_s[users[newer]] = newest_s[newer]
        self._tie[users[newer]] = best[newer] >> _PLACE_BITS
        self._place[users[newer]] = place_of_rank[best[newer] & ((1 << _PLACE_BITS) - 1)]

    def contexts(self, users: Ints) -> list[LastContext]:
        """Those of each shopper."""
        self._know(users)
        words = self._places.ids
        columns = (self._at_s[users].tolist(), self._tie[users].tolist(), self._place[users].tolist())
        return [LastContext(at_s, tie, *words[place]) for at_s, tie, place in zip(*columns, strict=True)]

    def _know(self, users: Ints) -> None:
        n = int(users.max(initial=-1)) + 1
        self._at_s, self._tie, self._place = (grown(one, n) for one in (self._at_s, self._tie, self._place))
