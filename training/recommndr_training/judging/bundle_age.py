"""NDCG by the age of the bundle: its arrays and its ranker stay those of the cut, shoppers and item counters go on.

A slot serves a bundle for days while the live state follows the shop. The lists at each age are judged by the same length of
time after them, so that figures of different ages can be compared; shoppers and seasons still differ. Popularity stands beside
them: what falls faster than it suffers from age.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recommndr_engine import list_metrics as metrics
from recommndr_training.judging.judged import Judged
from recommndr_training.params import DataParams

AGES_DAYS = (0, 3, 7, 14)
_DAY_S = 86_400.0
_MIN_HORIZON = 0.5  # share of the label horizon that must be left after an age


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages that the data reach, and how long after each of them counts."""

    days: tuple[int, ...]
    horizon_s: float


def ages(cut_s: float, end_s: float, horizon_s: float) -> Ages:
    """Those after which at least half a label horizon is left before `end_s`; what is left after the last one counts.

    >>> ages(0.0, 14 * 86_400.0, 14 * 86_400.0)
    Ages(days=(0, 3, 7), horizon_s=604800.0)
    """
    left_s = {days: end_s - cut_s - days * _DAY_S for days in AGES_DAYS}
    days = tuple(days for days, left in left_s.items() if left >= _MIN_HORIZON * horizon_s)
    return Ages(days, min([horizon_s, *(left_s[each] for each in days)]))


def last_day_s(lines: pd.DataFrame, data: DataParams) -> float:
    """Where the data end: after the day of the last event, at most at the dataset's `until`."""
    return min(float(lines["at_s"].max()) // _DAY_S * _DAY_S + _DAY_S, data.until.timestamp())


def figures(judged: Mapping[float, Mapping[str, Judged]], cut_s: float, horizon_s: float, n_draws: int) -> dict[str, Any]:
    """By request set, method and age in days: NDCG@10 with its interval and the number of shoppers; from lists by instant."""
    found: dict[str, Any] = {}
    for at_s, by_set in judged.items():
        days = round((at_s - cut_s) / _DAY_S)
        for question, each in by_set.items():
            for method, ndcg in each.ndcg.items():
                low, high = metrics.bootstrap_interval(ndcg, n_draws)
                one = {"ndcg@10": float(ndcg.mean()), "low": low, "high": high, "shoppers": len(ndcg)}
                found.setdefault(question, {}).setdefault(method, {})[f"{days} d"] = one
    return {"horizon_days": round(horizon_s / _DAY_S, 2), "requests": found}


def table(found: Mapping[str, Any]) -> str:
    """The figures in Markdown."""
    rows = [
        f"| {question} | {method} | {age} | {one['shoppers']} | {one['ndcg@10']:.4f} [{one['low']:.4f}, {one['high']:.4f}] |"
        for question, method, age, one in _each(found)
    ]
    head = [
        f"Judged by the {found['horizon_days']:g} days after each age.",
        "",
        "| items | method | age | shoppers | NDCG@10 |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def plot(found: Mapping[str, Any], path: Path) -> None:
    """NDCG@10 with intervals over the age, one panel per request set, as PNG."""
    asked = found["requests"]
    figure = Figure(figsize=(4.2 * max(len(asked), 1), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (question, by_method) in enumerate(asked.items(), 1):
        axes = figure.add_subplot(1, len(asked), place)
        for method, by_age in by_method.items():
            values = np.array([one["ndcg@10"] for one in by_age.values()])
            ends = np.array([(one["low"], one["high"]) for one in by_age.values()]).T
            axes.errorbar([int(age.split()[0]) for age in by_age], values, np.abs(ends - values), capsize=3, label=method)
        axes.set_title(question)
        axes.set_xlabel("age of the bundle, days")
        axes.set_ylabel("NDCG@10")
        axes.set_ylim(bottom=0.0)
        axes.legend(loc="lower left")
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _each(found: Mapping[str, Any]) -> list[tuple[str, str, str, Mapping[str, float]]]:
    return [
        (question, method, age, one)
        for question, by_method in found["requests"].items()
        for method, by_age in by_method.items()
        for age, one in by_age.items()
    ]


def periods(lines: pd.DataFrame, cut_s: float, reach: Ages) -> Iterator[tuple[float, pd.DataFrame, pd.DataFrame]]:
    """Each age's instant with the lines known before it and those that it is judged by."""
    for days in reach.days:
        at_s = cut_s + days * _DAY_S
        in_horizon = (lines["at_s"] >= at_s) & (lines["at_s"] < at_s + reach.horizon_s)
        yield at_s, lines[lines["known_s"] < at_s], lines[in_horizon]
