"""The items of a catalogue in the order of their ids; both slots share this order, so a cursor works on either."""

from threading import Lock

import numpy as np

from recommndr_engine.arrays import Mask, Rows
from recommndr_engine.live_items import LiveItems


class IdOrder:
    """The order over one live item table; any thread may ask for it."""

    def __init__(self, live: LiveItems) -> None:
        self._live = live
        self._updating = Lock()
        self._ids: list[str] = []  # sorted
        self._rows = np.zeros(0, np.int32)  # parallel
        self._indexed: Mask = np.zeros(0, np.bool_)  # by live row

    def current(self) -> tuple[list[str], Rows]:
        """All ids that were ever in the catalogue, sorted, and their live rows. Takes milliseconds when many are new."""
        with self._updating:
            catalogued = self._live.table.catalogued
            grown = np.zeros(len(catalogued), np.bool_)
            grown[: len(self._indexed)] = self._indexed
            self._indexed = grown
            new = [
                (item.item_id, row) for row in np.flatnonzero(catalogued & ~grown).tolist() if (item := self._live.item(row))
            ]
            if new:
                # Nearly sorted already: the sort is little more than a pass.
                pairs = sorted([*zip(self._ids, self._rows.tolist(), strict=True), *new])
                self._ids = [item_id for item_id, _ in pairs]
                self._rows = np.array([row for _, row in pairs], np.int32)
                self._indexed[[row for _, row in new]] = True
            return self._ids, self._rows
