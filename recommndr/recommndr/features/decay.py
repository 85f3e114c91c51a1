"""Exponentially decayed sums, the counter that every feature group uses.

A counter is a set of sums, one per half-life, kept at a reference time, its newest event. It has constant size and no timers;
late events are added exactly; it is correct at the instant of *reading* (forward decay: Cormode, Shkapenyuk,
Srivastava, Xu, "Forward decay: a practical time decay model for streaming systems", ICDE 2009).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recommndr.events import N_KIND_SLOTS

FloatArray = npt.NDArray[np.float64]

_DAY_S = 86_400.0
HALF_LIVES_S = (3_600.0, _DAY_S, 7 * _DAY_S, 30 * _DAY_S, 120 * _DAY_S)
HALF_LIFE_NAMES = ("1h", "1d", "7d", "30d", "120d")
N_HALF_LIVES = len(HALF_LIVES_S)


class Counter(NamedTuple):
    """Decayed sums of one kind of event; `sums[i]` is as of `at_s` under `HALF_LIVES_S[i]`."""

    at_s: float
    sums: tuple[float, ...]


def one(at_s: float, n: float = 1.0) -> Counter:
    """The counter of `n` events at one instant."""
    return Counter(at_s, (n,) * N_HALF_LIVES)


def merge_counter(a: Counter, b: Counter) -> Counter:
    """Sum of both, as of the newer reference time.

    >>> merge_counter(one(0.0), one(3600.0)).sums[0]
    1.5
    """
    if a.at_s < b.at_s:
        a, b = b, a
    gap_s = a.at_s - b.at_s
    if gap_s == 0.0:
        return Counter(a.at_s, tuple([x + y for x, y in zip(a.sums, b.sums, strict=True)]))
    return Counter(
        a.at_s,
        tuple([x + y * 0.5 ** (gap_s / half) for x, y, half in zip(a.sums, b.sums, HALF_LIVES_S, strict=True)]),
    )


def fold_instants(counter: Counter | None, at_s: Sequence[float], n: Sequence[float] | None = None) -> Counter:
    """`counter` with `n` events (default 1) added at each of these instants, of which there is at least one.

    The result has the same bits as merging `one(at_s, n)` in, one by one.

    >>> fold_instants(one(0.0), [3600.0], [2.0]) == merge_counter(one(0.0), one(3600.0, 2.0))
    True
    """
    more = n or (1.0,) * len(at_s)
    first = 0 if counter else 1
    newest_s, sums = counter.at_s if counter else at_s[0], list(counter.sums if counter else (more[0],) * N_HALF_LIVES)
    for instant_s, x in zip(at_s[first:], more[first:], strict=True):
        gap_s = instant_s - newest_s
        if gap_s > 0.0:
            newest_s, sums = instant_s, [x + y * 0.5 ** (gap_s / half) for y, half in zip(sums, HALF_LIVES_S, strict=True)]
        else:
            sums = [y + x * 0.5 ** (-gap_s / half) for y, half in zip(sums, HALF_LIVES_S, strict=True)]
    return Counter(newest_s, tuple(sums))


Counters = Mapping[int, Counter]  # by code of the kind; treated as immutable


def merge_counters(a: Counters, b: Counters) -> Counters:
    """Union of both, merged kind by kind."""
    if not a:
        return b
    merged = dict(a)
    for kind, counter in b.items():
        mine = merged.get(kind)
        merged[kind] = counter if mine is None else merge_counter(mine, counter)
    return merged


def decayed(at_s: FloatArray, sums: npt.NDArray[np.floating], now_s: float) -> FloatArray:
    """Sums as of `now_s`.

    Parameters
    ----------
    at_s
        (…) reference times, seconds.
    sums
        (…, N_HALF_LIVES) sums as of `at_s`.
    now_s
        Instant of reading. An event newer than that (a clock ahead) counts fully, not more.

    Returns
    -------
    (…, N_HALF_LIVES) float64, each `sum * 2 ** -(age / half_life)`.
    """
    age_s = np.maximum(now_s - at_s, 0.0)[..., np.newaxis]
    result: FloatArray = sums * np.exp2(-age_s / np.asarray(HALF_LIVES_S))
    return result


def signed(sums: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Positive and negative evidence as two sums, so that a dislike never cancels a purchase.

    Parameters
    ----------
    sums
        (…, n_kinds, N_HALF_LIVES) decayed events per kind, `decayed` at the instant of reading.
    weights
        (n_kinds,) weight of each of these kinds for the tenant, negative for a kind of negative evidence.

    Returns
    -------
    Two (…, N_HALF_LIVES) float64, both >= 0: sums of events by weight over kinds of positive, and of negative weight.

    >>> signed(np.ones((2, 5)), np.array([3.0, -1.0]))
    (array([3., 3., 3., 3., 3.]), array([1., 1., 1., 1., 1.]))
    """
    return np.matmul(np.maximum(weights, 0.0), sums), np.matmul(np.maximum(-weights, 0.0), sums)


def to_arrays(counters: Counters) -> tuple[FloatArray, FloatArray]:
    """`(at_s (N_KIND_SLOTS,), sums (N_KIND_SLOTS, N_HALF_LIVES))`; zeros for kinds that were never seen."""
    at_s = np.zeros(N_KIND_SLOTS)
    sums = np.zeros((N_KIND_SLOTS, N_HALF_LIVES))
    for kind, counter in counters.items():
        at_s[kind] = counter.at_s
        sums[kind] = counter.sums
    return at_s, sums
