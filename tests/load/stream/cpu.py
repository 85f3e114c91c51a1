"""CPU seconds by hop: each process of the installation with its children, Flink's JVM and its Python apart."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import psutil

from recommndr_native.installation import Installation

HOPS = ("envoy", "collector", "kafka", "flink jvm", "flink python", "feature-writer", "redis", "lake-writer", "blue", "green")


def cpu_seconds(installation: Installation) -> dict[str, float]:
    """Since each process started."""
    spent: Counter[str] = Counter()
    for name in {hop.partition(" ")[0] for hop in HOPS}:
        for process in _tree(installation.pid(name)):
            try:
                times, command = process.cpu_times(), process.name()
            except psutil.NoSuchProcess:
                continue
            hop = name if name != "flink" else f"flink {'jvm' if command == 'java' else 'python'}"
            spent[hop] += times.user + times.system
    return dict(spent)


def _tree(pid: int) -> Iterable[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@dataclass(frozen=True, slots=True)
class Used:
    """CPU seconds of each hop, and in how many seconds."""

    by_hop: Mapping[str, float]
    seconds: float

    @classmethod
    def between(cls, before: Mapping[str, float], after: Mapping[str, float], seconds: float) -> Self:
        """What was used from `before` to `after`."""
        return cls({hop: after.get(hop, 0.0) - before.get(hop, 0.0) for hop in HOPS}, seconds)

    @property
    def cores(self) -> dict[str, float]:
        """Shares of a core."""
        return {hop: used / self.seconds for hop, used in self.by_hop.items()}

    def ms_an_event(self, idle: Self, n_events: int) -> dict[str, float]:
        """CPU milliseconds beyond those of `idle` in the same time."""
        return {hop: (used - idle.cores[hop] * self.seconds) / max(n_events, 1) * 1e3 for hop, used in self.by_hop.items()}
