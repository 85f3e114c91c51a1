"""Plots of a shop: activity over time, and how unevenly events are spread over shoppers, sessions and items."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recommndr_simulation.actions import LOOK, PURCHASE, Actions
from recommndr_simulation.arrays import Ints, Rows
from recommndr_simulation.calendar import HOUR_SHARE, WEEKDAY_SHARE
from recommndr_simulation.figures import DAY_S, shape_by_hour, shape_by_weekday

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plot_times(shop: Actions, tenant: str, path: Path, against_real: bool) -> None:
    """Hours, weekdays and days; on request with RetailRocket's hours and weekdays."""
    figure = Figure(figsize=(13, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    hours, weekdays, days = figure.subplots(1, 3, width_ratios=(2, 1, 2))
    hours.bar(range(24), shape_by_hour(shop), color="#95a5a6", label=tenant)
    weekdays.bar(_WEEKDAYS, shape_by_weekday(shop), color="#95a5a6", label=tenant)
    if against_real:
        hours.plot(range(24), 100 * HOUR_SHARE / HOUR_SHARE.sum(), "o-", color="#c0392b", label="RetailRocket")
        weekdays.plot(_WEEKDAYS, WEEKDAY_SHARE, "o-", color="#c0392b", label="RetailRocket")
        hours.legend(loc="upper left")
    hours.set(title="looks by hour (UTC), %", xlabel="hour")
    weekdays.set(title="looks by weekday, %")
    day = np.floor((shop.at_s - shop.at_s.min()) / DAY_S).astype(np.int64)
    days.plot(np.bincount(day), color="#2c3e50")
    days.set(title="actions per day", xlabel="day", ylim=(0, None))
    figure.savefig(path, dpi=90, metadata={"Software": None})


def plot_tails(logs: Mapping[str, Actions], path: Path) -> None:
    """Per log, the share of shoppers, sessions and items with at least so many actions, on logarithmic axes."""
    figure = Figure(figsize=(13, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 3)
    for name, actions in logs.items():
        counted = actions.what == (LOOK if (actions.what == LOOK).any() else PURCHASE)
        for axes, counts in zip(panels, (actions.user, actions.sessions(), actions.item[counted]), strict=True):
            _tail(axes, counts, name)
    titles = ("actions per shopper", "actions per session", "looks (C: purchases) per item")
    for axes, title in zip(panels, titles, strict=True):
        axes.set(xscale="log", yscale="log", title=title, xlabel="at least so many", ylabel="share")
    panels[0].legend(loc="lower left", fontsize=8)
    figure.savefig(path, dpi=90, metadata={"Software": None})


def _tail(axes: Axes, owner: Rows | Ints, name: str) -> None:
    counts = np.bincount(owner)
    values, times = np.unique(counts[counts > 0], return_counts=True)
    axes.plot(values, times[::-1].cumsum()[::-1] / times.sum(), label=name)
