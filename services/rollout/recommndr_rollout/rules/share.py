"""Intervals of a share."""

from math import sqrt

_Z = 1.959964  # 95 %, two-sided


def share_low(n_hits: float, n: float) -> float:
    """The lower end of the 95 % interval of a share (Wilson 1927).

    >>> round(share_low(8, 100), 3)
    0.041
    """
    return _middle(n_hits, n) - _reach(n_hits, n)


def share_high(n_hits: float, n: float) -> float:
    """The upper end.

    >>> round(share_high(8, 100), 3)
    0.15
    """
    return _middle(n_hits, n) + _reach(n_hits, n)


def _middle(n_hits: float, n: float) -> float:
    return (n_hits + _Z * _Z / 2.0) / (n + _Z * _Z)


def _reach(n_hits: float, n: float) -> float:
    return _Z * sqrt(max(n_hits * (n - n_hits) / n + _Z * _Z / 4.0, 0.0)) / (n + _Z * _Z)
