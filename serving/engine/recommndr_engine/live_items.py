"""The live item table of one tenant: the current state of every item, as arrays.

Append-only: an item keeps its row for the life of the process, so bundles swap without renumbering and an item newer than any
bundle has a row. One writer at a time, any number of readers: values change in place, growth publishes new arrays by
swapping one reference, so a reader works on the `ItemTable` it took and never sees an array of another length.
"""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from recommndr.catalog import CatalogItem
from recommndr.events import N_KIND_SLOTS
from recommndr.features import item as item_features
from recommndr.features import item_set
from recommndr.features.decay import N_HALF_LIVES
from recommndr_engine.arrays import NO_ROW, Mask, Rows, Times
from recommndr_engine.live_segments import LiveSegments
from recommndr_engine.shop_rules import SHOW_ALL, ShopRules

MAX_LEVELS = 8  # the maximum of `CatalogItem.category_path`
NO_CODE = -1
_FIRST_CAPACITY = 1024
_KEPT_CHANGES = 1024  # batches of the tail, some minutes' worth


@dataclass(frozen=True, slots=True)
class ItemTable:
    """One published set of arrays, all of the same length; rows without an item hold default values."""

    at_s: Times  # (n, N_KIND_SLOTS) reference times of the sums; 0 = never
    sums: npt.NDArray[np.float32]  # (n, N_KIND_SLOTS, N_HALF_LIVES)
    first_at_s: Times  # (n,) time of the first event; inf = none yet
    catalogued: Mask  # (n,)
    available: Mask  # (n,)
    from_s: Times  # (n,) shown from this time on
    until_s: Times  # (n,) and until this time
    categories: Rows  # (n, MAX_LEVELS) code of the path down to each level; NO_CODE = no such level
    leaf: Rows  # (n,) code of the whole path
    brand: Rows  # (n,) code of the brand
    group: Rows  # (n,) code of the group of colours and sizes
    price_minor: npt.NDArray[np.float32]  # (n,) NaN = unknown
    fingerprint: item_set.Fingerprints  # (n,) of the id

    def __len__(self) -> int:
        return len(self.first_at_s)

    def shown(self, rows: Rows, now_s: float) -> Mask:
        """(n,) whether each row is catalogued, available and within its dates; False for `NO_ROW`."""
        shown: Mask = self.catalogued[rows] & self.available[rows]
        shown &= (self.from_s[rows] <= now_s) & (now_s < self.until_s[rows]) & (rows != NO_ROW)
        return shown


def _empty_table(n: int) -> ItemTable:
    return ItemTable(
        at_s=np.zeros((n, N_KIND_SLOTS)),
        sums=np.zeros((n, N_KIND_SLOTS, N_HALF_LIVES), np.float32),
        first_at_s=np.full(n, np.inf),
        catalogued=np.zeros(n, np.bool_),
        available=np.ones(n, np.bool_),
        from_s=np.full(n, -np.inf),
        until_s=np.full(n, np.inf),
        categories=np.full((n, MAX_LEVELS), NO_CODE, np.int32),
        leaf=np.full(n, NO_CODE, np.int32),
        brand=np.full(n, NO_CODE, np.int32),
        group=np.full(n, NO_CODE, np.int32),
        price_minor=np.full(n, np.nan, np.float32),
        fingerprint=np.zeros(n, np.uint32),
    )


Named = TypeVar("Named", bound=Hashable)


class Codes(Generic[Named]):
    """Names as small integers, in order of first use."""

    def __init__(self) -> None:
        self._codes: dict[Named, int] = {}

    def code(self, name: Named | None) -> int:
        """The code of `name`, a new one if needed; `NO_CODE` for None."""
        return NO_CODE if name is None else self._codes.setdefault(name, len(self._codes))

    def find(self, name: Named) -> int | None:
        """The code of `name`, or None if no item has it."""
        return self._codes.get(name)


