"""Search over settings, one axis after the other: a full product of the values would take hours. Pure but for the judge.

What a setting does not change is not judged again: its figures stay. A value stands in for the present one only if all of its
gain's interval is above 0: on a small shop the defaults stay, which
were measured on large ones. Of several such values the one with the highest lower end is taken: it is the surest gain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from recommndr_training.relative_gain import Figures, Gain, relative_gain, surest
from recommndr_training.retrieval.retriever_fit import Axis

Options = TypeVar("Options")
Judge = Callable[[Options, Axis | None], Figures]  # figures of the retrievers that the axis changes; None: of all


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


def search(start: Options, grid: Sequence[Axis], judge: Judge[Options]) -> Found[Options]:
    """Of each axis keep the value whose gain is surest, if one is outside noise, and go on from there."""
    options, figures, trials = start, judge(start, None), []
    means = _means(figures)
    for axis in grid:
        tried = _along(options, figures, axis, judge)
        best = surest({place: trial.gain for place, (trial, _) in enumerate(tried)})
        trials += [replace(trial, kept=place == best) for place, (trial, _) in enumerate(tried)]
        if best is not None:
            trial, figures = tried[best]
            options = _with(options, axis.name, trial.value)
    return Found(options, means, tuple(trials))


def _along(options: Options, figures: Figures, axis: Axis, judge: Judge[Options]) -> list[tuple[Trial, Figures]]:
    """Trials of one axis with their figures: downwards and upwards from the present value, each as long as it gets better."""
    stood = getattr(options, axis.name)
    tried: list[tuple[Trial, Figures]] = []
    for values in _ways(axis.values, stood):
        best = 0.0
        for value in values:
            judged = {**figures, **judge(_with(options, axis.name, value), axis)}
            trial = Trial(axis.name, value, stood, _means(judged), relative_gain(judged, figures))
            tried.append((trial, judged))
            if trial.gain.mean <= best and stood is not None:
                break
            best = trial.gain.mean
    return tried


def _ways(values: Sequence[float], stood: float | None) -> list[list[float]]:
    """The values below the present one, nearest first, and those above it; all in one way where there is none."""
    ascending = sorted(values)
    if stood is None:
        return [ascending]
    return [[value for value in reversed(ascending) if value < stood], [value for value in ascending if value > stood]]


def _with(options: Options, name: str, value: float) -> Options:
    changed: Options = replace(options, **{name: value})  # type: ignore[type-var]
    return changed


def _means(figures: Figures) -> dict[str, float]:
    return {question: float(np.nanmean(each)) if not np.isnan(each).all() else 0.0 for question, each in figures.items()}
