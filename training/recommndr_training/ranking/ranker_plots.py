"""Stage ranker's figures as plots: what it looks at, whether its probabilities come true, what each retriever adds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

IMPORTANCE, CALIBRATION, ABLATION = (f"ranker/{name}.png" for name in ("importance", "calibration", "ablation"))
ALL = (IMPORTANCE, CALIBRATION, ABLATION)
_N_COLUMNS = 25


def write(found: Mapping[str, Any], directory: Path) -> None:
    """Write the plots of a report below a profile's folder; what the report does not have is removed."""
    for name in ALL:
        (directory / name).unlink(missing_ok=True)
    _save(_importance(found["gains"]), directory / IMPORTANCE)
    if found["calibration"]:
        _save(_calibration(found["calibration"]), directory / CALIBRATION)
    if found["ablation"]:
        _save(_ablation(found["ablation"]), directory / ABLATION)


def _importance(gains: Mapping[str, float]) -> Figure:
    figure, axes = _empty()
    largest = sorted(gains, key=lambda column: gains[column])[-_N_COLUMNS:]
    axes.barh(largest, [gains[column] for column in largest], color="#2980b9")
    axes.set_xlabel("share of the ranker's gain")
    return figure


def _calibration(bins: Sequence[Mapping[str, float]]) -> Figure:
    figure, axes = _empty()
    predicted, seen = ([one[name] for one in bins] for name in ("predicted", "seen"))
    axes.plot([0.0, max(predicted + seen)], [0.0, max(predicted + seen)], color="#95a5a6", linewidth=0.8)
    axes.plot(predicted, seen, "o-", color="#c0392b")
    axes.set_xlabel("mean probability of the candidates of a bin")
    axes.set_ylabel("share that was wanted")
    return figure


def _ablation(found: Mapping[str, Mapping[str, float]]) -> Figure:
    figure, axes = _empty()
    names = list(found)[::-1]
    for which, colour, shift in (("all", "#2c3e50", 0.15), ("new", "#c0392b", -0.15)):
        for row, name in enumerate(names):
            low, mean, high = (found[name][f"{which}_{end}"] for end in ("low", "mean", "high"))
            axes.plot([low, high], [row + shift, row + shift], color=colour)
            axes.plot([mean], [row + shift], "o", color=colour, label=f"{which} items" if row == 0 else None)
    axes.axvline(0.0, color="#95a5a6", linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("what the retriever adds to NDCG@10")
    axes.legend(loc="lower right")
    return figure


def _empty() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.0, 5.5), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, metadata={"Software": None})
