"""From an event to the next answer, in order: collector, Kafka, Flink, writers."""

from recommndr_monitoring.grafana.board import Board, Row
from recommndr_monitoring.grafana.panel import Limits, PanelSpec, Query
from recommndr_monitoring.grafana.promql import TENANT, quantile, rate


def _quantiles(histogram: str, by: str = "", where: str = "") -> list[Query]:
    named = f"{{{{{by}}}}} " if by else ""
    return [Query(quantile(q, histogram, by, where), f"{named}p{q * 100:g}") for q in (0.5, 0.95)]


_INPUT = Row(
    "Collector",
    [
        PanelSpec(
            "What happens to events?",
            "accepted: written to Kafka. invalid: refused with a problem. unknown: not acknowledged, the shop sends it again.",
            [Query(rate("recommndr_collector_events_total", by="outcome", where=TENANT), "{{outcome}}")],
            unit="cps",
            view="shares",
            runbook="CollectorNotAcknowledging",
        ),
        PanelSpec(
            "How long does Kafka take to acknowledge?",
            "The time that a shop waits for its 202; after 5 s it gets 503.",
            _quantiles("recommndr_collector_acknowledged_seconds"),
            unit="s",
            limits=Limits(0.5, 2.0),
            runbook="CollectorNotAcknowledging",
        ),
        PanelSpec(
            "Which catalogue writes come in?",
            "Items put, marked as available or not, deleted.",
            [
                Query(
                    rate("recommndr_collector_catalogue_writes_total", by="operation", where=TENANT),
                    "{{operation}}",
                )
            ],
            unit="cps",
            view="shares",
        ),
        PanelSpec(
            "Which requests are refused as a whole?",
            "By status: 401 and 403 are credentials, 413 is too large, 503 is Kafka.",
            [Query(rate("recommndr_collector_requests_refused_total", by="status"), "{{status}}")],
            unit="reqps",
            view="shares",
            runbook="InputInvalidSpike",
        ),
        PanelSpec(
            "Which attribution tokens are dropped?",
            "The events are kept; their clicks count for no release.",
            [Query(rate("recommndr_collector_attribution_dropped_total", by="reason"), "{{reason}}")],
            unit="cps",
            view="shares",
            runbook="AttributionDropped",
        ),
        PanelSpec(
            "How many records has Kafka not acknowledged yet?",
            "Records without an acknowledgement. A plateau means that Kafka is slow or down.",
            [Query("recommndr_collector_in_flight_records", "in flight")],
            runbook="KafkaAway",
        ),
        PanelSpec(
            "What do robots send?",
            "Events a second that count for no item: of robots, or repeated too often by one shopper. Usually hardly any.",
            [Query(rate("recommndr_collector_doubted_events_total", by="tenant, doubt", where=TENANT), "{{tenant}} {{doubt}}")],
            unit="cps",
            view="shares",
            width=24,
        ),
    ],
)

_KAFKA = Row(
    "Kafka",
    [
        PanelSpec(
            "How much is written to each topic?",
            "Records a second by topic.",
            [Query("rate(recommndr_kafka_topic_records_total[$__rate_interval])", "{{topic}}")],
            unit="cps",
            width=12,
        ),
        PanelSpec(
            "How far behind is each reader?",
            "Unread records of each reader: Flink, the writers, the slots. It should return to 0.",
            [Query("recommndr:consumer_lag_records", "{{group}} {{topic}}")],
            limits=Limits(1_000, 10_000),
            width=12,
            runbook="ConsumerLagGrowing",
        ),
    ],
)

_FLINK = Row(
    "Features (Flink)",
    [
        PanelSpec(
            "Does the job run, and since when?",
            "Time since its last start or restart.",
            [Query("recommndr_flink_job_uptime_seconds * recommndr_flink_job_running", "runs")],
            unit="dtdurations",
            view="figure",
            width=4,
            limits=Limits(60, 1),
            runbook="FlinkJobNotRunning",
        ),
        PanelSpec(
            "How often did it restart?",
            "Restarts of the job since it was submitted.",
            [Query("recommndr_flink_job_restarts_total")],
            view="figure",
            width=4,
            limits=Limits(1, 3),
            runbook="FlinkRestarting",
        ),
        PanelSpec(
            "What happens to events and seeds?",
            "By the job's own counters. actions_folded: lines that changed a state.",
            [Query("rate(recommndr_flink_records_total[$__rate_interval])", "{{outcome}}")],
            unit="cps",
        ),
        PanelSpec(
            "Which task is busy?",
            "Share of its time. The task at the top is the bottleneck.",
            [Query("rate(recommndr_flink_task_busy_seconds_total[$__rate_interval])", "{{task}}")],
            unit="percentunit",
            limits=Limits(0.7, 0.95),
            runbook="FlinkTaskSaturated",
        ),
        PanelSpec(
            "Which task waits for the next one?",
            "Share of its time spent in backpressure.",
            [Query("rate(recommndr_flink_task_backpressured_seconds_total[$__rate_interval])", "{{task}}")],
            unit="percentunit",
            runbook="FlinkTaskSaturated",
        ),
        PanelSpec(
            "How much does each task process?",
            "Records a second passed on to the next task.",
            [Query("rate(recommndr_flink_task_records_out_total[$__rate_interval])", "{{task}}")],
            unit="cps",
        ),
        PanelSpec(
            "How old is the newest checkpoint?",
            "One is due every 3 s. Events after it are folded again after a crash.",
            [
                Query("time() - recommndr_flink_checkpoint_completed_seconds", "age"),
                Query("recommndr_flink_checkpoint_duration_seconds", "duration"),
            ],
            unit="s",
            limits=Limits(30, 120),
            runbook="FlinkCheckpointOld",
        ),
        PanelSpec(
            "Do checkpoints succeed, how large are they?",
            "A few fail while the job starts.",
            [
                Query("increase(recommndr_flink_checkpoints_total[5m])", "{{outcome}} in 5 min"),
                Query("recommndr_flink_checkpoint_size_bytes / 1e6", "size, MB"),
            ],
            runbook="FlinkCheckpointsFailing",
        ),
        PanelSpec(
            "How full is Flink's heap?",
            "Share of the JVM's heap; states are in RocksDB, not here.",
            [Query("recommndr_flink_heap_used_bytes / recommndr_flink_heap_limit_bytes", "heap")],
            unit="percentunit",
            limits=Limits(0.8, 0.95),
        ),
    ],
)

