"""How much better one way to answer is than another, over several questions asked of the same shoppers. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from recommndr_engine import list_metrics as metrics

Name = TypeVar("Name", bound=Hashable)
_NOTHING = 1e-9  # a mean below it says that nothing was found
Floats = npt.NDArray[np.float64]
# By question (all items, new items; perhaps of several retrievers): (n_shoppers,) a figure, NaN for whom it was not asked.
Figures = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Gain:
    """The mean over the questions of the relative difference, with its paired 95 % interval (bootstrap over shoppers)."""

    mean: float
    low: float
    high: float

    @property
    def is_outside_noise(self) -> bool:
        """Whether the interval lies above 0."""
        return self.low > 0.0


def relative_gain(ours: Figures, base: Figures, n_draws: int = 1_000) -> Gain:
    """The gain of `ours` over `base`; each question counts the same, however large its figures are.

    A difference is relative to the larger of both means, so it lies in [-1, 1], also where one of them finds nothing.

    >>> relative_gain({"all": np.array([0.4, 0.4])}, {"all": np.array([0.2, 0.2])})
    Gain(mean=0.5, low=0.5, high=0.5)
    >>> relative_gain({"all": np.array([0.0])}, {"all": np.array([np.nan])})
    Gain(mean=0.0, low=0.0, high=0.0)
    """
    parts = [part for question in base if (part := _parts(ours[question], base[question])) is not None]
    if not parts:
        return Gain(0.0, 0.0, 0.0)
    of_shoppers = np.mean(parts, axis=0)
    low, high = metrics.bootstrap_interval(of_shoppers, n_draws)
    return Gain(float(of_shoppers.mean()), low, high)


def by_question(ours: Figures, base: Figures) -> dict[str, Gain]:
    """The gain of each question alone."""
    return {question: relative_gain({question: ours[question]}, {question: base[question]}) for question in base}


def flat(gains: Mapping[str, Gain]) -> dict[str, float]:
    """`all_mean`, `all_low`, `all_high`, … for a report."""
    return {f"{name}_{end}": getattr(gain, end) for name, gain in gains.items() for end in ("mean", "low", "high")}


def surest(gains: Mapping[Name, Gain]) -> Name | None:
    """The name of the gain outside noise with the highest lower end; None if there is none.

    >>> surest({"a": Gain(0.1, 0.01, 0.2), "b": Gain(0.3, -0.1, 0.7)})
    'a'
    """
    outside = [name for name, gain in gains.items() if gain.is_outside_noise]
    return max(outside, key=lambda name: gains[name].low, default=None)


def _parts(ours: Floats, base: Floats) -> Floats | None:
    """(n_shoppers,) whose mean is the relative difference; None where nobody was asked."""
    asked = ~np.isnan(ours) & ~np.isnan(base)
    if not asked.any():
        return None
    scale = max(ours[asked].mean(), base[asked].mean())
    difference = np.where(asked, ours - base, 0.0)
    found: Floats = difference * (len(asked) / asked.sum() / scale) if scale > _NOTHING else np.zeros(len(asked))
    return found
