"""Orders candidates without a ranker: the weighted average of the retrievers' scores, each scaled to its maximum."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import ScoreArray

_NONE, _LARGEST = np.float32(0.0), np.finfo(np.float32).max


def blend(scores: Mapping[str, ScoreArray], weights: Mapping[str, float], n: int) -> ScoreArray:
    """(n,) float32 in [0, 1]; a retriever without a weight or without scores adds 0. NaN counts as no score."""
    total = sum(weights.get(name, 0.0) for name in scores)
    if not n or not total > 0.0:
        return np.zeros(n, np.float32)
    # All at once: one by one took a millisecond of an answer. Infinite scores count as the largest finite number.
    above = np.clip(np.fmax(np.stack(list(scores.values())), _NONE), _NONE, _LARGEST)
    top = above.max(axis=1, keepdims=True)
    shares = np.array([[weights.get(name, 0.0) / total] for name in scores], np.float32)
    # Scaled first: the inverse of a very small maximum is infinite.
    mixed: ScoreArray = (shares * (above / np.where(top > 0.0, top, np.float32(1.0)))).sum(axis=0)
    return mixed


def best_first(scores: ScoreArray) -> npt.NDArray[np.intp]:
    """Places by score, the highest first; of equals the earlier place."""
    return np.argsort(-scores, kind="stable")
