"""Distances of two samples, for all columns at once. NaN is a value of its own: larger than all others."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

N_BINS = 10
Floats = npt.NDArray[np.floating]
Distances = npt.NDArray[np.float64]
_A_LITTLE = 0.5  # added to each bin's count, so that an empty bin has a finite logarithm


class Apart(NamedTuple):
    """Both distances by column, (n_columns,) each."""

    psi: Distances
    ks: Distances


def apart(ours: Floats, theirs: Floats) -> Apart:
    """Both distances of two (n, n_columns) samples, from one sort of each column.

    >>> apart(np.array([[1.0], [2.0]]), np.array([[2.0], [3.0]])).ks.tolist()
    [0.5]
    """
    n_ours = len(ours)
    both = np.ascontiguousarray(np.concatenate([_known(ours), _known(theirs)]).T)  # (n_columns, n): sorts run along memory
    order = np.argsort(both, axis=1)
    ascending = np.take_along_axis(both, order, axis=1)
    ours_below = np.cumsum(order < n_ours, axis=1, dtype=np.int64)
    is_last = np.ones(both.shape, np.bool_)  # of its value: within equal values neither function has its value yet
    is_last[:, :-1] = ascending[:, 1:] != ascending[:, :-1]
    return Apart(_psi(ascending, ours_below, is_last), _ks(ours_below, is_last))


def psi(ours: Floats, theirs: Floats) -> Distances:
    """(n_columns,) population stability index of two (n, n_columns) samples: sum over bins of (p - q) ln(p / q).

    Bins end at the deciles of both samples together; a value that many rows share is never split. Of equal distributions with
    n rows each, n times the index is about 2 chi-squared with bins - 1 degrees of freedom (Yurdakul, "Statistical properties of
    population stability index", 2018).

    >>> psi(np.zeros((50, 1)), np.zeros((50, 1))).round(3).tolist()
    [0.0]
    """
    return apart(ours, theirs).psi


def ks(ours: Floats, theirs: Floats) -> Distances:
    """(n_columns,) Kolmogorov and Smirnov's distance: the largest difference of the two distribution functions."""
    return apart(ours, theirs).ks


def _ks(ours_below: npt.NDArray[np.int64], is_last: npt.NDArray[np.bool_]) -> Distances:
    n, n_ours = ours_below.shape[1], int(ours_below[0, -1]) if ours_below.size else 0
    theirs_below = np.arange(1, n + 1) - ours_below
    difference = np.abs(ours_below / n_ours - theirs_below / (n - n_ours))
    difference[~is_last] = 0.0
    largest: Distances = difference.max(axis=1)
    return largest


def _psi(ascending: Floats, ours_below: npt.NDArray[np.int64], is_last: npt.NDArray[np.bool_]) -> Distances:
    n = ascending.shape[1]
    deciles = ascending[:, (np.arange(1, N_BINS) * n) // N_BINS]
    # A bin ends with the last row of its decile's value; deciles of one value end at the same row.
    ends = np.stack([np.count_nonzero(ascending <= ends[:, np.newaxis], axis=1) for ends in deciles.T], axis=1)
    ours = np.diff(np.take_along_axis(ours_below, ends - 1, axis=1), axis=1, prepend=0, append=ours_below[:, -1:])
    both = np.diff(ends, axis=1, prepend=0, append=n)
    is_bin = both > 0
    is_bin[:, -1] = True  # behind the last decile there may be nothing
    return _of_counts(ours.astype(np.float64), (both - ours).astype(np.float64), is_bin)


def of_counts(ours_in: Distances, theirs_in: Distances) -> float:
    """The index of two counts by bin."""
    return float(_of_counts(ours_in[np.newaxis], theirs_in[np.newaxis], np.ones((1, len(ours_in)), np.bool_))[0])


def _of_counts(ours_in: Distances, theirs_in: Distances, is_bin: npt.NDArray[np.bool_]) -> Distances:
    p, q = (np.where(is_bin, counts + _A_LITTLE, 0.0) for counts in (ours_in, theirs_in))
    p, q = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
    ratio = np.divide(p, q, out=np.ones_like(p), where=is_bin)
    index: Distances = ((p - q) * np.log(ratio)).sum(axis=1)
    return index


def _known(sample: Floats) -> Floats:
    return np.where(np.isnan(sample), np.inf, sample)
