"""The table and the plot of a run."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from tests.load.serving.floor import Floor
from tests.load.serving.rounds import Round

mpl.use("Agg")
from matplotlib import pyplot as plt

_QUANTILES = (50, 95, 99)


def median(floors: Sequence[Floor]) -> Floor:
    """Of each call."""
    return Floor(*(float(np.median([getattr(one, name) for one in floors])) for name in ("ranker_ms", "search_ms", "row_ms")))


def table(floors: Sequence[Floor], rounds: Sequence[Round], soak: Sequence[Round]) -> str:
    """The floor, then a row per round; the last column is p50 as a multiple of the floor."""
    floor = median(floors)
    rows = [
        f"floor {floor.sum_ms:.2f} ms: ranker {floor.ranker_ms:.2f}, search {floor.search_ms:.2f}, row {floor.row_ms:.2f}",
        "",
        f"{'endpoint':16}{'way':8}{'load':12}{'answers/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'cpu ms':>8}"
        f"{'MB':>7}{'full':>7}{'failed':>8}{'x floor':>9}",
    ]
    rows += [_row(one, floor) for one in rounds]
    if soak:
        rows += ["", "soak, by minute"] + [_row(one, floor) for one in soak]
        rows.append(f"memory from first to last minute: {soak[-1].rss_mb - soak[0].rss_mb:+.0f} MB")
    return "\n".join(rows)


def _row(one: Round, floor: Floor) -> str:
    answers = one.answers
    waits = "".join(f"{answers.percentile_ms(q):9.2f}" for q in _QUANTILES)
    times = f"{answers.percentile_ms(50) / floor.sum_ms:9.2f}" if one.endpoint == "recommend" else f"{'':9}"
    return (
        f"{one.endpoint:16}{one.way:8}{one.load!s:12}{answers.per_second:10.0f}{waits}{one.cpu_ms:8.2f}{one.rss_mb:7.0f}"
        f"{answers.share_full:7.3f}{answers.n_failed:8d}{times}"
    )


def save(floors: Sequence[Floor], rounds: Sequence[Round], soak: Sequence[Round], folder: Path) -> Path:
    """The figures as JSON, and the plot, whose path is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    floor = median(floors)
    figures = {
        "floor_ms": asdict(floor),
        "rounds": [_figures(one) for one in rounds],
        "soak": [_figures(one) for one in soak],
    }
    (folder / "serving.json").write_text(json.dumps(figures, indent=1))
    figure, axes = plt.subplots(figsize=(9, 6))
    for one in rounds:
        ordered = np.sort(one.answers.seconds) * 1e3
        name = f"{one.endpoint}, {one.way}, {one.load}"
        axes.plot(ordered, np.linspace(0.0, 1.0, len(ordered)), label=name, linewidth=1)
    axes.axvline(floor.sum_ms, color="black", linestyle=":", label="floor")
    axes.set(xscale="log", xlabel="milliseconds", ylabel="share of answers that took at most so long")
    axes.legend(loc="lower right", fontsize=6)
    figure.tight_layout()
    path = folder / "serving.png"
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return path


def _figures(one: Round) -> dict[str, Any]:
    answers = one.answers
    return {
        "endpoint": one.endpoint,
        "way": one.way,
        "load": str(one.load),
        "answers_per_s": round(answers.per_second, 1),
        **{f"p{q}_ms": round(answers.percentile_ms(q), 3) for q in _QUANTILES},
        "cpu_ms_an_answer": round(one.cpu_ms, 3),
        "rss_mb": round(one.rss_mb, 1),
        "statuses": dict(answers.statuses),
        "ladder": dict(answers.steps),
    }
