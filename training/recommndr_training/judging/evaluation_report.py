"""The gate's figures for reading: a table in Markdown, a plot, and CSV that `dvc plots` compares between versions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_COLUMNS = ("ndcg@10", "precision@10", "recall@10", "map@10", "mrr@10", "hit_rate@10", "coverage@10")
_OTHER_CUTS = tuple(f"{name}@{k}" for k in (5, 20) for name in ("ndcg", "precision", "recall", "map", "mrr", "hit_rate"))
_VARIETY = ("coverage@10", "diversity@10", "novelty@10", "popularity_lift@10")
# What the platform's mission asks for.
_MISSION = {"precision@10": 0.15, "map@10": 0.10}


def table(figures: Mapping[str, Any], note: str | None = None) -> str:
    """One row per request set and method, the ranker first, then by NDCG@10; below them the differences and `note`."""
    notes = [f"{question}: {found['shoppers']} shoppers{_ships(found)}{_gain(found)}" for question, found in figures.items()]
    notes += [_mission(figures["all"])] if "all" in figures else []
    return "\n".join([*_by_method(figures, _COLUMNS), "", *notes, *([note] if note else [])]) + "\n"


def details(figures: Mapping[str, Any]) -> str:
    """The other cut-offs, what lists show, and NDCG@10 by segment, each as a table."""
    parts = [
        ["# At 5 and 20", "", *_by_method(figures, _OTHER_CUTS)],
        ["# What lists show", "", *_by_method(figures, _VARIETY)],
        ["# NDCG@10 by segment", "", *_by_segment(figures)],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _by_method(figures: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    lines = [f"| items | method | {' | '.join(columns)} |", f"|{'---|' * (len(columns) + 2)}"]
    for question, found in figures.items():
        methods = found["methods"]
        for method in sorted(methods, key=lambda name: (name != "ranker", -methods[name]["ndcg@10"])):
            values = " | ".join(f"{methods[method][column]:.4f}" for column in columns)
            lines.append(f"| {question} | {method} | {values} |")
    return lines


def _by_segment(figures: Mapping[str, Any]) -> list[str]:
    methods = list(dict.fromkeys(method for found in figures.values() for method in found["methods"]))
    lines = [
        f"| items | segment | shoppers | gain over contextual popularity | {' | '.join(methods)} |",
        f"|{'---|' * (len(methods) + 4)}",
    ]
    for question, found in figures.items():
        for name, segment in found["segments"].items():
            values = (f"{segment['ndcg@10'][method]:.4f}" if method in segment["ndcg@10"] else "" for method in methods)
            lines.append(f"| {question} | {name} | {segment['shoppers']} | {over_popularity(segment)} | {' | '.join(values)} |")
    return lines


def over_popularity(segment: Mapping[str, Any]) -> str:
    """The gain of a segment's figures over its best contextual popularity, if it has one."""
    gain = segment.get("popularity_gain")
    return f"{gain['of']} - {gain['over']} = {gain['ndcg@10']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]" if gain else ""


def _mission(found: Mapping[str, Any]) -> str:
    """The mission's bars beside the best method's figures and what a perfect list would reach."""
    compared = []
    for column, bar in _MISSION.items():
        best = max(found["methods"], key=lambda name: found["methods"][name][column])
        most = found[f"best_possible_{column}"]
        compared.append(f"{column} > {bar:.2f}: {found['methods'][best][column]:.4f} by {best}, {most:.4f} by a perfect list")
    return f"mission: {'; '.join(compared)}. Both depend on how many items a shopper takes more than on the method."


def _ships(found: Mapping[str, Any]) -> str:
    return f"; ships {found['ships']}" if "ships" in found else ""


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
