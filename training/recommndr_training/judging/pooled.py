"""NDCG@10 of several gate windows and trainings together: what ships, each method, and their paired differences. Pure.

A shopper of two windows is one cluster: resampling draws shoppers with all their windows, because what one person likes in
November and in December is not two independent findings. Trainings that differ in the seed only judge the same shoppers, so a
shopper's figure in a window is the mean over its seeds. More seeds thus make the figures steadier, but no interval narrower
than its shoppers allow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr_training.questions import method_of

SHIPPED = "shipped"
QUESTIONS = ("all", "new", "repeat")
_VALUES_AT_ONCE = 4_000_000  # of a bootstrap, in memory
_KEYS = ["requests", "user_id"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Run:
    """One training: its window (1 is the gate itself, 2 a horizon earlier, …), its seed, and what it was judged at."""

    window: int
    seed: int
    shipped: Mapping[str, str]  # by question, the method that orders its lists; other requests get that of all items
    ndcg: pd.DataFrame  # as `evaluate.by_shopper` has it: requests, user_id, and a column for each method
    segments: Mapping[str, Any] = field(default_factory=dict)  # by question, as `judged.figures` has them


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over shoppers and windows with its 95 % interval."""

    mean: float
    low: float
    high: float
    n_shoppers: int
    n_windows: int

    def overlaps(self, other: "Estimate") -> bool:
        """Whether the intervals have a point in common."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of one question."""

    ndcg: dict[str, Estimate]  # of what ships and of each method
    shipped_minus: dict[str, Estimate]  # by method that is not what every run ships; paired


def compare(runs: Sequence[Run], question: str, n_draws: int = 2_000) -> Comparison | None:
    """The figures of all `runs` together; None where nobody was asked. A method that some runs lack is judged by the others."""
    found = _observations(runs, question)
    if found.empty:
        return None
    methods = [name for name in found.columns if name not in (*_KEYS, "window", "seed")]
    ndcg = {name: estimate(found, found[name], n_draws) for name in methods}
    simple = [name for name in methods if name != SHIPPED and {name} != {method_of(run.shipped, question) for run in runs}]
    minus = {name: estimate(found, found[SHIPPED] - found[name], n_draws) for name in simple}
    return Comparison(ndcg, minus)


def estimate(observed: pd.DataFrame, values: "pd.Series[float]", n_draws: int = 2_000) -> Estimate:
    """The mean of `values`, parallel to rows with user_id, window and seed; rows without a value do not count."""
    rows = observed[["user_id", "window"]].assign(value=values).dropna()
    of_windows = rows.groupby(["user_id", "window"], sort=True)["value"].mean()
    of_shoppers = of_windows.groupby(level="user_id", sort=True)
    sums, counts = (np.asarray(each, np.float64) for each in (of_shoppers.sum(), of_shoppers.size()))
    low, high = cluster_interval(sums, counts, n_draws)
    return Estimate(float(of_windows.mean()), low, high, len(sums), rows["window"].nunique())


def cluster_interval(sums: Floats, counts: Floats, n_draws: int, seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean of all values, by resampling clusters (percentile bootstrap).

    `sums` and `counts` are (n_clusters,). With one value in each cluster it is `list_metrics.bootstrap_interval` of the values.

    >>> cluster_interval(np.array([0.2, 0.2]), np.array([1.0, 1.0]), 100)
    (0.2, 0.2)
    """
    generator, n = np.random.default_rng(seed), len(sums)
    at_once = max(1, _VALUES_AT_ONCE // n)
    means = []
    for done in range(0, n_draws, at_once):
        drawn = generator.integers(0, n, (min(at_once, n_draws - done), n), np.int32)
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return float(low), float(high)


def seed_noise(runs: Sequence[Run], question: str) -> float | None:
    """Standard deviation of what ships between trainings that differ in the seed only; None with fewer than two seeds.

    Of several windows it is the root of the mean variance.
    """
    means = _observations(runs, question).groupby(["window", "seed"])[SHIPPED].mean()
    variances = means.groupby(level="window").var(ddof=1).dropna()
    return float(np.sqrt(variances.mean())) if len(variances) else None


def apart(runs: Sequence[Run], question: str, n_draws: int = 2_000) -> dict[int, tuple[Estimate, Estimate]]:
    """Windows whose lead over the best other method overlaps that of no other window; with their lead and that of the others.

    A leak in one window looks like this, and so does a shop that changed. Of two windows that differ, either may be wrong.
    """
    whole = compare(runs, question, n_draws)
    if whole is None or not whole.shipped_minus:
        return {}
    rival = max(whole.shipped_minus, key=lambda name: whole.ndcg[name].mean)
    leads = {window: lead for window, found in by_window(runs).items() if (lead := _lead(found, question, rival, n_draws))}
    found = {}
    for window, lead in leads.items():
        others = [each for number, each in leads.items() if number != window]
        rest = _lead([run for run in runs if run.window != window], question, rival, n_draws)
        if rest is not None and not any(lead.overlaps(other) for other in others):
            found[window] = lead, rest
    return found


def _lead(runs: Sequence[Run], question: str, rival: str, n_draws: int) -> Estimate | None:
    found = compare(runs, question, n_draws)
    return found.shipped_minus.get(rival) if found else None


def by_window(runs: Sequence[Run]) -> dict[int, list[Run]]:
    """Runs by their window, the gate first."""
    ordered = sorted(runs, key=lambda run: (run.window, run.seed))
    return {window: list(found) for window, found in groupby(ordered, key=lambda run: run.window)}


def by_seed(runs: Sequence[Run]) -> dict[int, list[Run]]:
    """Runs by their seed."""
    ordered = sorted(runs, key=lambda run: (run.seed, run.window))
    return {seed: list(found) for seed, found in groupby(ordered, key=lambda run: run.seed)}


def _observations(runs: Sequence[Run], question: str) -> pd.DataFrame:
    """A row for each shopper of each run, with a column for each method and for what ships."""
    parts = []
    for run in sorted(runs, key=lambda run: (run.window, run.seed)):
        asked = run.ndcg[run.ndcg["requests"] == question].dropna(axis="columns", how="all")
        if not asked.empty:
            parts.append(asked.assign(window=run.window, seed=run.seed, **{SHIPPED: asked[method_of(run.shipped, question)]}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_KEYS, "window", "seed", SHIPPED])
