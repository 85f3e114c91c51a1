"""What stage tune tried and chose, for reading: a table in Markdown and a plot."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recommndr_training.tuning.coordinate_search import Found, Trial


def table(found: Mapping[str, Found[Any]], n_shoppers: int, missing: str | None = None) -> str:
    """The chosen settings in one sentence each, then one row per trial."""
    if missing:
        return f"{missing}\n"
    lines = [
        f"{n_shoppers} shoppers of the tuning cut judged. NDCG@10 of each retriever's own list; a value is chosen when its"
    ]
    lines += ["gain over the value that stood is above 0 with all of its 95 % interval.", ""]
    for stage, each in found.items():
        changed = ", ".join(f"{name} = {value:g}" for name, value in each.changed.items())
        lines.append(f"- {stage}: {changed or 'the defaults stay'}; before: {_figures(each.means)}")
    lines += ["", "| stage | setting | stood | tried | gain | 95 % interval | chosen | NDCG@10 |", f"|{'---|' * 8}"]
    lines += [_row(stage, trial) for stage, each in found.items() for trial in each.trials]
    return "\n".join(lines) + "\n"


def _row(stage: str, trial: Trial) -> str:
    interval = f"[{trial.gain.low:+.1%}, {trial.gain.high:+.1%}]"
    cells = (
        stage,
        trial.name,
        "itself" if trial.stood is None else f"{trial.stood:g}",
        f"{trial.value:g}",
        f"{trial.gain.mean:+.1%}",
        interval,
        "yes" if trial.kept else "",
        _figures(trial.means),
    )
    return f"| {' | '.join(cells)} |"


def _figures(means: Mapping[str, float]) -> str:
    return ", ".join(f"{question} {mean:.4f}" for question, mean in means.items())


def plot(found: Mapping[str, Found[Any]], path: Path) -> None:
    """Gain of every trial with its 95 % interval, one panel per stage, as PNG."""
    figure = Figure(figsize=(4.5 * max(len(found), 1), 5.0), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (stage, each) in enumerate(found.items(), 1):
        axes = figure.add_subplot(1, len(found), place)
        axes.set_title(stage)
        axes.set_xlabel("gain of NDCG@10")
        axes.axvline(0.0, color="#2c3e50", linewidth=0.8)
        for row, trial in enumerate(reversed(each.trials)):
            colour = "#c0392b" if trial.kept else "#95a5a6"
            axes.plot([trial.gain.low, trial.gain.high], [row, row], color=colour)
            axes.plot([trial.gain.mean], [row], "o", color=colour)
        axes.set_yticks(range(len(each.trials)), [f"{one.name} {one.value:g}" for one in reversed(each.trials)])
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, metadata={"Software": None})
