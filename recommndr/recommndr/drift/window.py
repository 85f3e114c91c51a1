"""The newest hour of one arm: for each shopper one answer that a ranker ordered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np

from recommndr.drift.distances import Floats
from recommndr.drift.slices import Slices


class Drawn(NamedTuple):
    """What an answer says of the ranker: one candidate's inputs and score, and how far apart the list's ends are."""

    user_id: str
    at_s: float
    inputs: Floats  # (n_columns,)
    score: float
    gap: float  # NaN for a list of one place


class Sample(NamedTuple):
    """Shoppers as rows."""

    inputs: Floats  # (n, n_columns)
    scores: Floats  # (n, 1)
    gaps: Floats  # (n,)

    @classmethod
    def of(cls, drawn: Sequence[Drawn], n_columns: int) -> Self:
        """Of these answers."""
        inputs = np.array([one.inputs for one in drawn], np.float32).reshape(len(drawn), n_columns)
        scores, gaps = np.array([[one.score, one.gap] for one in drawn], np.float64).reshape(-1, 2).T
        return cls(inputs, scores[:, np.newaxis], gaps)


@dataclass(slots=True)
class ArmWindow:
    """Answers of one version in one arm."""

    model_version: str
    n_columns: int
    _drawn: Slices[Drawn] = field(default_factory=Slices)

    def add(self, drawn: Drawn) -> None:
        """See `Slices.add`."""
        self._drawn.add(drawn)

    def forget(self, now_s: float) -> None:
        """See `Slices.forget`."""
        self._drawn.forget(now_s)

    def copied(self) -> "ArmWindow":
        """As it is now; the answers are shared."""
        return ArmWindow(self.model_version, self.n_columns, self._drawn.copied())

    def sample(self) -> Sample:
        """All of it."""
        return Sample.of(self._drawn.all(), self.n_columns)

    def beside(self, other: "ArmWindow") -> tuple[Sample, Sample]:
        """Both arms' shoppers, as many of each in every slice."""
        ours, theirs = self._drawn.beside(other._drawn)
        return Sample.of(ours, self.n_columns), Sample.of(theirs, other.n_columns)
