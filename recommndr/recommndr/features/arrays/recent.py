"""The newest items of many shoppers."""

import numpy as np

from recommndr.features.action import IMPRESSION
from recommndr.features.arrays.acts import Pack
from recommndr.features.arrays.ids import ItemIds
from recommndr.features.arrays.ragged import Ragged, Rows
from recommndr.features.arrays.runs import Ints, starts_of
from recommndr.features.user import RECENT_CAPACITY, Recent

_ROW = np.dtype([("at_s", np.float64), ("kind", np.int8), ("tie", np.uint32), ("item", np.int32)])
# Kind (4 bits), tie (32) and the item's rank (28) make one number to sort by.
_KIND_SHIFT, _TIE_SHIFT = np.uint64(60), np.uint64(28)


class RecentItems:
    """For each shopper what `UserState.recent` has."""

    def __init__(self, items: ItemIds) -> None:
        self._rows = Ragged(_ROW)
        self._items = items

    def fold(self, pack: Pack) -> None:
        """Merge the items of the pack's actions in."""
        act, item = pack.lines(pack.acts.kind != IMPRESSION)
        known, known_owner = self._rows.take(pack.users)
        rows = np.empty(len(act), _ROW)
        for name in ("at_s", "kind", "tie"):
            rows[name] = getattr(pack.acts, name)[act]
        rows["item"] = item
        rows, owner = np.concatenate([known, rows]), np.concatenate([known_owner, pack.owner[act]])
        rows, owner = self._newest(rows, owner)
        self._rows.put(pack.users, np.bincount(owner, minlength=len(pack.users)), rows)

    def _newest(self, rows: Rows, owner: Ints) -> tuple[Rows, Ints]:
        """Newest first per owner, each item once, at most the capacity."""
        kind, tie = rows["kind"].astype(np.uint64), rows["tie"].astype(np.uint64)
        minor = (kind << _KIND_SHIFT) | (tie << _TIE_SHIFT) | self._items.ranks()[rows["item"]].astype(np.uint64)
        order = np.lexsort((~minor, -rows["at_s"], owner))
        rows, owner = rows[order], owner[order]
        _, first = np.unique(owner * len(self._items) + rows["item"], return_index=True)
        first.sort()
        rows, owner = rows[first], owner[first]
        starts = starts_of(owner)
        kept = np.arange(len(owner)) - np.repeat(starts[:-1], np.diff(starts)) < RECENT_CAPACITY
        return rows[kept], owner[kept]

    def recent(self, users: Ints) -> list[tuple[Recent, ...]]:
        """Those of each shopper, newest first."""
        rows, _ = self._rows.take(users)
        ids = self._items.ids
        items = [ids[item] for item in rows["item"].tolist()]
        made = list(map(Recent, rows["at_s"].tolist(), rows["kind"].tolist(), rows["tie"].tolist(), items))
        ends = np.cumsum(self._rows.lengths(users)).tolist()
        return [tuple(made[start:stop]) for start, stop in zip([0, *ends], ends, strict=False)]
