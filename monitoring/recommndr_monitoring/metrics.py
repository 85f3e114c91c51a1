"""All instruments of the exporter: made anew for each scrape, so that what a part no longer says is no longer told."""

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

Family = CounterMetricFamily | GaugeMetricFamily


def families() -> dict[str, Family]:
    """Every family by name, empty."""
    return {family.name: family for family in (*_own(), *_flink(), *_kafka(), *_redis())}


def _own() -> tuple[Family, ...]:
    return (
        GaugeMetricFamily(
            "recommndr_monitoring_source_up",
            "1 while flink, kafka, redis or mlflow answers the exporter; at 0 its other series are gone",
            labels=["source"],
        ),
        GaugeMetricFamily("recommndr_monitoring_source_seconds", "How long the source took to answer", labels=["source"]),
    )


def _flink() -> tuple[Family, ...]:
    return (
        GaugeMetricFamily("recommndr_flink_job_running", "1 while every task of the job runs"),
        GaugeMetricFamily("recommndr_flink_job_uptime_seconds", "Since the job last began or began again"),
        CounterMetricFamily("recommndr_flink_job_restarts", "Times the job began again since it was submitted"),
        CounterMetricFamily("recommndr_flink_checkpoints", "Checkpoints by outcome: completed or failed", labels=["outcome"]),
        GaugeMetricFamily("recommndr_flink_checkpoint_duration_seconds", "Of the newest complete checkpoint"),
        GaugeMetricFamily("recommndr_flink_checkpoint_size_bytes", "State in the newest complete checkpoint"),
        GaugeMetricFamily(
            "recommndr_flink_checkpoint_completed_seconds",
            "When the newest checkpoint was complete, epoch; while there is none, when the job was submitted",
        ),
        CounterMetricFamily("recommndr_flink_task_records_in", "Records read from other tasks", labels=["task"]),
        CounterMetricFamily("recommndr_flink_task_records_out", "Records written to other tasks", labels=["task"]),
        CounterMetricFamily("recommndr_flink_task_busy_seconds", "Time at work; 1 a second is all there is", labels=["task"]),
        CounterMetricFamily(
            "recommndr_flink_task_backpressured_seconds", "Time spent waiting for the task behind it", labels=["task"]
        ),
        GaugeMetricFamily(
            "recommndr_flink_source_pending_records", "Records of the topic a source has not read yet", labels=["task"]
        ),
        CounterMetricFamily(
            "recommndr_flink_records", "What became of events and seeds in the job, by its own counters", labels=["outcome"]
        ),
        GaugeMetricFamily("recommndr_flink_heap_used_bytes", "Heap of the job's JVM in use"),
        GaugeMetricFamily("recommndr_flink_heap_limit_bytes", "Heap the job's JVM may use"),
    )


def _kafka() -> tuple[Family, ...]:
    return (
        CounterMetricFamily("recommndr_kafka_topic_records", "Records ever written, as offsets count them", labels=["topic"]),
        GaugeMetricFamily(
            "recommndr_kafka_group_lag_records",
            "Records behind the last commit of a consumer group, where it has committed at all",
            labels=["group", "topic"],
        ),
    )


def _redis() -> tuple[Family, ...]:
    return (
        GaugeMetricFamily("recommndr_redis_memory_bytes", "Memory the store uses"),
        GaugeMetricFamily(
            "recommndr_redis_memory_limit_bytes",
            "Memory it may use: its maxmemory, or the machine's where that is not set",
        ),
        GaugeMetricFamily("recommndr_redis_keys", "Keys in the store"),
        GaugeMetricFamily("recommndr_redis_clients", "Connected clients"),
        GaugeMetricFamily("recommndr_redis_uptime_seconds", "Since the store was started"),
        CounterMetricFamily("recommndr_redis_evicted_keys", "Rows the store threw away for lack of memory"),
        CounterMetricFamily("recommndr_redis_rejected_connections", "Connections refused because there were too many"),
        CounterMetricFamily("recommndr_redis_commands", "Commands carried out"),
    )
