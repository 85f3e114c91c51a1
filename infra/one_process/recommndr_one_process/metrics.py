"""Instruments of the log and the stream, and all of the process's on one page."""

from collections import Counter as Counts
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from recommndr_collector.metrics import Metrics as CollectorMetrics
from recommndr_lake_writer.metrics import Metrics as LakeMetrics
from recommndr_serving.metrics import Metrics as SlotMetrics

_COMMIT_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.commit_s = Histogram(
            "recommndr_log_commit_seconds",
            "Writing what waited for the log to the disk, in one transaction",
            buckets=_COMMIT_BUCKETS_S,
            registry=registry,
        )
        self.behind = Gauge("recommndr_stream_behind_records", "Records of the log that are not folded yet", registry=registry)
        self.stream = Counter(
            "recommndr_stream_records",
            "What the stream did, by the names that the Flink job's counters have in the full installation",
            ["what"],
            registry=registry,
        )

    def count(self, counts: Counts[str]) -> None:
        """Add the counts of a pack."""
        for what, n in counts.items():
            self.stream.labels(what).inc(n)


class AllOf(Collector):
    """The metrics of several registries; of a name that several have, such as the process's memory, the first one's."""

    def __init__(self, registries: Sequence[CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterator[Metric]:
        """See `Collector.collect`."""
        told: set[str] = set()
        for registry in self._registries:
            for family in registry.collect():
                if family.name not in told:
                    told.add(family.name)
                    yield family


class Instruments:
    """The instruments of all parts. Each has a registry of its own, because some names are in several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.own = Metrics(self.registry)
        self.slot = SlotMetrics()
        self.collector = CollectorMetrics(CollectorRegistry())
        self.lake = LakeMetrics(CollectorRegistry())

    def page(self) -> AllOf:
        """All of them."""
        return AllOf((self.slot.registry, self.collector.registry, self.lake.registry, self.registry))
