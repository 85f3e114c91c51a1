"""States of segments from a history: `features.segment` on arrays. The order of the events does not matter."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.events import N_KIND_SLOTS
from recommndr.features import segment
from recommndr.features.action import CONTEXT, IDENTIFY, IMPRESSION
from recommndr.features.arrays.ids import Ids
from recommndr.features.arrays.runs import Ints, met, starts_of
from recommndr.features.decay import FloatArray

_EVENTS_AT_ONCE = 500_000  # about 100 MB while they are folded
_MOST_ITEMS = 1 << 32


class SegmentBook:
    """Takes events; 150 bytes for each item in each segment. A replay that reads rows on the way does not need it."""

    def __init__(self) -> None:
        self._names: Ids[str] = Ids()
        self._items: Ids[str] = Ids()
        self._keys: Ints = np.zeros(0, np.int64)  # (n,) segment and item, ascending
        self._at_s: FloatArray = np.zeros(0)
        self._sums: FloatArray = np.zeros((0, N_KIND_SLOTS))

    def take(self, events: pa.Table) -> None:
        """Add events (`history.SCHEMA`)."""
        kind, doubted = events["kind"].to_numpy(), pc.fill_null(events["doubted"], False).to_numpy()
        counted = events.filter(pa.array((kind != IDENTIFY) & (kind != IMPRESSION) & ~doubted.astype(np.bool_)))
        for start in range(0, len(counted), _EVENTS_AT_ONCE):
            some = counted.slice(start, _EVENTS_AT_ONCE)
            for part in CONTEXT:
                self._take_part(part, some)

    def _take_part(self, part: str, events: pa.Table) -> None:
        known = events.filter(pc.greater(pc.binary_length(pc.fill_null(events[part], "")), 0))
        if not len(known):
            return
        values = known[part].combine_chunks().dictionary_encode()
        names = self._names.numbers(segment.segment_name(part, value) for value in values.dictionary.to_pylist())
        item_ids = known["item_ids"].combine_chunks()
        lines = item_ids.flatten().dictionary_encode()
        items = self._items.numbers(lines.dictionary.to_pylist())[lines.indices.to_numpy()]
        event = np.repeat(np.arange(len(known)), pc.list_value_length(item_ids).to_numpy())
        keys = names[values.indices.to_numpy()][event] * _MOST_ITEMS + items
        self._add(keys, known["kind"].to_numpy()[event].astype(np.int64), known["at_s"].to_numpy()[event])

    def _add(self, keys: Ints, kind: Ints, at_s: FloatArray) -> None:
        """Add one line with an item at each of these instants."""
        if not len(keys):
            return
        order = np.argsort(keys, kind="stable")
        starts = starts_of(keys[order])
        distinct, newest_s = keys[order[starts[:-1]]], np.maximum.reduceat(at_s[order], starts[:-1])
        state = np.repeat(np.arange(len(distinct)), np.diff(starts))
        n = np.exp2((at_s[order] - newest_s[state]) / segment.HALF_LIFE_S)
        place = state * N_KIND_SLOTS + kind[order]
        sums: FloatArray = np.bincount(place, n, len(distinct) * N_KIND_SLOTS).astype(np.float64)
        self._merge(distinct, newest_s, sums.reshape(-1, N_KIND_SLOTS))

    def _merge(self, keys: Ints, at_s: FloatArray, sums: FloatArray) -> None:
        """`segment.merge` of many states."""
        every = np.union1d(self._keys, keys)
        newest_s, total = np.full(len(every), -np.inf), np.zeros((len(every), N_KIND_SLOTS))
        both = ((self._keys, self._at_s, self._sums), (keys, at_s, sums))
        for some, some_at_s, _ in both:
            place, _ = met(every, some)
            newest_s[place] = np.maximum(newest_s[place], some_at_s)
        for some, some_at_s, some_sums in both:
            place, _ = met(every, some)
            total[place] += some_sums * np.exp2((some_at_s - newest_s[place]) / segment.HALF_LIFE_S)[:, np.newaxis]
        self._keys, self._at_s, self._sums = every, newest_s, total

    def states(self) -> Iterator[tuple[str, bytes]]:
        """Entities in their order with their states, without those that the live stream would have forgotten."""
        kept = np.flatnonzero(self._at_s >= self._at_s.max(initial=-np.inf) - segment.KEPT_S)
        if len(kept) > segment.MAX_STATES:
            kept = kept[np.argsort(-self._at_s[kept], kind="stable")[: segment.MAX_STATES]]
        names, items = self._names.ids, self._items.ids
        entities = [segment.entity(names[key // _MOST_ITEMS], items[key % _MOST_ITEMS]) for key in self._keys[kept].tolist()]
        values = segment.values(self._at_s[kept], self._sums[kept])
        return iter(sorted(zip(entities, values, strict=True)))
