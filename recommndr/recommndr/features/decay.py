"""Exponentially decayed sums, the counter that every feature group uses.

A counter is a set of sums, one per half-life, kept at a reference time, its newest event. It has constant size and no timers;
late events are added exactly; it is correct at the instant of *reading* (forward decay: Cormode, Shkapenyuk,
Srivastava, Xu, "Forward decay: a practical time decay model for streaming systems", ICDE 2009).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recommndr.events import N_KIND_SLOTS

FloatArray = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_DAY_S = 86_400.0
# Of `fold_runs`: events of a block, whose powers take 80 bytes each; and the number of counters below which Python is quicker.
_EVENTS_AT_ONCE, _FEW_RUNS = 65_536, 8
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


HalfTo = Callable[[FloatArray], FloatArray]


def half_to(exponents: FloatArray) -> FloatArray:
    """`0.5 ** exponents` with the bits of Python's floats: numpy's own differ in the last one where it uses AVX-512."""
    powers = np.fromiter(map(pow, repeat(0.5), exponents.ravel().tolist()), np.float64, exponents.size)
    return powers.reshape(exponents.shape)


class Runs(NamedTuple):
    """Events of many counters, counter by counter, each in the order of adding."""

    starts: Ints  # (g + 1,) of each counter's run of at least one event, and the end of the last
    at_s: FloatArray  # (m,) instants, finite
    n: FloatArray  # (m,) how much each adds


def fold_runs(
    before_s: FloatArray, before: FloatArray, runs: Runs, half_lives_s: Sequence[float], power: HalfTo = half_to
) -> tuple[FloatArray, FloatArray]:
    """`fold_instants` of many counters at once, with the same bits: every counter takes its run of the events.

    Parameters
    ----------
    before_s, before
        (g,) reference times of the counters, -inf for one that has nothing yet; (g, h) their sums, then zeros.
    runs
        The events.
    half_lives_s
        (h,) half-lives.
    power
        A `half_to`, which a caller may have a faster one of.

    Returns
    -------
    (g,) reference times and (g, h) sums with the events.
    """
    newest_s, sums = np.empty_like(before_s), np.empty_like(before)
    starts, halves, first = runs.starts, np.asarray(half_lives_s), 0
    while first < len(before_s):
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + _EVENTS_AT_ONCE, "right")) - 1)
        events = slice(int(starts[first]), int(starts[last]))
        block = Runs(starts[first : last + 1] - starts[first], runs.at_s[events], runs.n[events])
        newest_s[first:last], sums[first:last] = _fold_block(before_s[first:last], before[first:last], block, halves, power)
        first = last
    return newest_s, sums


def _fold_block(
    before_s: FloatArray, before: FloatArray, runs: Runs, halves: FloatArray, power: HalfTo
) -> tuple[FloatArray, FloatArray]:
    starts, at_s, n = runs
    newest_s = _newest_before(before_s, starts, at_s)
    gap_s = at_s - newest_s
    faded = power(np.abs(gap_s)[:, np.newaxis] / halves)
    is_newer, added = gap_s[:, np.newaxis] > 0.0, n[:, np.newaxis]
    kept, added = np.where(is_newer, faded, 1.0), np.where(is_newer, added, added * faded)
    ends = starts[1:] - 1
    return np.maximum(newest_s[ends], at_s[ends]), _added_up(before, starts, kept, added)


def _newest_before(before_s: FloatArray, starts: Ints, at_s: FloatArray) -> FloatArray:
    """(m,) the reference time that each event finds."""
    sizes, firsts = np.diff(starts), starts[:-1]
    found = np.empty_like(at_s)
    found[1:], found[firsts] = at_s[:-1], before_s
    newest_s: FloatArray = np.maximum(found, np.repeat(before_s, sizes))
    is_late = np.zeros(len(at_s), np.bool_)
    is_late[1:] = at_s[1:] < at_s[:-1]
    is_late[firsts] = False
    for run in np.unique(np.searchsorted(starts, np.flatnonzero(is_late), "right") - 1).tolist():
        events = slice(starts[run], starts[run + 1])
        newest_s[events] = np.maximum.accumulate(newest_s[events])
    return newest_s


def _added_up(before: FloatArray, starts: Ints, kept: FloatArray, added: FloatArray) -> FloatArray:
    """(g, h) the end of `sums = sums * kept + added` over each run; all runs go on at once while there are many."""
    longest_first = np.argsort(-np.diff(starts), kind="stable")
    firsts, sizes, sums = starts[:-1][longest_first], np.diff(starts)[longest_first], before[longest_first]
    n_going = np.searchsorted(-sizes, -np.arange(sizes[0]), "left")  # per step, how many runs have so many events
    n_steps = int(np.count_nonzero(n_going >= _FEW_RUNS))
    for step, n in enumerate(n_going[:n_steps].tolist()):
        events = firsts[:n] + step
        sums[:n] *= kept[events]
        sums[:n] += added[events]
    for run in range(int(np.count_nonzero(sizes > n_steps))):
        rest = slice(firsts[run] + n_steps, firsts[run] + sizes[run])
        for place, (ours, theirs) in enumerate(zip(kept[rest].T.tolist(), added[rest].T.tolist(), strict=True)):
            total = float(sums[run, place])
            for share, more in zip(ours, theirs, strict=True):
                total = total * share + more
            sums[run, place] = total
    result = np.empty_like(sums)
    result[longest_first] = sums
    return result


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
