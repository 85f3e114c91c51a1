"""Runs of equal keys in sorted arrays, and where the keys of two sorted arrays meet."""

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def starts_of(keys: npt.NDArray[Any]) -> Ints:
    """(g + 1,) the start of each run of equal neighbours, and the end of the last.

    >>> starts_of(np.array([4, 4, 7])).tolist()
    [0, 2, 3]
    """
    changes = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return np.concatenate([np.zeros(min(len(keys), 1), np.int64), changes, [len(keys)]]).astype(np.int64)


def places(starts: Ints, lengths: Ints) -> Ints:
    """Every place of these slices, one slice after the other.

    >>> places(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(total)


def met(keys: Ints, known: Ints) -> tuple[Ints, Flags]:
    """For each known key its place in `keys` (sorted, distinct), and whether it is there; the place is right only if so."""
    if not len(keys):
        return np.zeros(len(known), np.int64), np.zeros(len(known), np.bool_)
    place = np.minimum(np.searchsorted(keys, known), len(keys) - 1)
    return place, keys[place] == known
