"""Whether a ranker's probabilities come true. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_N_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Candidates of about the same probability."""

    predicted: float
    seen: float
    n: int


def bins(
    log_odds: npt.NDArray[np.float64], wanted: npt.NDArray[np.bool_], share_of_negatives: float, n_bins: int = _N_BINS
) -> Sequence[Bin]:
    """Candidates in bins of equal numbers, least likely first, with the mean probability and the share that was wanted.

    The ranker learnt from a share of the negatives, so its odds are too high by the inverse of that share.

    >>> bins(np.zeros(4), np.array([True, False, True, False]), 1.0, n_bins=1)
    [Bin(predicted=0.5, seen=0.5, n=4)]
    """
    predicted = 1.0 / (1.0 + np.exp(-(log_odds + np.log(share_of_negatives))))
    order = np.argsort(predicted, kind="stable")
    parts = [part for part in np.array_split(order, n_bins) if len(part)]
    return [Bin(float(predicted[part].mean()), float(wanted[part].mean()), len(part)) for part in parts]
