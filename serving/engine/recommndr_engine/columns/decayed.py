"""Decayed sums by the names of their half-lives, and trends between two of them."""

import numpy as np

from recommndr.features.decay import HALF_LIFE_NAMES, HALF_LIVES_S
from recommndr_engine.columns.request import Floats

HALF_LIFE = {name: place for place, name in enumerate(HALF_LIFE_NAMES)}


def trend(sums: Floats, fast: str, slow: str) -> Floats:
    """Rate with a fast half-life relative to a slow one; 1 if events come evenly, NaN without events.

    `sums` is (…, N_HALF_LIVES). Evenly spaced events sum to rate x half-life / ln 2, so the ratio of half-lives scales it.
    """
    slow_s, fast_s = HALF_LIVES_S[HALF_LIFE[slow]], HALF_LIVES_S[HALF_LIFE[fast]]
    result: Floats = _rise(sums[..., HALF_LIFE[fast]], sums[..., HALF_LIFE[slow]]) * (slow_s / fast_s)
    return result


def trends(sums: Floats) -> Floats:
    """(…, N_HALF_LIVES - 1) `trend` of each half-life relative to the next one, all at once."""
    half_lives_s = np.asarray(HALF_LIVES_S)
    result: Floats = _rise(sums[..., :-1], sums[..., 1:]) * (half_lives_s[1:] / half_lives_s[:-1])
    return result


def _rise(fast: Floats, slow: Floats) -> Floats:
    return np.where(slow > 1e-9, fast / np.maximum(slow, 1e-9), np.nan)
