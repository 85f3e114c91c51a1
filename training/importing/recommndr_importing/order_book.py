"""Which shopper an order is of, and when it was: what holds its lines together when they come torn between batches."""

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]


class OrderBook:
    """Every order seen so far: 25 bytes each, in arrays sorted by key."""

    def __init__(self) -> None:
        self._keys: Keys = np.empty(0, np.uint64)
        self._users: Keys = np.empty(0, np.uint64)
        self._at_us: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._settled: npt.NDArray[np.bool_] = np.empty(0, np.bool_)

    def settle(self, keys: Keys, users: Keys, at_us: npt.NDArray[np.int64]) -> None:
        """Take lines, (n,) each, of orders whose shopper and time are fixed from now on: those of the earliest line."""
        order = np.lexsort((at_us, keys))
        distinct, first = np.unique(keys[order], return_index=True)
        owners, earliest = users[order[first]], at_us[order[first]]
        known, places = self._lookup(distinct)
        # What was admitted of another shopper's order stays with that shopper.
        joined = known & (self._users[places] == owners) if known.any() else known
        self._at_us[places[joined]] = earliest[joined]
        self._settled[places[joined]] = True
        self._insert(distinct[~known], owners[~known], earliest[~known], settled=True)

    def admit(self, keys: Keys, users: Keys, at_us: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Take order lines, (n,) each; returns which are of the shopper whom the order's first line was of."""
        distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        owners = users[first]
        known, places = self._lookup(distinct)
        owners[known] = self._users[places[known]]
        same: npt.NDArray[np.bool_] = owners[inverse] == users
        earliest = np.full(len(distinct), np.iinfo(np.int64).max)
        np.minimum.at(earliest, inverse[same], at_us[same])
        moved = known & ~self._settled[places] if known.any() else known
        self._at_us[places[moved]] = np.minimum(self._at_us[places[moved]], earliest[moved])
        self._insert(distinct[~known], owners[~known], earliest[~known], settled=False)
        return same

    def time_of(self, keys: Keys) -> npt.NDArray[np.int64]:
        """Each order's time, of its earliest line or settled, (n,) int64 microseconds; raises `KeyError` for unknown ones."""
        known, places = self._lookup(keys)
        if not known.all():
            raise KeyError(f"{np.count_nonzero(~known)} orders were never admitted")
        return self._at_us[places]

    def _lookup(self, keys: Keys) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
        places = np.searchsorted(self._keys, keys)
        inside = np.minimum(places, max(len(self._keys) - 1, 0))
        known = self._keys[inside] == keys if len(self._keys) else np.zeros(len(keys), np.bool_)
        return known, inside

    def _insert(self, keys: Keys, users: Keys, at_us: npt.NDArray[np.int64], settled: bool) -> None:
        if len(keys) == 0:
            return
        all_keys = np.concatenate([self._keys, keys])
        order = np.argsort(all_keys, kind="stable")  # two sorted runs: a merge
        self._keys = all_keys[order]
        self._users = np.concatenate([self._users, users])[order]
        self._at_us = np.concatenate([self._at_us, at_us])[order]
        self._settled = np.concatenate([self._settled, np.full(len(keys), settled)])[order]
