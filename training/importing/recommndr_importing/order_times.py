"""Decides which lines belong to one order and when it began, also when its lines are spread over several files.

Lines of one shopper with one order number belong to one order if they are at most `MARGIN` after its first line. Shops start
their numbers again each year or day, so a later line belongs to another order.
"""

from datetime import timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt

from recommndr_importing.row_ids import Lanes

# Lines of an order are in different files when it was placed around midnight or changed in the days after.
MARGIN = timedelta(days=7)
MARGIN_US = MARGIN // timedelta(microseconds=1)
UNKNOWN = np.iinfo(np.int64).max
Times = npt.NDArray[np.int64]


class Known(Protocol):
    """Orders that are already known."""

    def starts(self, lanes: Lanes, at_us: Times) -> Times:
        """Return when the order of each of n lines began; `UNKNOWN` where no order is known within `MARGIN`."""
        ...


class OrderTimes:
    """Finds when the order of each line began. Lines come in chunks that are in order of time."""

    def __init__(self, known: Known | None = None) -> None:
        self._known = known
        self._keys = np.empty(0, np.uint64)  # sorted, distinct; the orders that further lines may belong to
        self._starts: Times = np.empty(0, np.int64)

    def starts(self, lanes: Lanes, at_us: Times) -> Times:
        """Return when the orders of lines began, (n,) microseconds; `lanes` (n, 2) identifies shopper and order number."""
        keys = lanes[:, 0]
        order = np.lexsort((at_us, keys))
        found = np.empty(len(keys), np.int64)
        left = order
        while len(left):
            _, first, group = np.unique(keys[left], return_index=True, return_inverse=True)
            begun = self._begun(lanes[left[first]], at_us[left[first]])
            self._keep(keys[left[first]], begun)
            start = begun[group]
            is_of_it = at_us[left] <= start + MARGIN_US
            found[left[is_of_it]] = start[is_of_it]
            left = left[~is_of_it]
        self._forget(at_us.max() - MARGIN_US if len(at_us) else 0)
        return found

    def _begun(self, lanes: Lanes, at_us: Times) -> Times:
        """Return when the orders of first lines began: the time of an open order, of a known one, or of the line itself."""
        places = np.searchsorted(self._keys, lanes[:, 0])
        inside = np.minimum(places, max(len(self._keys) - 1, 0))
        begun = at_us.copy()
        is_open = np.zeros(len(at_us), np.bool_)
        if len(self._keys):
            is_open = (self._keys[inside] == lanes[:, 0]) & (at_us <= self._starts[inside] + MARGIN_US)
            begun[is_open] = self._starts[inside[is_open]]
        if self._known is not None and not is_open.all():
            starts = self._known.starts(lanes[~is_open], at_us[~is_open])
            begun[~is_open] = np.where(starts == UNKNOWN, at_us[~is_open], starts)
        return begun

    def _keep(self, keys: npt.NDArray[np.uint64], starts: Times) -> None:
        all_keys = np.concatenate([keys, self._keys])
        self._keys, first = np.unique(all_keys, return_index=True)  # new orders come first, so `unique` keeps them
        self._starts = np.concatenate([starts, self._starts])[first]

    def _forget(self, before_us: int) -> None:
        is_open = self._starts >= before_us
        self._keys, self._starts = self._keys[is_open], self._starts[is_open]
