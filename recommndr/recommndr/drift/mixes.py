"""How far the mix of a shop's shoppers is from earlier weeks: by country, device and kind, and by what is unknown. Pure."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

import numpy as np

from recommndr.drift.distances import of_counts

MixName = Literal["country", "device", "kind", "unknown_shopper", "unknown_item"]
MIXES: tuple[MixName, ...] = get_args(MixName)
MIN_SHOPPERS = 500
_RARE = 0.01  # values that are rarer count as one: a visitor from Andorra is no drift
# So many values count by themselves, the most common ones. By chance alone, thirty countries of 500 shoppers are .25 apart in
# one window of a thousand; eleven are .11.
_N_VALUES = 10

# By value how many shoppers have it. A shopper counts once for each value, however many events there are.
Counts = Mapping[str, int]


class MixDrift(NamedTuple):
    """The distance of one mix, and the shoppers (with a value each) behind it."""

    psi: float
    n_now: int
    n_before: int


def mix_drift(now: Counts, before: Counts, min_shoppers: int = MIN_SHOPPERS) -> MixDrift | None:
    """Population stability index of the mix; None below `min_shoppers` on either side.

    >>> found = mix_drift({"phone": 400, "desktop": 200}, {"phone": 800, "desktop": 400})
    >>> found is not None and abs(round(found.psi, 6))
    0.0
    """
    n_now, n_before = sum(now.values()), sum(before.values())
    if min(n_now, n_before) < min_shoppers:
        return None
    shares = {value: (now.get(value, 0) / n_now, before.get(value, 0) / n_before) for value in {*now, *before}}
    by_share = sorted(shares, key=lambda value: (-sum(shares[value]), value))
    common = [value for value in by_share[:_N_VALUES] if max(shares[value]) >= _RARE]
    counts = [[one.get(value, 0) for value in common] for one in (now, before)]
    rest = [[total - sum(of_common)] for total, of_common in zip((n_now, n_before), counts, strict=True)]
    if any(others != [0] for others in rest):
        counts = [of_common + others for of_common, others in zip(counts, rest, strict=True)]
    # As shares of as many: the little that is added to a bin must not weigh more on the smaller side.
    n = min(n_now, n_before)
    ours, theirs = (np.array(one, np.float64) * n / total for one, total in zip(counts, (n_now, n_before), strict=True))
    return MixDrift(of_counts(ours, theirs), n_now, n_before)


def share(counts: Counts, value: str) -> float | None:
    """How many of the shoppers have the value, as a share; None without any."""
    n = sum(counts.values())
    return counts.get(value, 0) / n if n else None
