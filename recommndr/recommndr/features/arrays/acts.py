"""Actions as arrays: what the array folds read of many actions."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np

from recommndr.features.arrays.ids import Ids, ItemIds
from recommndr.features.arrays.runs import Flags, Ints, places, starts_of
from recommndr.features.decay import FloatArray

NOWHERE = ("", "", "", "")  # the words of a context that says nothing: device, os, country, region


class Names:
    """The ids behind the numbers of `Acts`; place 0 is `NOWHERE`. Only shoppers of `takes` have numbers."""

    def __init__(self, takes: Callable[[str], bool] = lambda _: True) -> None:
        self.users: Ids[str] = Ids(takes=takes)
        self.items = ItemIds()
        self.places: Ids[tuple[str, ...]] = Ids(NOWHERE)


@dataclass(frozen=True)
class Acts:
    """(n,) actions in the order of their folding, with (m,) lines: those of the first action, then those of the second, …"""

    user: Ints
    kind: Ints
    at_s: FloatArray
    tie: Ints  # `user.tie_of` the event's id
    place: Ints
    n_lines: Ints
    item: Ints  # (m,)

    def __len__(self) -> int:
        return len(self.user)

    @cached_property
    def act_of_line(self) -> Ints:
        """(m,) the place of each line's action."""
        return np.repeat(np.arange(len(self)), self.n_lines)

    def take(self, chosen: Ints) -> Self:
        """These actions, in this order."""
        lines = places((np.cumsum(self.n_lines) - self.n_lines)[chosen], self.n_lines[chosen])
        of_acts = {one.name: getattr(self, one.name)[chosen] for one in fields(self) if one.name != "item"}
        return type(self)(**of_acts, item=self.item[lines])


@dataclass(frozen=True)
class Pack:
    """Actions of shoppers, shopper by shopper."""

    acts: Acts
    users: Ints  # (g,) ascending
    starts: Ints  # (g + 1,) of each shopper's actions

    @classmethod
    def of(cls, acts: Acts) -> Self:
        """Sorted by shopper; each shopper's actions keep their order."""
        by_user = acts.take(np.argsort(acts.user, kind="stable"))
        starts = starts_of(by_user.user)
        return cls(by_user, by_user.user[starts[:-1]], starts)

    @cached_property
    def owner(self) -> Ints:
        """(n,) the place in `users` of each action's shopper."""
        return np.repeat(np.arange(len(self.users)), np.diff(self.starts))

    def lines(self, which: Flags) -> tuple[Ints, Ints]:
        """The lines of some of the actions: the place of each one's action, and its item."""
        chosen = which[self.acts.act_of_line]
        return self.acts.act_of_line[chosen], self.acts.item[chosen]


def joined(parts: list[Acts]) -> Acts:
    """All actions, those of the first part first."""
    return Acts(**{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Acts)})
