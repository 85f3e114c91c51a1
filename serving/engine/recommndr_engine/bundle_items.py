"""The items of one bundle: ids by row, rows by id, and each item's row in the live item table."""

from collections.abc import Sequence
from itertools import repeat
from pathlib import Path

import numpy as np

from recommndr_engine.arrays import NO_ROW, Rows

ITEM_IDS_FILE = "item_ids.npy"


class BundleItems:
    """Ids of a bundle, sorted; row i of every array of the bundle is item i."""

    def __init__(self, item_ids: Sequence[str]) -> None:
        self.ids = list(item_ids)
        self._row_of = {item_id: row for row, item_id in enumerate(self.ids)}

    @classmethod
    def read(cls, path: Path) -> "BundleItems":
        """Read `item_ids.npy`: a NumPy array of fixed-width UTF-8 bytes."""
        return cls([item_id.decode() for item_id in np.load(path, allow_pickle=False).tolist()])

    def write(self, path: Path) -> None:
        """Write `item_ids.npy`."""
        np.save(path, np.array([item_id.encode() for item_id in self.ids], "S"), allow_pickle=False)

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, item_id: str) -> int:
        """Row of an id; `NO_ROW` if the bundle does not have it."""
        return self._row_of.get(item_id, NO_ROW)

    def rows_of(self, item_ids: Sequence[str]) -> Rows:
        """Rows of ids; `NO_ROW` for ids that the bundle does not have."""
        return np.fromiter(map(self._row_of.get, item_ids, repeat(NO_ROW)), np.int32, len(item_ids))
