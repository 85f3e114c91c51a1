"""What each shopper took (the target events), by shopper and time: the labels of requests at any instants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recommndr_engine.arrays import Rows
from recommndr_training.data import logins
from recommndr_training.data.interactions import Floats, Interactions, Ints
from recommndr_training.data.logins import NO_LOGINS


@dataclass(frozen=True, slots=True)
class Takings:
    """Target events as parallel arrays, by user and then oldest first."""

    users: Ints
    items: Ints
    at_s: Floats
    known_s: Floats
    starts: npt.NDArray[np.intp]  # (n_users + 1,) where each user's events begin
    row_of: Mapping[str, int]  # user id -> row
    guests: Mapping[int, Sequence[tuple[float, int]]] = field(default_factory=dict)  # user -> (known since, guest)

    @classmethod
    def of(cls, known: Interactions, identified: pa.Table = NO_LOGINS) -> "Takings":
        """All target events of `known`; `identified` are the logins of the shop."""
        targets = known.targets
        order = np.argsort(targets.users, kind="stable")  # stays oldest first within a user
        users = targets.users[order]
        starts = np.searchsorted(users, np.arange(len(known.user_ids) + 1))
        row_of = _rows(known.user_ids)
        of_targets = (targets.items[order], targets.at_s[order], targets.known_s[order])
        return cls(users, *of_targets, starts, row_of, logins.known_since(identified, row_of))

    def users_between(self, since_s: float, until_s: float) -> Ints:
        """Users with an event in [since_s, until_s), each once, ascending."""
        users: Ints = np.unique(self.users[(self.at_s >= since_s) & (self.at_s < until_s)])
        return users

    def places(self, users: Ints, at_s: Floats) -> npt.NDArray[np.intp]:
        """(n,) where each user's first event at or after each instant is, or would be."""
        everyone = np.concatenate([users, self.users])
        instants = np.concatenate([at_s, self.at_s])
        is_event = np.arange(len(everyone)) >= len(users)
        order = np.lexsort((is_event, instants, everyone))  # an instant is before the events of the same time
        place = np.empty(len(everyone), np.intp)
        place[order] = np.cumsum(is_event[order])
        return place[: len(users)]

    def takes(self, user_id: str, since_s: float, horizon_s: float) -> bool:
        """Whether the user takes something in [since_s, since_s + horizon_s)."""
        user = self.row_of.get(user_id)
        return user is not None and len(self.within(user, since_s, since_s + horizon_s)) > 0

    def within(self, user: int, since_s: float, until_s: float) -> Rows:
        """Distinct items that the user took in [since_s, until_s), ascending."""
        mine = slice(self.starts[user], self.starts[user + 1])
        begin, end = np.searchsorted(self.at_s[mine], [since_s, until_s])
        items: Rows = np.unique(self.items[mine][begin:end])
        return items

    def next(self, user: int, at_s: float) -> Rows:
        """Distinct items of the user's first event at or after `at_s`, none without one; events of one instant count as one."""
        mine = slice(self.starts[user], self.starts[user + 1])
        begin = np.searchsorted(self.at_s[mine], at_s)
        end = np.searchsorted(self.at_s[mine], self.at_s[mine][begin : begin + 1], "right").sum()
        items: Rows = np.unique(self.items[mine][begin:end])
        return items

    def before(self, user: int, at_s: float) -> Rows:
        """Distinct items that the shop knew the user, or a guest known to be the user, had taken before `at_s`, ascending."""
        guests = [guest for since_s, guest in self.guests.get(user, ()) if since_s < at_s]
        items: Rows = np.unique(np.concatenate([self._before(one, at_s) for one in (user, *guests)]))
        return items

    def _before(self, user: int, at_s: float) -> Rows:
        mine = slice(self.starts[user], self.starts[user + 1])
        items: Rows = self.items[mine][(self.at_s[mine] < at_s) & (self.known_s[mine] < at_s)]
        return items


def _rows(user_ids: Sequence[str]) -> dict[str, int]:
    return {user_id: row for row, user_id in enumerate(user_ids)}
