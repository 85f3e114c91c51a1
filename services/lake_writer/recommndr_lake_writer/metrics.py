"""All instruments of the lake writer."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self.rows = Counter("recommndr_lake_writer_rows", "Rows committed to the lake", registry=registry)
        self.records = Counter(
            "recommndr_lake_writer_records",
            "Records by outcome: committed or dead_letter",
            ["outcome"],
            registry=registry,
        )
        self.commit_s = Histogram("recommndr_lake_writer_commit_seconds", "Duration of a commit", registry=registry)
        self.commit_failures = Counter(
            "recommndr_lake_writer_commit_failures", "Commits that failed and were tried again", registry=registry
        )
        self.repeats_removed = Counter(
            "recommndr_lake_writer_repeats_removed", "Rows of repeated events removed by compaction", registry=registry
        )
        self.behind = Gauge("recommndr_lake_writer_behind_records", "Records not committed yet", registry=registry)
        for outcome in ("committed", "dead_letter"):
            self.records.labels(outcome)
