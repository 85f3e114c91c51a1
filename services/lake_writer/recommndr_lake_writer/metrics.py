"""All instruments of the lake writer."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

TABLES = ("events", "served")


@dataclass(frozen=True)
class TableMetrics:
    """The instruments of one table's writer."""

    rows: Counter
    committed: Counter
    dead_letters: Counter
    commit_s: Histogram
    overtaken: Counter
    commit_failures: Counter


class Metrics:
    """The instruments, registered in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        ProcessCollector(registry=registry)
        self._rows = Counter(
            "recommndr_lake_writer_rows", "Rows committed to the lake's table: events or served", ["table"], registry=registry
        )
        self._records = Counter(
            "recommndr_lake_writer_records",
            "Records by outcome: committed or dead_letter",
            ["table", "outcome"],
            registry=registry,
        )
        self._commit_s = Histogram("recommndr_lake_writer_commit_seconds", "Duration of a commit", ["table"], registry=registry)
        self._overtaken = Counter(
            "recommndr_lake_writer_overtaken",
            "Batches that were dropped and read again because another lake writer had taken over their partitions",
            ["table"],
            registry=registry,
        )
        self._commit_failures = Counter(
            "recommndr_lake_writer_commit_failures", "Commits that failed and were tried again", ["table"], registry=registry
        )
        self.repeats_removed = Counter(
            "recommndr_lake_writer_repeats_removed", "Rows of repeated events removed by compaction", registry=registry
        )
        self.files = Gauge("recommndr_lake_writer_files", "Files of the lake's table", ["table"], registry=registry)
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
        self.events, self.served = (self._of(table) for table in TABLES)

    def _of(self, table: str) -> TableMetrics:
        return TableMetrics(
            rows=self._rows.labels(table),
            committed=self._records.labels(table, "committed"),
            dead_letters=self._records.labels(table, "dead_letter"),
            commit_s=self._commit_s.labels(table),
            overtaken=self._overtaken.labels(table),
            commit_failures=self._commit_failures.labels(table),
        )
