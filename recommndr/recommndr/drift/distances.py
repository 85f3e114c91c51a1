"""Distances of two samples, for all columns at once. NaN is a value of its own: larger than all others."""

import numpy as np
import numpy.typing as npt

N_BINS = 10
Floats = npt.NDArray[np.floating]
Distances = npt.NDArray[np.float64]
_A_LITTLE = 0.5  # added to each bin's count, so that an empty bin has a finite logarithm


def psi(ours: Floats, theirs: Floats) -> Distances:
    """(n_columns,) population stability index of two (n, n_columns) samples: sum over bins of (p - q) ln(p / q).

    Bins end at the deciles of both samples together; a value that many rows share is never split. Of equal distributions with
    n rows each, n times the index is about 2 chi-squared with bins - 1 degrees of freedom (Yurdakul, "Statistical properties of
    population stability index", 2018).

    >>> psi(np.zeros((50, 1)), np.zeros((50, 1))).round(3).tolist()
    [0.0]
    """
    columns = zip(_known(ours).T, _known(theirs).T, strict=True)
    return np.array([of_counts(*counted(one, other)) for one, other in columns], np.float64)


def counted(ours: Floats, theirs: Floats) -> tuple[Distances, Distances]:
    """How many of each sample are in each bin; (n_bins,) each."""
    both = np.sort(np.concatenate([ours, theirs]))
    places = (np.arange(1, N_BINS) * len(both)) // N_BINS
    ends = np.unique(both[places])
    bins = [np.searchsorted(ends, values, side="left") for values in (ours, theirs)]
    ours_in, theirs_in = (np.bincount(found, minlength=len(ends) + 1).astype(np.float64) for found in bins)
    return ours_in, theirs_in


def of_counts(ours_in: Distances, theirs_in: Distances) -> float:
    """The index of two counts by bin."""
    p, q = (counts + _A_LITTLE for counts in (ours_in, theirs_in))
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def ks(ours: Floats, theirs: Floats) -> Distances:
    """(n_columns,) Kolmogorov and Smirnov's distance: the largest difference of the two distribution functions.

    >>> ks(np.array([[1.0], [2.0]]), np.array([[2.0], [3.0]])).tolist()
    [0.5]
    """
    both = np.concatenate([_known(ours), _known(theirs)])
    steps = np.repeat([1.0 / len(ours), -1.0 / len(theirs)], [len(ours), len(theirs)])
    order = np.argsort(both, axis=0, kind="stable")
    ascending = np.take_along_axis(both, order, axis=0)
    difference = np.abs(np.cumsum(steps[order], axis=0))
    difference[:-1][ascending[1:] == ascending[:-1]] = 0.0  # within equal values neither function has its value yet
    largest: Distances = difference.max(axis=0)
    return largest


def _known(sample: Floats) -> Floats:
    return np.where(np.isnan(sample), np.inf, sample)
