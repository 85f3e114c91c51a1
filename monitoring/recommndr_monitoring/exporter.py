"""Exports the newest samples of all sources. While a source does not answer, only its own series are missing."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from recommndr_monitoring import metrics
from recommndr_monitoring.watch import Reading


class Watched(Protocol):
    """What has samples, or has none at the moment."""

    @property
    def name(self) -> str:
        """Its label in `recommndr_monitoring_source_up`."""
        ...

    def newest(self) -> Reading | None:
        """The newest reading; None when there is none."""
        ...


class Exporter(Collector):
    """A collector for a Prometheus registry."""

    def __init__(self, watches: Sequence[Watched]) -> None:
        self._watches = watches

    def collect(self) -> Iterator[Metric]:
        """All families with the newest samples."""
        families = metrics.families()
        for watch in self._watches:
            newest = watch.newest()
            families["recommndr_monitoring_source_up"].add_metric([watch.name], float(newest is not None))
            if newest is None:
                continue
            families["recommndr_monitoring_source_seconds"].add_metric([watch.name], newest.took_s)
            for sample in newest.samples:
                families[sample.family].add_metric(sample.labels, sample.value)
        yield from families.values()
