"""All instruments of the feature writer."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_BUCKETS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 600)


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self.records = Counter(
            "recommndr_feature_writer_records",
            "Records by outcome: written, superseded (a newer one of the same poll was written), deleted, dead_letter",
            ["outcome"],
            registry=registry,
        )
        self.freshness_s = Histogram(
            "recommndr_feature_writer_freshness_seconds",
            "From the collector's receipt of a shopper's newest event to its row in the online store; seeds are left out",
            ["tenant"],
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self.topic_to_store_s = Histogram(
            "recommndr_feature_writer_topic_to_store_seconds",
            "From the record's time in the topic to the row in the online store",
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self.behind = Gauge("recommndr_feature_writer_behind_records", "Records not read yet", registry=registry)
        self.held = Gauge(
            "recommndr_feature_writer_held_partitions",
            "Partitions that wait because too many of their records in a row cannot be read",
            registry=registry,
        )
        self.store_failures = Counter(
            "recommndr_feature_writer_store_failures", "Writes that the online store did not acknowledge", registry=registry
        )
        self.rewinds = Counter(
            "recommndr_feature_writer_rewinds",
            "Partitions read again because the online store lost rows, another writer wrote them, or the topic is another",
            registry=registry,
        )
        for outcome in ("written", "superseded", "deleted", "dead_letter"):
            self.records.labels(outcome)
