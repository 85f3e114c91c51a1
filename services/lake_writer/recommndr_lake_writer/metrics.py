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
        self.overtaken = Counter(
            "recommndr_lake_writer_overtaken",
            "Batches that were dropped and read again because another lake writer had taken over their partitions",
            registry=registry,
        )
        self.commit_failures = Counter(
            "recommndr_lake_writer_commit_failures", "Commits that failed and were tried again", registry=registry
        )
        self.repeats_removed = Counter(
            "recommndr_lake_writer_repeats_removed", "Rows of repeated events removed by compaction", registry=registry
        )
        self.files = Gauge("recommndr_lake_writer_files", "Files of the lake's table of events", registry=registry)
        self.compaction_s = Histogram(
            "recommndr_lake_writer_compaction_seconds", "Duration of joining the files of one tenant and day", registry=registry
        )
        self.erasures_pending = Gauge(
            "recommndr_lake_writer_erasures_pending", "Shoppers whose rows are not deleted from the lake yet", registry=registry
        )
        self.erased_rows = Counter(
            "recommndr_lake_writer_erased_rows", "Rows of erased shoppers that were deleted from the lake", registry=registry
        )
        self.deleted_files = Counter(
            "recommndr_lake_writer_deleted_files", "Files deleted because no version needs them any more", registry=registry
        )
        for outcome in ("committed", "dead_letter"):
            self.records.labels(outcome)
