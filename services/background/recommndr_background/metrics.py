"""The instruments of background loops, the same in every service."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge


class LoopMetrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.steps = Counter(
            "recommndr_background_steps",
            "Steps of a background loop by outcome: done or failed",
            ["loop", "outcome"],
            registry=registry,
        )
        self._stalled = Gauge(
            "recommndr_background_stalled",
            "1 while a background loop should run but sends no heartbeat; `/health/live` then answers 503",
            ["loop"],
            registry=registry,
        )

    def watch(self, loop: str, stalled: Callable[[], bool]) -> None:
        """Show a loop from the start: with zero steps, and with what `stalled` says at each scrape."""
        for outcome in ("done", "failed"):
            self.steps.labels(loop, outcome)
        self._stalled.labels(loop).set_function(lambda: float(stalled()))
