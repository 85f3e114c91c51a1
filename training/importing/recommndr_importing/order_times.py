"""Which lines are of one order, and when it was: what holds an order's lines together when they come torn between files.

Lines of one shopper with one order number are of one order when they are at most `MARGIN` after its first one. Shops begin
their numbers anew each year or day: a line that is later is of another order.
"""

from datetime import timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt

from recommndr_importing.row_ids import Lanes

# An order's lines lie in different files when it was placed around midnight, or was changed in the days after.
MARGIN = timedelta(days=7)
MARGIN_US = MARGIN // timedelta(microseconds=1)
UNKNOWN = np.iinfo(np.int64).max
Times = npt.NDArray[np.int64]


class Known(Protocol):
    """Orders that are known from elsewhere."""

    def starts(self, lanes: Lanes, at_us: Times) -> Times:
        """When the order began that a line, (n,) of them, is of; `UNKNOWN` where none is known at about that time."""
        ...


class OrderTimes:
    """Says when the order of each line began; lines come in chunks, and no chunk has lines from before the one before it."""

    def __init__(self, known: Known | None = None) -> None:
        self._known = known
        self._keys = np.empty(0, np.uint64)  # sorted, each once; of orders that further lines may be of
        self._starts: Times = np.empty(0, np.int64)

    def starts(self, lanes: Lanes, at_us: Times) -> Times:
        """When the orders of lines began, (n,) microseconds; `lanes` (n, 2) says shopper and number."""
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
        """When the orders began that the first lines of some are of: open ones, known ones, or with these lines."""
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
        self._keys, first = np.unique(all_keys, return_index=True)  # the new ones come first
        self._starts = np.concatenate([starts, self._starts])[first]

    def _forget(self, before_us: int) -> None:
        is_open = self._starts >= before_us
        self._keys, self._starts = self._keys[is_open], self._starts[is_open]
