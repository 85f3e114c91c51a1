"""The page of `recommndr drift`: sections with a text, plots and a table, all in one HTML file."""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recommndr.drift.distances import Floats

_N_PLOTS = 12
_N_BARS = 30
_ACROSS = 4
_STYLE = "body{font:15px sans-serif;margin:2em}td,th{padding:2px 12px;text-align:right}td:first-child{text-align:left}"


class Pair(NamedTuple):
    """Two samples of one column, drawn over each other."""

    title: str
    values: Mapping[str, Floats]  # by label


class Bars(NamedTuple):
    """Shares of values, side by side."""

    title: str
    shares: Mapping[str, Sequence[float]]  # by label, of each value
    values: Sequence[str]


class Section(NamedTuple):
    """A part of the page; `rows` are escaped when they are written."""

    title: str
    told: str
    plots: Sequence[Pair | Bars]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def page(title: str, sections: Sequence[Section]) -> str:
    """The HTML."""
    parts = [f'<!doctype html><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>']
    parts.append(f"<h1>{escape(title)}</h1>")
    for section in sections:
        head = "".join(f"<th>{escape(one)}</th>" for one in section.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in section.rows)
        parts.append(f"<h2>{escape(section.title)}</h2><p>{escape(section.told)}</p>")
        parts.append(f'<img alt="{escape(section.title)}" src="data:image/png;base64,{_png(section.plots)}">')
        parts.append(f"<table><tr>{head}</tr>{rows}</table>")
    return "\n".join(parts)


def known(values: Floats) -> Floats:
    """Without those that are not known."""
    return values[np.isfinite(values)]


def column_row(name: str, distances: Sequence[float], samples: Sequence[Floats]) -> list[str]:
    """A row of a table of columns: distances, medians, shares of unknown values."""
    medians = [f"{np.median(there):.4g}" if len(there := known(values)) else "none" for values in samples]
    unknown = [f"{np.mean(np.isnan(values)):.1%}" for values in samples]
    return [name, *(f"{one:.3f}" for one in distances), *medians, *unknown]


def _png(plots: Sequence[Pair | Bars]) -> str:
    shown = plots[:_N_PLOTS]
    n_down = -(-len(shown) // _ACROSS)
    figure = Figure(figsize=(16, 3.2 * max(n_down, 1)), layout="constrained")
    for number, plot in enumerate(shown, 1):
        axes = figure.add_subplot(n_down, _ACROSS, number)
        _draw(axes, plot)
        axes.set_title(plot.title, fontsize=10)
        if number == 1:
            axes.legend(loc="upper right")
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=80)
    return base64.b64encode(png.getvalue()).decode()


def _draw(axes: Axes, plot: Pair | Bars) -> None:
    if isinstance(plot, Bars):
        places, width = np.arange(len(plot.values)), 0.8 / len(plot.shares)
        for number, (label, shares) in enumerate(plot.shares.items()):
            axes.bar(places + number * width, shares, width, label=label)
        axes.set_xticks(places + 0.4 - width / 2, plot.values, rotation=45, fontsize=8)
        return
    together = known(np.concatenate(list(plot.values.values())))
    low, high = np.quantile(together, [0.01, 0.99]).tolist() if len(together) else (0.0, 0.0)
    if low < high:
        for label, values in plot.values.items():
            there = known(values)
            weights = np.full(len(there), 1.0 / max(len(values), 1))  # shares: samples may differ in size
            axes.hist(there.clip(low, high), _N_BARS, range=(low, high), weights=weights, histtype="step", label=label)
