"""All instruments of the collector."""

from collections.abc import Mapping
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from recommndr.attribution import REFUSALS
from recommndr.events import Doubt
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_collector.event_log import Reason
from recommndr_http.problem import TITLES

_ACK_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self.events = Counter(
            "recommndr_collector_events",
            "Events by outcome: accepted, invalid, over_budget (of one shopper) or unknown (not acknowledged)",
            ["tenant", "outcome"],
            registry=registry,
        )
        self.catalogue = Counter(
            "recommndr_collector_catalogue_writes",
            "Records of catalogue and availability by operation (put, availability, delete) and outcome",
            ["tenant", "operation", "outcome"],
            registry=registry,
        )
        self.attributed = Counter(
            "recommndr_collector_attributed_events",
            "Events with a valid attribution token, by kind; kinds that browsers only claim are left out",
            ["tenant", "kind"],
            registry=registry,
        )
        self.attribution_dropped = Counter(
            "recommndr_collector_attribution_dropped",
            "Invalid attribution tokens by reason; the events are kept without them",
            ["reason"],
            registry=registry,
        )
        self.doubted = Counter(
            "recommndr_collector_doubted_events",
            "Events that are kept but count neither for items nor for outcomes and training: repeated too often, or of a robot",
            ["tenant", "doubt"],
            registry=registry,
        )
        self.refused = Counter(
            "recommndr_collector_requests_refused",
            "Requests refused as a whole, by status",
            ["status"],
            registry=registry,
        )
        self.acknowledged_s = Histogram(
            "recommndr_collector_acknowledged_seconds",
            "From the request's body to the broker's acknowledgement",
            buckets=_ACK_BUCKETS_S,
            registry=registry,
        )
        self.in_flight = Gauge(
            "recommndr_collector_in_flight_records", "Records that the broker has not acknowledged yet", registry=registry
        )
        self.in_flight_bytes = Gauge(
            "recommndr_collector_in_flight_bytes",
            "Bytes of records that the broker has not acknowledged yet",
            registry=registry,
        )
        self.tenant_in_flight_bytes = Gauge(
            "recommndr_collector_tenant_in_flight_bytes",
            "Bytes of one tenant's records that the broker has not acknowledged yet",
            ["tenant"],
            registry=registry,
        )
        self.unknown_items = Gauge(
            "recommndr_collector_unknown_items",
            "Distinct items that events have named and the catalogue lacks; beyond max_unknown_items events are refused",
            ["tenant"],
            registry=registry,
        )
        self.not_acknowledged = Counter(
            "recommndr_collector_not_acknowledged_records",
            "Records answered with 503 by reason: disconnected, overloaded (all shops' share of what may wait is used), "
            "share_used (this shop's is) or not_acknowledged (in time; these may be written)",
            ["tenant", "reason"],
            registry=registry,
        )
        for reason in REFUSALS:
            self.attribution_dropped.labels(reason)
        for status in TITLES:
            self.refused.labels(status)

    def expect(self, tenants: Mapping[TenantId, TenantPolicy]) -> None:
        """Export 0 before the first event: otherwise `rate()` misses the event that creates the counter."""
        for tenant, policy in tenants.items():
            for kind in policy.kinds:
                self.attributed.labels(tenant, kind)
            self.events.labels(tenant, "over_budget")
            for doubt in get_args(Doubt):
                self.doubted.labels(tenant, doubt)
            for reason in get_args(Reason):
                self.not_acknowledged.labels(tenant, reason)
            for outcome in ("accepted", "invalid", "unknown"):
                self.events.labels(tenant, outcome)
                for operation in ("put", "availability", "delete"):
                    self.catalogue.labels(tenant, operation, outcome)
