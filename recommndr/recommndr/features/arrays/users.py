"""The user group of many shoppers: `features.user` on arrays."""

import numpy as np

from recommndr.features.action import IMPRESSION
from recommndr.features.arrays.acts import Names, Pack
from recommndr.features.arrays.contexts import Contexts
from recommndr.features.arrays.counters import KindCounters
from recommndr.features.arrays.ragged import grown
from recommndr.features.arrays.recent import RecentItems
from recommndr.features.arrays.runs import Ints
from recommndr.features.decay import HalfTo, half_to
from recommndr.features.user import UserState


class Users:
    """For each shopper a `UserState`."""

    def __init__(self, names: Names, power: HalfTo = half_to) -> None:
        self._n_events = np.zeros(0, np.int64)
        self._counters = KindCounters(power)
        self._recent = RecentItems(names.items)
        self._contexts = Contexts(names.places)

    def fold(self, pack: Pack) -> None:
        """`user.fold` of each shopper's actions."""
        acts, users = pack.acts, pack.users
        self._know(users)
        counted = (acts.kind != IMPRESSION) & (acts.n_lines > 0)
        self._n_events[users] += np.add.reduceat(counted.astype(np.int64), pack.starts[:-1])
        self._counters.fold(users, pack.owner, acts.kind, acts.at_s, np.ones(len(acts)))
        self._recent.fold(pack)
        self._contexts.fold(pack)

    def states(self, users: Ints) -> list[UserState]:
        """The state of each shopper."""
        self._know(users)
        columns = (
            self._n_events[users].tolist(),
            self._counters.counters(users),
            self._recent.recent(users),
            self._contexts.contexts(users),
        )
        return list(map(UserState, *columns))

    def _know(self, users: Ints) -> None:
        self._n_events = grown(self._n_events, int(users.max(initial=-1)) + 1)
