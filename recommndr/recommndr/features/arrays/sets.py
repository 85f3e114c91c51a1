"""Sets of items of many shoppers."""

import numpy as np

from recommndr.features import item_set
from recommndr.features.arrays.ids import ItemIds
from recommndr.features.arrays.ragged import Ragged
from recommndr.features.arrays.runs import Ints

_ROW = np.dtype([("fingerprint", np.uint32)])


class ItemSets:
    """For each shopper an `item_set`; here as all its fingerprints, whatever their number."""

    def __init__(self, items: ItemIds) -> None:
        self._rows = Ragged(_ROW)
        self._items = items

    def add(self, users: Ints, owner: Ints, item: Ints) -> None:
        """Add items; `owner` is the place in `users` (distinct) of each item's shopper."""
        known, known_owner = self._rows.take(users)
        new = (owner << 32) | self._items.fingerprints()[item]
        members = np.unique(np.concatenate([(known_owner << 32) | known["fingerprint"], new]))
        rows = (members & 0xFFFFFFFF).astype(_ROW["fingerprint"]).view(_ROW)
        self._rows.put(users, np.bincount(members >> 32, minlength=len(users)), rows)

    def sets(self, users: Ints) -> list[bytes]:
        """The set of each shopper."""
        rows, _ = self._rows.take(users)
        members, ends = rows["fingerprint"], np.cumsum(self._rows.lengths(users)).tolist()
        return [item_set.of_ordered(members[start:stop]) for start, stop in zip([0, *ends], ends, strict=False)]
