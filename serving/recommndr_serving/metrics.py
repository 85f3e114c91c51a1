"""All instruments of a slot, on a registry of its own; labels are small closed sets, never ids of shoppers or items."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from recommndr_engine.rule_effects import MOVING
from recommndr_serving.ladder import STEPS

# Fine around the budget (5 ms), coarse above.
_SECONDS = (0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.3, 1.0)
_STAGE_SECONDS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1)

_LISTS = ("/recommend", "/recommend/batch", "/similar_items", "/frequently_bought_together", "/popular", "/trending")
_AWAY = ("bundle", "no_release", "user_row_down", "user_row_timeout", "user_row_breaker_open", "user_row_unreadable")

# Tenant label of a request whose credential named none.
NOBODY = "-"


class Metrics:
    """One slot's instruments."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        ProcessCollector(registry=r)

        # Requests
        self.requests = Counter(
            "recommndr_serving_requests_total",
            "Answers sent, including problems",
            ["endpoint", "tenant", "status"],
            registry=r,
        )
        self.request_seconds = Histogram(
            "recommndr_serving_request_seconds",
            "From the request's headers to the last byte of the answer",
            ["endpoint", "tenant"],
            buckets=_SECONDS,
            registry=r,
        )
        self.answers = Counter(
            "recommndr_serving_answers_total",
            "Lists answered, by the step of the ladder that made them",
            ["endpoint", "tenant", "ladder"],
            registry=r,
        )
        self.places = Counter(
            "recommndr_serving_places_total",
            "Places of lists by the retriever that proposed the item; an item of several retrievers counts for each",
            ["tenant", "source"],
            registry=r,
        )
        self.stage_seconds = Histogram(
            "recommndr_serving_stage_seconds",
            "Duration of the parts of one recommendation",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=r,
        )
        self.degraded = Counter(
            "recommndr_serving_degraded_total",
            "Parts that were unavailable for an answer, by reason; no_release: the shop has no first release yet",
            ["tenant", "reason"],
            registry=r,
        )

        self.shed = Counter(
            "recommndr_serving_shed_total",
            "Queued requests that were dropped: overdue (waited too long) or caller_left (the client closed the connection)",
            ["reason"],
            registry=r,
        )
        for reason in ("overdue", "caller_left"):
            self.shed.labels(reason)

        # Tails
        self.tail_lag = Gauge(
            "recommndr_serving_tail_lag_records", "Records of a tailed topic not applied yet", ["topic"], registry=r
        )
        self.tail_records = Counter(
            "recommndr_serving_tail_records_total",
            "Records read from a tailed topic, unreadable ones included",
            ["topic"],
            registry=r,
        )
        self.tail_poison = Counter(
            "recommndr_serving_tail_poison_total", "Records of a tailed topic skipped as unreadable", ["topic"], registry=r
        )
        self.items = Gauge("recommndr_serving_items", "Items of the live table that are in stock", ["tenant"], registry=r)

        # Bundles
        self.bundle_info = Gauge(
            "recommndr_serving_bundle_info",
            "1 for the bundle that serves a tenant",
            ["tenant", "version", "model_version"],
            registry=r,
        )
        self.bundle_since = Gauge(
            "recommndr_serving_bundle_since_seconds", "When the bundle began to serve, epoch seconds", ["tenant"], registry=r
        )
        self.bundle_trained_until = Gauge(
            "recommndr_serving_bundle_trained_until_seconds",
            "End of the bundle's training data, epoch seconds; the bundle's age is now minus this",
            ["tenant"],
            registry=r,
        )
        self.bundle_quality = Gauge(
            "recommndr_serving_bundle_quality_ratio",
            "NDCG at 10 of the bundle's lists, as training measured it; NaN for a bundle that was not judged",
            ["tenant"],
            registry=r,
        )
        self.release_moved = Gauge(
            "recommndr_serving_release_moved_seconds",
            "Last change of the tenant's release record, epoch seconds",
            ["tenant"],
            registry=r,
        )
        self.bundle_failures = Counter(
            "recommndr_serving_bundle_failures_total",
            "Bundles that were not loaded because they could not be fetched or were refused",
            ["tenant", "reason"],
            registry=r,
        )

        # Business rules
        self.rules = Gauge(
            "recommndr_serving_rules", "Business rules in force, as this slot knows them", ["tenant", "kind"], registry=r
        )
        self.rule_places = Counter(
            "recommndr_serving_rule_places_total",
            "Places of lists that a business rule filled (pin) or whose item one moved (boost, bury)",
            ["tenant", "kind"],
            registry=r,
        )

        # served.v1
        self.served = Counter("recommndr_serving_served_total", "Records for served.v1 by outcome", ["outcome"], registry=r)
        for outcome in ("written", "dropped", "lost"):
            self.served.labels(outcome)

    def expect(self, tenants: Iterable[str], topics: Iterable[str]) -> None:
        """Export 0 before the first event: otherwise `rate()` misses the event that creates the counter."""
        for tenant in tenants:
            for step in STEPS:
                for endpoint in _LISTS:
                    self.answers.labels(endpoint, tenant, step)
            for away in _AWAY:
                self.degraded.labels(tenant, away)
            for kind in MOVING:
                self.rule_places.labels(tenant, kind)
            for refusal in ("refused", "unavailable"):
                self.bundle_failures.labels(tenant, refusal)
        for topic in topics:
            self.tail_records.labels(topic)
            self.tail_poison.labels(topic)
            self.tail_lag.labels(topic)