class LiveItems:
    """All live items of one tenant; the module's docstring has the rules for readers and writers."""

    def __init__(self, capacity: int = _FIRST_CAPACITY, rules: ShopRules = SHOW_ALL) -> None:
        self._rules = rules
        self._table = _empty_table(capacity)
        self.segments = LiveSegments()
        self._row_of: dict[str, int] = {}
        self._items: list[CatalogItem | None] = []
        self._writing = Lock()
        self.category_codes: Codes[tuple[str, ...]] = Codes()  # of paths from the root
        self._codes_of: dict[tuple[str, ...], tuple[int, ...]] = {}  # by path; a shop has far fewer paths than items
        self.brand_codes: Codes[str] = Codes()
        self._group_codes: Codes[str] = Codes()
        self._members: dict[int, list[int]] = {}  # live rows by code of their group, in order of arrival
        # They grow with every change, so that readers know when what they keep is stale.
        self.n_changes = 0  # of catalogue or availability
        self.n_catalogue_changes = 0
        self.n_feature_changes = 0
        self._changed: deque[Rows] = deque(maxlen=_KEPT_CHANGES)  # live rows of the newest changes of features

    def __len__(self) -> int:
        return len(self._items)

    @property
    def table(self) -> ItemTable:
        """The arrays as published now; take it once per request."""
        return self._table

    def rows_of(self, item_ids: Sequence[str], create: bool = False) -> Rows:
        """Live rows of ids; unknown ones get a hidden row if `create`, else `NO_ROW`. Take `table` after, not before."""
        if create:
            with self._writing:
                return self._rows_created(item_ids)
        get = self._row_of.get
        return np.fromiter((get(item_id, NO_ROW) for item_id in item_ids), np.int32, len(item_ids))

    def item(self, row: int) -> CatalogItem | None:
        """The catalogue entry of a live row; None while it is hidden."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def get(self, item_id: str) -> CatalogItem | None:
        """The catalogue entry of an id; None when there is none."""
        return self.item(self._row_of.get(item_id, NO_ROW))

    def with_groups(self, rows: Rows) -> Rows:
        """`rows` and all rows of their groups of colours and sizes, each once."""
        if not len(rows):
            return rows
        codes = np.unique(self._table.group[rows])
        members = [row for code in codes.tolist() if code != NO_CODE for row in self._members[code]]
        return np.union1d(rows, np.array(members, np.int32)) if members else rows

    def rows_in(self, items: bytes) -> Rows:
        """Live rows of the items in a set of `item_set`; a few may be wrong, as that module says."""
        return np.flatnonzero(item_set.contains(items, self._table.fingerprint[: len(self)])).astype(np.int32)

    def apply_features(self, item_ids: Sequence[str], values: Sequence[bytes | None]) -> None:
        """Newest item states (`recommndr.features.item` bytes; None erases); raises `ValueError` for another format."""
        kept = [(item_id, value) for item_id, value in zip(item_ids, values, strict=True) if value is not None]
        erased = [item_id for item_id, value in zip(item_ids, values, strict=True) if value is None]
        records = item_features.read([value for _, value in kept])
        with self._writing:
            rows = self._rows_created([item_id for item_id, _ in kept])
            table = self._table
            table.at_s[rows] = records["at_s"]
            table.sums[rows] = records["sums"]
            table.first_at_s[rows] = records["first_at_s"]
            gone = self._rows_created(erased)
            self._table.at_s[gone] = 0.0
            self._table.sums[gone] = 0.0
            self._table.first_at_s[gone] = np.inf
            self._changed.append(np.concatenate([rows, gone]))
            self.n_feature_changes += 1

    def apply_segments(self, names: Sequence[str], item_ids: Sequence[str], values: Sequence[bytes | None]) -> None:
        """Newest states of items in segments (`recommndr.features.segment` bytes; None erases).

        Raises `ValueError` for another format.
        """
        with self._writing:
            self.segments.put(names, self._rows_created(item_ids), values)

    def changed_since(self, n_feature_changes: int) -> Rows | None:
        """Live rows whose features changed after that number of changes; None when too long ago to tell."""
        n = self.n_feature_changes - n_feature_changes
        if n > len(self._changed):
            return None
        return np.unique(np.concatenate([np.zeros(0, np.int32), *list(self._changed)[len(self._changed) - n :]]))

    def apply_catalog(self, items: Mapping[str, CatalogItem | None]) -> None:
        """Newest catalogue entries by id; None takes an item out of the catalogue (its row stays, hidden)."""
        with self._writing:
            rows = self._rows_created(list(items))
            self._catalogue(rows, list(items.values()))
            self.n_changes += 1
            self.n_catalogue_changes += 1

    def apply_availability(self, available: Mapping[str, bool | None]) -> None:
        """Newest availability by id; None = no record = available."""
        with self._writing:
            rows = self._rows_created(list(available))
            self._table.available[rows] = [value is not False for value in available.values()]
            self.n_changes += 1

    def _rows_created(self, item_ids: Sequence[str]) -> Rows:
        new = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in self._row_of]
        start = len(self._items)
        self._grow(start + len(new))
        self._table.fingerprint[start : start + len(new)] = item_set.fingerprints(new)
        self._row_of.update(zip(new, range(start, start + len(new)), strict=True))
        self._items += [None] * len(new)
        return np.fromiter((self._row_of[item_id] for item_id in item_ids), np.int32, len(item_ids))

    def _grow(self, n_rows: int) -> None:
        old = self._table
        if n_rows <= len(old):
            return
        capacity = len(old)
        while capacity < n_rows:
            capacity *= 2
        grown = _empty_table(capacity)
        for column in fields(ItemTable):
            getattr(grown, column.name)[: len(old)] = getattr(old, column.name)
        self._table = grown

    def _catalogue(self, rows: Rows, items: Sequence[CatalogItem | None]) -> None:
        """The entries of distinct live rows. A reader sees an item only after its columns are written."""
        table, shown = self._table, [None if item is None else self._rules.shown(item) for item in items]
        for row, item in zip(rows.tolist(), shown, strict=True):
            self._items[row] = item
        is_shown = np.array([item is not None for item in shown], np.bool_)
        table.catalogued[rows[~is_shown]] = False
        known = [item for item in items if item is not None]
        if not known:
            return
        here = rows[[item is not None for item in items]]
        table.categories[here] = [self._path_codes(item.category_path) for item in known]
        table.leaf[here] = table.categories[here, [max(len(item.category_path) - 1, 0) for item in known]]
        table.brand[here] = [self.brand_codes.code(item.brand) for item in known]
        for row, item in zip(here.tolist(), known, strict=True):
            self._regroup(row, self._group_codes.code(item.group_id))
        table.price_minor[here] = [np.nan if item.price_minor is None else item.price_minor for item in known]
        table.from_s[here] = [-np.inf if item.available_from is None else item.available_from.timestamp() for item in known]
        table.until_s[here] = [np.inf if item.available_until is None else item.available_until.timestamp() for item in known]
        table.catalogued[rows[is_shown]] = True

    def _path_codes(self, path: tuple[str, ...]) -> tuple[int, ...]:
        """(MAX_LEVELS,) the code of the path down to each level."""
        if path not in self._codes_of:
            codes = [self.category_codes.code(path[:depth]) for depth in range(1, len(path) + 1)]
            self._codes_of[path] = (*codes, *[NO_CODE] * (MAX_LEVELS - len(codes)))
        return self._codes_of[path]

    def _regroup(self, row: int, code: int) -> None:
        before = int(self._table.group[row])
        if code == before:
            return
        # A reader may iterate over the list: additions grow it in place, removals replace it.
        if before != NO_CODE:
            self._members[before] = [member for member in self._members[before] if member != row]
        if code != NO_CODE:
            self._members.setdefault(code, []).append(row)
        self._table.group[row] = code
