"""The items of the catalogue as 64-bit hashes of their keys: 8 bytes per item, a million in 8 MB."""

import threading
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

# Merging the changes copies the whole array: 3 ms for a million items, so not for each change.
_MAX_CHANGES = 4_096


class KnownItems:
    """A set of keys; one thread writes it and another reads it.

    Two keys with the same hash count as one. With a million items an unknown key collides once in 10^13.
    """

    def __init__(self) -> None:
        self._sorted: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._changes: dict[int, bool] = {}  # hash -> whether it is there, newer than `_sorted`
        self._lock = threading.Lock()

    def put(self, key: bytes, present: bool) -> None:
        """Add or remove an item."""
        with self._lock:
            self._changes[hash_of(key)] = present
            if len(self._changes) >= _MAX_CHANGES:
                self._fold()

    def __contains__(self, key: bytes) -> bool:
        """Whether the item exists."""
        return self.has_hash(hash_of(key))

    def has_hash(self, hashed: int) -> bool:
        """Whether the item whose key has this hash exists."""
        with self._lock:
            changed = self._changes.get(hashed)
            return changed if changed is not None else bool(self._in_sorted(np.array([hashed], np.uint64))[0])

    def __len__(self) -> int:
        """The number of items."""
        with self._lock:
            self._fold()
            return len(self._sorted)

    def _fold(self) -> None:
        changed = np.fromiter(self._changes.keys(), np.uint64, len(self._changes))
        present = np.fromiter(self._changes.values(), np.bool_, len(self._changes))
        known = self._in_sorted(changed)
        gone = np.searchsorted(self._sorted, changed[known & ~present])
        kept = np.delete(self._sorted, gone)
        new = np.sort(changed[present & ~known])
        self._sorted = np.insert(kept, np.searchsorted(kept, new), new)
        self._changes = {}

    def _in_sorted(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        if not len(self._sorted):
            return np.zeros(len(hashes), np.bool_)
        places = np.minimum(np.searchsorted(self._sorted, hashes), len(self._sorted) - 1)
        found: npt.NDArray[np.bool_] = self._sorted[places] == hashes
        return found


def hash_of(key: bytes) -> int:
    """The 64-bit hash that stands for an item's key."""
    return int.from_bytes(blake2b(key, digest_size=8).digest())
