"""The newest hour of one arm: for each shopper one answer, in slices of five minutes.

The shopper is the unit. Answers for one shopper are alike, so a hundred of them say little more than one, and an arm with few
shoppers would look different by chance. Slices let two arms be compared at the same times, whatever their shares of traffic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np

from recommndr.drift.distances import Floats

SLICE_S = 300
N_SLICES = 12
MAX_PER_SLICE = 400  # shoppers; of 113 columns they take 180 kB


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
    _slices: dict[int, list[Drawn]] = field(default_factory=dict)
    _shoppers: set[str] = field(default_factory=set)

    def add(self, drawn: Drawn) -> None:
        """Keep it if the shopper is not there yet and the slice has room."""
        number = int(drawn.at_s // SLICE_S)
        if drawn.user_id in self._shoppers or number <= max(self._slices, default=number) - N_SLICES:
            return
        there = self._slices.setdefault(number, [])
        if len(there) < MAX_PER_SLICE:
            there.append(drawn)
            self._shoppers.add(drawn.user_id)

    def forget(self, now_s: float) -> None:
        """Let go of what is older than the window."""
        for number in [one for one in self._slices if one <= int(now_s // SLICE_S) - N_SLICES]:
            self._shoppers.difference_update(one.user_id for one in self._slices.pop(number))

    def copied(self) -> "ArmWindow":
        """As it is now; the answers are shared."""
        slices = {number: list(there) for number, there in self._slices.items()}
        return ArmWindow(self.model_version, self.n_columns, slices, set(self._shoppers))

    def sample(self) -> Sample:
        """All of it."""
        return Sample.of([one for number in sorted(self._slices) for one in self._slices[number]], self.n_columns)

    def beside(self, other: "ArmWindow") -> tuple[Sample, Sample]:
        """Both arms' shoppers, as many of each in every slice."""
        ours, theirs = list[Drawn](), list[Drawn]()
        for number in sorted(self._slices.keys() & other._slices.keys()):
            pairs = list(zip(self._slices[number], other._slices[number], strict=False))
            ours += [one for one, _ in pairs]
            theirs += [one for _, one in pairs]
        return Sample.of(ours, self.n_columns), Sample.of(theirs, other.n_columns)
