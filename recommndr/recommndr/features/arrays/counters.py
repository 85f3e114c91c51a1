"""Decayed counters of many entities by kind."""

import numpy as np

from recommndr.events import N_KIND_SLOTS
from recommndr.features.arrays.ragged import Ragged
from recommndr.features.arrays.runs import Ints, met, starts_of
from recommndr.features.decay import HALF_LIVES_S, N_HALF_LIVES, Counter, FloatArray, HalfTo, Runs, fold_runs, half_to

_ROW = np.dtype([("kind", np.int8), ("at_s", np.float64), ("sums", np.float64, (N_HALF_LIVES,))])


class KindCounters:
    """For each entity what `decay.Counters` has."""

    def __init__(self, power: HalfTo = half_to) -> None:
        self._power = power
        self._rows = Ragged(_ROW)  # an entity's in the order of kinds

    def fold(self, entities: Ints, owner: Ints, kind: Ints, at_s: FloatArray, n: FloatArray) -> None:
        """Add (m,) events, oldest first per entity: `n` at one instant; `owner` is the place in `entities` (distinct)."""
        key = owner * N_KIND_SLOTS + kind
        order = np.argsort(key, kind="stable")
        key = key[order]
        starts = starts_of(key)
        keys = key[starts[:-1]]
        known, known_owner = self._rows.take(entities)
        known_keys = known_owner * N_KIND_SLOTS + known["kind"]
        place, goes_on = met(keys, known_keys)
        before_s, sums = np.full(len(keys), -np.inf), np.zeros((len(keys), N_HALF_LIVES))
        before_s[place[goes_on]], sums[place[goes_on]] = known["at_s"][goes_on], known["sums"][goes_on]
        rows = np.empty(len(keys), _ROW)
        rows["kind"] = keys % N_KIND_SLOTS
        rows["at_s"], rows["sums"] = fold_runs(before_s, sums, Runs(starts, at_s[order], n[order]), HALF_LIVES_S, self._power)
        all_keys = np.concatenate([keys, known_keys[~goes_on]])
        order = np.argsort(all_keys, kind="stable")
        counts = np.bincount(all_keys // N_KIND_SLOTS, minlength=len(entities))
        self._rows.put(entities, counts, np.concatenate([rows, known[~goes_on]])[order])

    def counters(self, entities: Ints) -> list[dict[int, Counter]]:
        """Those of each entity."""
        rows, owner = self._rows.take(entities)
        found: list[dict[int, Counter]] = [{} for _ in range(len(entities))]
        columns = (owner.tolist(), rows["kind"].tolist(), rows["at_s"].tolist(), rows["sums"].tolist())
        for one, kind, at_s, sums in zip(*columns, strict=True):
            found[one][kind] = Counter(at_s, tuple(sums))
        return found

    def dense(self, entities: Ints) -> tuple[FloatArray, FloatArray]:
        """(g, N_KIND_SLOTS) instants and (g, N_KIND_SLOTS, N_HALF_LIVES) sums of each entity; 0 where it has no counter."""
        rows, owner = self._rows.take(entities)
        at_s, sums = np.zeros((len(entities), N_KIND_SLOTS)), np.zeros((len(entities), N_KIND_SLOTS, N_HALF_LIVES))
        at_s[owner, rows["kind"]], sums[owner, rows["kind"]] = rows["at_s"], rows["sums"]
        return at_s, sums