_WRITERS = Row(
    "Online store and lake",
    [
        PanelSpec(
            "How long until an event counts?",
            "From a shopper's event to the row that the next answer reads, by shop.",
            _quantiles("recommndr_feature_writer_freshness_seconds", by="tenant", where=TENANT),
            unit="s",
            limits=Limits(1.0, 5.0),
            runbook="FreshnessSlow",
        ),
        PanelSpec(
            "How long does the feature writer take?",
            "From the job's record in Kafka to the row in the store: the feature writer's part of the time.",
            _quantiles("recommndr_feature_writer_topic_to_store_seconds"),
            unit="s",
            limits=Limits(0.5, 2.0),
            runbook="OnlineStoreFailing",
        ),
        PanelSpec(
            "What does the feature writer do with records?",
            "superseded: a newer record of the same shopper came in the same poll. dead_letter: unreadable.",
            [Query(rate("recommndr_feature_writer_records_total", by="outcome"), "{{outcome}}")],
            unit="cps",
            view="shares",
            runbook="FeaturesStandStill",
        ),
        PanelSpec(
            "Does the store accept the rows?",
            "Failures are tried again; a rewind reads a partition again after the store lost its rows.",
            [
                Query("rate(recommndr_feature_writer_store_failures_total[$__rate_interval])", "failures"),
                Query("rate(recommndr_feature_writer_rewinds_total[$__rate_interval])", "rewinds"),
            ],
            unit="cps",
            runbook="OnlineStoreFailing",
        ),
        PanelSpec(
            "How full is the online store?",
            "Share of its memory limit.",
            [Query("recommndr_redis_memory_bytes / recommndr_redis_memory_limit_bytes", "memory")],
            unit="percentunit",
            limits=Limits(0.7, 0.9),
            runbook="RedisMemoryHigh",
        ),
        PanelSpec(
            "How many shoppers are in the store?",
            "Keys in the store, one row each. Evicted rows should be 0.",
            [
                Query("recommndr_redis_keys", "rows"),
                Query("increase(recommndr_redis_evicted_keys_total[5m])", "evicted in 5 min"),
            ],
            runbook="RedisEvicting",
        ),
        PanelSpec(
            "How much is written to the lake?",
            "Rows a second; failed commits are tried again.",
            [
                Query("rate(recommndr_lake_writer_rows_total[$__rate_interval])", "rows of {{table}}"),
                Query("rate(recommndr_lake_writer_commit_failures_total[$__rate_interval])", "failed commits of {{table}}"),
            ],
            unit="cps",
            runbook="LakeCommitsFailing",
        ),
        PanelSpec(
            "How many files does the lake have?",
            "Files of each table. Today's are joined when a shop has twenty, others when their day is over.",
            [
                Query("recommndr_lake_writer_files", "{{table}}"),
                Query("increase(recommndr_lake_writer_deleted_files_total[1h])", "deleted in an hour"),
            ],
            runbook="LakeCommitsFailing",
        ),
        PanelSpec(
            "How long does a commit take?",
            "A commit to the lake; events wait in Kafka meanwhile.",
            _quantiles("recommndr_lake_writer_commit_seconds"),
            unit="s",
            runbook="LakeCommitsFailing",
        ),
        PanelSpec(
            "Which records could not be read?",
            "Dead letters in fifteen minutes, and partitions that the feature writer cannot read at all. Should be 0.",
            [
                Query("recommndr:dead_letters:increase_15m", "dead letters"),
                Query("recommndr_feature_writer_held_partitions", "partitions that wait"),
            ],
            limits=Limits(1, 10),
            runbook="DeadLetters",
        ),
        PanelSpec(
            "Does a reader stand still?",
            "How long a consumer group has committed nothing although records wait, as Kafka tells it. Seconds are normal.",
            [Query("recommndr_kafka_group_stalled_seconds", "{{group}} {{topic}}")],
            unit="s",
            limits=Limits(60, 120),
            runbook="ConsumerStuck",
        ),
        PanelSpec(
            "How full is the disk, and how slow?",
            "Free share of the disk below a folder, and the seconds until a page is safe on it.",
            [
                Query("recommndr_disk_free_bytes / recommndr_disk_size_bytes", "{{folder}} free"),
                Query("recommndr_disk_write_seconds", "{{folder}} seconds for a page"),
            ],
            runbook="DiskFull",
        ),
        PanelSpec(
            "How fast do the parts answer the exporter?",
            "Flink, Kafka, Redis, MLflow and the disks. A server without a value does not answer.",
            [Query("recommndr_monitoring_source_seconds", "{{source}}")],
            unit="s",
            width=24,
            runbook="ExporterSourceDown",
        ),
    ],
)

BOARD = Board(
    "stream",
    "Recommndr / Stream",
    "From an event to the next answer: how long does each part take?",
    [_INPUT, _KAFKA, _FLINK, _WRITERS],
)
