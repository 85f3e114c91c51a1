"""The live counters of one tenant's segments: for each the items that were taken there, as arrays.

One writer at a time, any number of readers, as in the live item table: values change in place, growth publishes new arrays.
An item in a segment takes 76 bytes in the arrays, which have room for up to twice as many, and about 110 in the index: 190 to
260 bytes. The stream keeps at most `segment.MAX_STATES` of a tenant, so a slot needs at most about 80 MB for a tenant.
A segment of which nothing is left is dropped.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommndr.events import N_KIND_SLOTS
from recommndr.features import segment
from recommndr.features.decay import FloatArray
from recommndr_engine.arrays import NO_ROW, Rows, Times

_FIRST_CAPACITY = 16
_GONE_S = -np.inf


@dataclass(frozen=True, slots=True)
class SegmentItems:
    """One published set of arrays, all of the same length; places without an item have `NO_ROW`."""

    rows: Rows  # (n,) live rows
    at_s: Times  # (n,) reference time of the sums; -inf: nothing is counted
    sums: npt.NDArray[np.float32]  # (n, N_KIND_SLOTS)

    def weighted(self, weights: FloatArray, now_s: float) -> tuple[Rows, FloatArray]:
        """Live rows and their sums by the kinds' (n_kinds,) weights as of `now_s`; kinds of negative evidence do not count."""
        there = np.flatnonzero((self.rows != NO_ROW) & (self.at_s > _GONE_S))
        age_s = np.maximum(now_s - self.at_s[there], 0.0)
        found: FloatArray = np.matmul(self.sums[there, : len(weights)], np.maximum(weights, 0.0), dtype=np.float64)
        return self.rows[there], found * np.exp2(-age_s / segment.HALF_LIFE_S)


def _empty(n: int) -> SegmentItems:
    return SegmentItems(np.full(n, NO_ROW, np.int32), np.full(n, _GONE_S), np.zeros((n, N_KIND_SLOTS), np.float32))


class _Segment:
    """A segment's arrays, and where each item is in them."""

    def __init__(self) -> None:
        self.items = _empty(_FIRST_CAPACITY)
        self.n_counted = 0
        self._place_of: dict[int, int] = {}

    def put(self, row: int, at_s: float, sums: npt.NDArray[np.float32] | float) -> None:
        """The item's newest values; `_GONE_S`: it is not counted any more."""
        place = self._place_of.get(row)
        if place is None:
            if at_s == _GONE_S:
                return
            place = self._place_of[row] = len(self._place_of)
            self._grow(place + 1)
        items = self.items
        self.n_counted += int(at_s > _GONE_S) - int(items.at_s[place] > _GONE_S)
        items.sums[place] = sums
        items.at_s[place] = at_s
        items.rows[place] = row  # last, so that a reader sees an item only after its values

    def _grow(self, n: int) -> None:
        old = self.items
        if n > len(old.rows):
            grown = _empty(2 * len(old.rows))
            for name in ("rows", "at_s", "sums"):
                getattr(grown, name)[: len(old.rows)] = getattr(old, name)
            self.items = grown


class LiveSegments:
    """All segments of one tenant, by name."""

    def __init__(self) -> None:
        self._segments: dict[str, _Segment] = {}

    def __len__(self) -> int:
        return len(self._segments)

    def put(self, names: Sequence[str], rows: Rows, values: Sequence[bytes | None]) -> None:
        """Newest states (`recommndr.features.segment` bytes; None erases) of live rows in segments.

        Raises `ValueError` for another format, and then nothing has changed.
        """
        records = segment.read([value for value in values if value is not None])
        counted = zip(records["at_s"].tolist(), records["sums"].astype(np.float32), strict=True)
        for name, row, value in zip(names, rows.tolist(), values, strict=True):
            if value is not None:
                self._segments.setdefault(name, _Segment()).put(row, *next(counted))
            elif name in self._segments:
                self._segments[name].put(row, _GONE_S, 0.0)
                if not self._segments[name].n_counted:
                    del self._segments[name]

    def find(self, names: Iterable[str]) -> Iterator[SegmentItems]:
        """The arrays of those segments that have any, in their order."""
        for name in names:
            found = self._segments.get(name)
            if found is not None:
                yield found.items
