"""Rows of entities, any number each, in one array; what an entity has is replaced as a whole."""

from typing import Any

import numpy as np
import numpy.typing as npt

from recommndr.features.arrays.runs import Ints, places

Rows = npt.NDArray[np.void]


def grown(values: npt.NDArray[Any], n: int) -> npt.NDArray[Any]:
    """At least `n` values: the given ones, then zeros; larger by half, so that growing one by one is not quadratic."""
    if n <= len(values):
        return values
    larger = np.zeros((max(n, len(values) * 3 // 2), *values.shape[1:]), values.dtype)
    larger[: len(values)] = values
    return larger


class Ragged:
    """Entities are numbers from 0. Replaced rows stay in the array until it is full, so a change costs what it writes."""

    def __init__(self, dtype: np.dtype[np.void]) -> None:
        self._rows = np.empty(0, dtype)
        self._end = 0
        self._start = np.zeros(0, np.int64)
        self._n = np.zeros(0, np.int64)

    def take(self, entities: Ints) -> tuple[Rows, Ints]:
        """The rows of these entities, one after the other, and for each row its entity's place in `entities`."""
        self._know(entities)
        n = self._n[entities]
        return self._rows[places(self._start[entities], n)], np.repeat(np.arange(len(entities)), n)

    def lengths(self, entities: Ints) -> Ints:
        """(g,) number of rows of each."""
        self._know(entities)
        n: Ints = self._n[entities]
        return n

    def put(self, entities: Ints, n: Ints, rows: Rows) -> None:
        """Replace the rows of these distinct entities: the first has the first `n[0]` of `rows`, and so on."""
        self._know(entities)
        self._n[entities] = 0
        if self._end + len(rows) > len(self._rows):
            self._move(len(rows))
        self._rows[self._end : self._end + len(rows)] = rows
        self._start[entities] = self._end + np.cumsum(n) - n
        self._n[entities] = n
        self._end += len(rows)

    def _know(self, entities: Ints) -> None:
        n = int(entities.max(initial=-1)) + 1
        self._start, self._n = grown(self._start, n), grown(self._n, n)

    def _move(self, n_coming: int) -> None:
        """Leave out what was replaced, and make room for as much again."""
        live = self._rows[places(self._start, self._n)]
        self._rows = np.empty(2 * (len(live) + n_coming), self._rows.dtype)
        self._rows[: len(live)] = live
        self._start = np.cumsum(self._n) - self._n
        self._end = len(live)
