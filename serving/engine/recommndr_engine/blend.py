"""Orders candidates without a ranker: the weighted average of the retrievers' scores, each scaled to its maximum."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import ScoreArray


def blend(scores: Mapping[str, ScoreArray], weights: Mapping[str, float], n: int) -> ScoreArray:
    """(n,) float32 in [0, 1]; a retriever without a weight or without scores adds 0. NaN counts as no score."""
    total = sum(weights.get(name, 0.0) for name in scores)
    mixed = np.zeros(n, np.float32)
    for name, values in scores.items():
        finite = np.nan_to_num(values, nan=0.0)
        top = finite.max(initial=np.float32(0.0))
        if top > 0.0 and total > 0.0:
            # Scaled first: the inverse of a very small maximum is infinite.
            mixed += np.float32(weights.get(name, 0.0) / total) * (np.maximum(finite, np.float32(0.0)) / top)
    return mixed


def best_first(scores: ScoreArray) -> npt.NDArray[np.intp]:
    """Places by score, the highest first; of equals the earlier place."""
    return np.argsort(-scores, kind="stable")
