"""Examples of several cuts as one table to learn from: rows in requests, which a ranking objective compares within."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommndr_training.examples.examples import Examples


@dataclass(frozen=True, slots=True)
class LearningTable:
    """Rows of one request are adjacent."""

    matrix: npt.NDArray[np.float32]  # (n, n_columns)
    labels: npt.NDArray[np.float32]  # (n,) 1 = the target event happened
    groups: npt.NDArray[np.int64]  # (n_requests,) number of rows of each request

    @classmethod
    def of(cls, parts: Sequence[Examples]) -> "LearningTable":
        """The rows of all parts, one part after the other; columns that only tell the part are unknown.

        Where all requests of a part lie at its cut, their hour and weekday are the cut's. Trees would learn the cuts by heart.
        """
        sizes = [np.bincount(part.requests, minlength=len(part.user_ids)) for part in parts]
        groups = np.concatenate(sizes)
        matrix = np.concatenate([part.matrix for part in parts])
        matrix[:, np.logical_and.reduce([_constant(part.matrix) for part in parts])] = np.nan
        return cls(
            matrix,
            np.concatenate([part.bought for part in parts]).astype(np.float32),
            groups[groups > 0],
        )

    def sampled(self, max_rows: int, seed: int) -> "LearningTable":
        """Whole requests drawn at random, with about `max_rows` rows; everything where there are fewer."""
        if len(self.labels) <= max_rows:
            return self
        share = max_rows / len(self.labels)
        taken = np.random.default_rng(seed).random(len(self.groups)) < share
        rows = np.repeat(taken, self.groups)
        return LearningTable(self.matrix[rows], self.labels[rows], self.groups[taken])


def _constant(matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """(n_columns,) which columns have one value in all rows."""
    first = matrix[:1]
    constant: npt.NDArray[np.bool_] = ((matrix == first) | (np.isnan(matrix) & np.isnan(first))).all(axis=0)
    return constant
