"""What the trials came to: a table, a JSON file and a plot."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from tests.faults.trial import Result


def table(results: Sequence[Result]) -> Table:
    """One line a trial."""
    drawn = Table(title="faults and verdicts")
    for name in ("fault", "what is wrong", "expected", "came", "by", "verdict s", "all back s", "refused", "moved twice"):
        drawn.add_column(name)
    for one in results:
        colour = "" if one.is_well else "[red]"
        planted = f" (+{one.planted} planted)" if one.planted else ""
        drawn.add_row(
            one.case, one.told, one.expected, f"{colour}{one.ended}", ", ".join(one.by), _seconds(one.verdict_s),
            _seconds(one.back_s), f"{one.refused}{planted}", str(one.moved_twice),
        )  # fmt: skip
    return drawn


def save(results: Sequence[Result], visitors: dict[str, object], folder: Path) -> Path:
    """Write `faults.json` and `faults.png`; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"trials": [asdict(one) for one in results], "visitors": visitors}
    (folder / "faults.json").write_text(json.dumps(kept, indent=1) + "\n")
    _plot([one for one in results if one.verdict_s is not None], folder / "faults.png")
    return folder


def _plot(results: Sequence[Result], path: Path) -> None:
    import matplotlib  # noqa: PLC0415 - its import takes a second

    matplotlib.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of what draws

    figure, axes = plt.subplots(figsize=(8, 0.6 * len(results) + 1.2))
    names = [one.case for one in results]
    axes.barh(names, [one.back_s or 0.0 for one in results], color="tab:red", label="last answer of the challenger")
    axes.barh(names, [one.verdict_s or 0.0 for one in results], color="tab:blue", label="verdict")
    axes.axvline(60, color="grey", linestyle="--", linewidth=1)
    axes.set_xlabel("seconds since the fault; the line is the goal of one minute")
    axes.invert_yaxis()
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
