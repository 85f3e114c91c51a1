"""The item group of many items: `features.item` on arrays."""

import numpy as np

from recommndr.features.arrays.counters import KindCounters
from recommndr.features.arrays.ragged import grown
from recommndr.features.arrays.runs import Ints, starts_of
from recommndr.features.decay import FloatArray, HalfTo, half_to
from recommndr.features.item import Records, records


class Items:
    """For each item what an `ItemState` has; items are numbers."""

    def __init__(self, power: HalfTo = half_to) -> None:
        self._first_s: FloatArray = np.zeros(0)
        self._known = np.zeros(0, np.bool_)
        self._counters = KindCounters(power)

    def fold(self, item: Ints, kind: Ints, at_s: FloatArray, n_lines: FloatArray) -> Ints:
        """`item.fold` of (m,) events with an item, in their order; returns the items that have changed, ascending."""
        order = np.argsort(item, kind="stable")
        starts = starts_of(item[order])
        items = item[order[starts[:-1]]]
        if not len(items):
            return items
        self._know(int(items[-1]) + 1)
        first_s = np.minimum.reduceat(at_s[order], starts[:-1])
        self._first_s[items] = np.where(self._known[items], np.minimum(self._first_s[items], first_s), first_s)
        self._known[items] = True
        owner = np.repeat(np.arange(len(items)), np.diff(starts))
        self._counters.fold(items, owner, kind[order], at_s[order], n_lines[order])
        return items

    def known(self) -> Ints:
        """The items with any event."""
        return np.flatnonzero(self._known)

    def records(self, items: Ints) -> Records:
        """(g,) the record of each of these known items."""
        return records(self._first_s[items], *self._counters.dense(items))

    def _know(self, n: int) -> None:
        self._first_s, self._known = grown(self._first_s, n), grown(self._known, n)
