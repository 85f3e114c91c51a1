"""Search over settings, one axis after the other: a full product of the values would take hours. Pure but for the judge.

A value stands in for the present one only if all of its gain's interval is above 0: on a small shop the defaults stay, which
were measured on large ones. Of several such values the one with the highest lower end is taken: it is the surest gain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from recommndr_training.relative_gain import Figures, Gain, relative_gain
from recommndr_training.retriever_fit import Axis

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class Trial:
    """One value of one setting, compared with the settings that stood when its axis was tried."""

    name: str
    value: float
    stood: float | None  # the value it was compared with; None: what the stage finds by itself
    means: dict[str, float]  # by question
    gain: Gain
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Found(Generic[Options]):
    """The settings that stand at the end and the trials that led there."""

    options: Options
    means: dict[str, float]  # by question, of the settings at the start
    trials: tuple[Trial, ...]

    @property
    def changed(self) -> dict[str, float]:
        """The settings that are no longer those of the start."""
        return {trial.name: trial.value for trial in self.trials if trial.kept}


def search(start: Options, grid: Sequence[Axis], judge: Callable[[Options], Figures]) -> Found[Options]:
    """Of each axis keep the value whose gain is surest, if one is outside noise, and go on from there."""
    options, figures, trials = start, judge(start), []
    means = _means(figures)
    for axis in grid:
        stood = getattr(options, axis.name)
        judged = {value: judge(_with(options, axis.name, value)) for value in axis.values if value != stood}
        tried = [Trial(axis.name, value, stood, _means(each), relative_gain(each, figures)) for value, each in judged.items()]
        best = max((trial for trial in tried if trial.gain.is_outside_noise), key=lambda trial: trial.gain.low, default=None)
        trials += [replace(trial, kept=trial is best) for trial in tried]
        if best is not None:
            options, figures = _with(options, axis.name, best.value), judged[best.value]
    return Found(options, means, tuple(trials))


def _with(options: Options, name: str, value: float) -> Options:
    changed: Options = replace(options, **{name: value})  # type: ignore[type-var]
    return changed


def _means(figures: Figures) -> dict[str, float]:
    return {question: float(np.nanmean(each)) if not np.isnan(each).all() else 0.0 for question, each in figures.items()}
