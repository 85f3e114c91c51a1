"""Ids as numbers: sorting and comparing ten million of them as Python strings takes minutes and gigabytes."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_MISSING = -1


class Coded(NamedTuple):
    """Ids by their place among the distinct ones, so that codes are ordered as the ids are; -1 where there is none."""

    codes: npt.NDArray[np.int64]  # (n,)
    distinct: pa.Array  # sorted

    @property
    def ids(self) -> list[str]:
        """The distinct ids."""
        found: list[str] = self.distinct.to_pylist()
        return found


def coded(ids: Any) -> Coded:
    """The codes of a column of ids, in pandas or in Arrow, as strings or as codes of any order.

    >>> coded(pa.array(["b", "a", None, "b"]))[0].tolist()
    [1, 0, -1, 1]
    """
    encoded = _encoded(ids)
    codes = encoded.indices.fill_null(_MISSING).to_numpy()
    used = np.zeros(len(encoded.dictionary) + 1, np.bool_)
    used[codes] = True
    there = np.flatnonzero(used[:-1])
    words = encoded.dictionary.take(pa.array(there))
    order = pc.sort_indices(words)
    place = np.full(len(used), _MISSING, np.int64)
    place[there[order.to_numpy()]] = np.arange(len(order))
    return Coded(place[codes], words.take(order))


def _encoded(ids: Any) -> pa.DictionaryArray:
    column = ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(ids)
    if pa.types.is_dictionary(column.type):
        return _whole(column.unify_dictionaries() if isinstance(column, pa.ChunkedArray) else column)
    # Made whole first: the dictionaries of many chunks take minutes to join where nearly all ids differ.
    return _whole(column.cast(pa.large_string())).dictionary_encode()


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
