"""The table and the plot of a run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np

from tests.load.stream.cpu import HOPS, Used
from tests.load.stream.lag import Lag
from tests.load.stream.probes import Waits
from tests.load.stream.senders import Load, Sent

mpl.use("Agg")
from matplotlib import pyplot as plt


@dataclass(frozen=True, slots=True)
class Phase:
    """One load and what was measured under it."""

    name: str
    load: Load | None  # None: nothing but probes
    sent: Sent
    waits: Waits
    used: Used
    lag: Lag

    @property
    def sustained(self) -> bool:
        """Whether the load was carried as asked, and the stream kept up with it."""
        wanted = self.load.per_second if self.load else 0.0
        return self.sent.per_second >= 0.95 * wanted and self.lag.is_kept


def table(phases: Sequence[Phase]) -> str:
    """Rates, waits and the lag of Redis, then CPU by hop; the first phase is without a load."""
    waited = f"{'p50 s':>7} {'p95 s':>7} {'p99 s':>7}"
    rows = [f"{'load':34} {'events/s':>9} {waited} {'lag s':>7} {'at end':>7} {'gone in':>8}  sustained"]
    for one in phases:
        waits = " ".join(f"{one.waits.percentile(q):7.3f}" for q in (50, 95, 99))
        verdict = ("yes" if one.sustained else "NO") if one.load else "-"
        rows.append(f"{one.name:34} {one.sent.per_second:9.0f} {waits} {_lag(one.lag)}  {verdict}")
    loaded = [one for one in phases if one.load]
    idle = phases[0].used
    rows += ["", f"{'CPU':18}{'cores, probes alone':>22}" + "".join(f"{one.name[:20]:>22}" for one in loaded)]
    rows.append(f"{'':18}{'':>22}" + f"{'ms an event more':>22}" * len(loaded))
    cpu = [idle.cores, *(_cpu_ms(one, idle) for one in loaded)]
    rows += [f"{hop:18}" + "".join(f"{column[hop]:22.3f}" for column in cpu) for hop in HOPS]
    rows.append(f"{'sum':18}" + "".join(f"{sum(column.values()):22.3f}" for column in cpu))
    return "\n".join(rows)


def _lag(lag: Lag) -> str:
    return f"{lag.middle_s:7.2f} {lag.at_end_s:7.2f} {lag.recovery_s:8.1f}"


def _cpu_ms(phase: Phase, idle: Used) -> dict[str, float]:
    return phase.used.ms_an_event(idle, phase.sent.n_acknowledged)


def save(phases: Sequence[Phase], folder: Path) -> Path:
    """The figures as JSON, and the plot, whose path is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = [
        {
            "load": one.name,
            "events_per_s": round(one.sent.per_second, 1),
            **{f"p{q}_s": round(one.waits.percentile(q), 4) for q in (50, 95, 99)},
            "lag_s": [round(sample, 2) for sample in one.lag.seconds],
            "lag_gone_in_s": round(one.lag.recovery_s, 2),
            "sustained": one.sustained,
            "cpu_cores": {hop: round(share, 4) for hop, share in one.used.cores.items()},
            "cpu_ms_an_event": {hop: round(ms, 4) for hop, ms in _cpu_ms(one, phases[0].used).items()},
        }
        for one in phases
    ]
    (folder / "stream.json").write_text(json.dumps(figures, indent=1))
    figure, (lag, cpu) = plt.subplots(2, 1, figsize=(9, 9))
    for one in phases:
        order = np.argsort(one.waits.at_s)
        lag.plot(np.asarray(one.waits.at_s)[order], np.asarray(one.waits.waited_s)[order], label=one.name, linewidth=1)
    lag.set(xlabel="seconds of load", ylabel="event to answer, s", yscale="log")
    lag.legend(loc="upper left", fontsize=7)
    loaded = [one for one in phases if one.load]
    bottom = np.zeros(len(loaded))
    for hop in HOPS:
        heights = np.array([_cpu_ms(one, phases[0].used)[hop] for one in loaded])
        cpu.bar([one.name for one in loaded], heights, bottom=bottom, label=hop)
        bottom += heights
    cpu.set(ylabel="CPU ms an event, beyond that of probes alone")
    cpu.tick_params(axis="x", labelrotation=20, labelsize=7)
    cpu.legend(loc="upper right", fontsize=7)
    figure.tight_layout()
    path = folder / "stream.png"
    figure.savefig(path, dpi=110)
    return path
