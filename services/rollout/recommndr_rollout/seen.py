"""What Prometheus has seen at one instant: samples by name and labels, alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Recording rules of monitoring/prometheus/rules, which alerts and dashboards also read, so that they agree with the page.
REQUESTS = "recommndr:requests_per_second:5m"
ERRORS = "recommndr:error_ratio:5m"
P50, P95, P99 = (f"recommndr:request_seconds:p{percent}_5m" for percent in (50, 95, 99))
LADDER = "recommndr:ladder_ratio:5m"
CLICKS = "recommndr:click_ratio:1h"  # by list and arm
FRESHNESS_P50, FRESHNESS_P95 = (f"recommndr:freshness_seconds:p{percent}_5m" for percent in (50, 95))
LAG = "recommndr:consumer_lag_records"
UP = "up"
MEMORY = "process_resident_memory_bytes"
SINCE = "recommndr_serving_bundle_since_seconds"
NAMES = (REQUESTS, ERRORS, P50, P95, P99, LADDER, FRESHNESS_P50, FRESHNESS_P95, LAG, UP, MEMORY, SINCE)


@dataclass(frozen=True, slots=True)
class Sample:
    """One series at one instant."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Samples and alerts from Prometheus; empty if it does not answer."""

    samples: Sequence[Sample] = ()
    alerts: Sequence[Mapping[str, Any]] = ()  # as its `/api/v1/alerts` has them
    reached: bool = True

    def named(self, name: str, **labels: str) -> list[Sample]:
        """The samples of this name with all these labels."""
        return labelled([sample for sample in self.samples if sample.name == name], **labels)

    def value(self, name: str, **labels: str) -> float | None:
        """The only value with this name and these labels; None if there is not exactly one."""
        return only(self.named(name, **labels))


def labelled(samples: Sequence[Sample], **labels: str) -> list[Sample]:
    """The samples with all these labels."""
    return [sample for sample in samples if labels.items() <= sample.labels.items()]


def only(samples: Sequence[Sample], **labels: str) -> float | None:
    """The only value with these labels; None if there is not exactly one."""
    found = labelled(samples, **labels)
    return found[0].value if len(found) == 1 else None
