"""The background loops of one process: made, started, stopped and watched together."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from recommndr_background.loop import BackgroundLoop
from recommndr_background.metrics import LoopMetrics
from recommndr_background.work import Work


class Loops:
    """All loops of a process, and their state for the health check."""

    def __init__(self, registry: CollectorRegistry, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._metrics = LoopMetrics(registry)
        self._monotonic_s = monotonic_s
        self._loops: list[BackgroundLoop] = []

    def add(self, work: Work) -> BackgroundLoop:
        """A loop for this work, not started yet."""
        loop = BackgroundLoop(work, self._metrics, self._monotonic_s)
        self._loops.append(loop)
        return loop

    def start(self) -> None:
        """Start all, each on a thread of its own."""
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """End all, in the order in which they were added."""
        for loop in self._loops:
            loop.stop()

    def stalled(self) -> list[str]:
        """Names of those that should run and give no heartbeat; empty = live."""
        return [loop.name for loop in self._loops if loop.stalled]
