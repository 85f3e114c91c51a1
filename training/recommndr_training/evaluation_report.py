"""The gate's figures for reading: a table in Markdown, a plot, and CSV that `dvc plots` compares between versions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_COLUMNS = ("ndcg@10", "hit_rate@10", "recall@10", "coverage@10")


def table(figures: Mapping[str, Any], note: str | None = None) -> str:
    """One row per request set and method, the ranker first, then by NDCG@10; below them the differences and `note`."""
    lines = [f"| items | method | {' | '.join(_COLUMNS)} |", f"|{'---|' * (len(_COLUMNS) + 2)}"]
    notes = []
    for question, found in figures.items():
        methods = found["methods"]
        for method in sorted(methods, key=lambda name: (name != "ranker", -methods[name]["ndcg@10"])):
            values = " | ".join(f"{methods[method][column]:.4f}" for column in _COLUMNS)
            lines.append(f"| {question} | {method} | {values} |")
        notes.append(f"{question}: {found['shoppers']} shoppers{_gain(found)}")
    return "\n".join([*lines, "", *notes, *([note] if note else [])]) + "\n"


def _gain(found: Mapping[str, Any]) -> str:
    gain = found.get("ranker_minus_best_single")
    if gain is None:  # a version without a ranker
        return ""
    difference = f"{gain['ndcg@10']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]"
    return f"; ranker - {found['best_single_on_tuning']} = {difference}"


def bars(figures: Mapping[str, Any]) -> str:
    """CSV with a row per request set and method, best first within a set, with NDCG@10 and its 95 % interval."""
    rows = [["what", "ndcg@10", "low", "high"]]
    for question, found in figures.items():
        methods = found["methods"]
        for method in sorted(methods, key=lambda name: (-methods[name]["ndcg@10"], name)):
            values = (methods[method][column] for column in ("ndcg@10", "ndcg@10_low", "ndcg@10_high"))
            rows.append([f"{question}: {method}", *(f"{value:.6f}" for value in values)])
    return _csv(rows)


def gain_bars(gains: Mapping[str, float]) -> str:
    """CSV of the ranker's columns by their share of its gain, largest first."""
    largest_first = sorted(gains, key=lambda column: (-gains[column], column))
    return _csv([["column", "gain"], *([column, f"{gains[column]:.6f}"] for column in largest_first)])


def _csv(rows: list[list[str]]) -> str:
    return "".join(f"{','.join(row)}\n" for row in rows)


def plot(figures: Mapping[str, Any], path: Path) -> None:
    """NDCG@10 with 95 % intervals by method, one panel per request set, as PNG."""
    figure = Figure(figsize=(4.2 * max(len(figures), 1), 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (question, found) in enumerate(figures.items(), 1):
        methods = found["methods"]
        names = sorted(methods, key=lambda name: methods[name]["ndcg@10"])
        values = [methods[name]["ndcg@10"] for name in names]
        below = [methods[name]["ndcg@10"] - methods[name]["ndcg@10_low"] for name in names]
        above = [methods[name]["ndcg@10_high"] - methods[name]["ndcg@10"] for name in names]
        axes = figure.add_subplot(1, len(figures), place)
        axes.barh(names, values, xerr=[below, above], color=["#c0392b" if name == "ranker" else "#95a5a6" for name in names])
        axes.set_title(f"{question}, {found['shoppers']} shoppers")
        axes.set_xlabel("NDCG@10")
    figure.savefig(path, dpi=100, metadata={"Software": None})
