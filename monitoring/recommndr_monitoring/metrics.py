"""All instruments of the exporter, created at each scrape, so that series of a source that stopped answering disappear."""

from itertools import chain

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

Family = CounterMetricFamily | GaugeMetricFamily


def families() -> dict[str, Family]:
    """Every family by name, empty."""
    of_sources = (_own(), _flink(), _kafka(), _redis(), _disks(), _outcomes(), _consistency(), _drift(), _weeks())
    return {family.name: family for family in chain.from_iterable(of_sources)}


def _own() -> tuple[Family, ...]:
    return (
        GaugeMetricFamily(
            "recommndr_monitoring_source_up",
            "1 while the part of this name answers the exporter; at 0 it has no other series",
            labels=["source"],
        ),
        GaugeMetricFamily("recommndr_monitoring_source_seconds", "How long the source took to answer", labels=["source"]),
        GaugeMetricFamily(
            "recommndr_availability_seconds",
            "How long the slot's answers took to know that the probe's item was sold out or back in stock, the slower of both; "
            "10 if it took longer",
            labels=["slot"],
        ),
    )


def _flink() -> tuple[Family, ...]:
    return (
        GaugeMetricFamily("recommndr_flink_job_running", "1 while every task of the job runs"),
        GaugeMetricFamily("recommndr_flink_job_uptime_seconds", "Time since the job last started or restarted"),
        CounterMetricFamily("recommndr_flink_job_restarts", "Restarts of the job since it was submitted"),
        CounterMetricFamily("recommndr_flink_checkpoints", "Checkpoints by outcome: completed or failed", labels=["outcome"]),
        GaugeMetricFamily("recommndr_flink_checkpoint_duration_seconds", "Duration of the newest complete checkpoint"),
        GaugeMetricFamily("recommndr_flink_checkpoint_size_bytes", "Size of the newest complete checkpoint"),
        GaugeMetricFamily(
            "recommndr_flink_checkpoint_completed_seconds",
            "When the newest checkpoint was complete, epoch seconds; until there is one, when the job was submitted",
        ),
        CounterMetricFamily("recommndr_flink_task_records_in", "Records read from other tasks", labels=["task"]),
        CounterMetricFamily("recommndr_flink_task_records_out", "Records written to other tasks", labels=["task"]),
        CounterMetricFamily(
            "recommndr_flink_task_busy_seconds", "Time that the task worked; 1 a second means always", labels=["task"]
        ),
        CounterMetricFamily(
            "recommndr_flink_task_backpressured_seconds",
            "Time that the task waited for the next task (backpressure)",
            labels=["task"],
        ),
        GaugeMetricFamily(
            "recommndr_flink_source_pending_records", "Records of the topic that the source has not read yet", labels=["task"]
        ),
        CounterMetricFamily(
            "recommndr_flink_records", "Events and seeds in the job by outcome, from the job's own counters", labels=["outcome"]
        ),
        GaugeMetricFamily(
            "recommndr_flink_seeds_awaited", "Buckets, summed over the shops, that wait for the rest of a generation of seeds"
        ),
        GaugeMetricFamily("recommndr_flink_heap_used_bytes", "Heap of the job's JVM in use"),
        GaugeMetricFamily("recommndr_flink_heap_limit_bytes", "Limit of the job's JVM heap"),
    )


def _kafka() -> tuple[Family, ...]:
    return (
        CounterMetricFamily(
            "recommndr_kafka_topic_records", "Records ever written, by the topic's end offsets", labels=["topic"]
        ),
        GaugeMetricFamily(
            "recommndr_kafka_group_lag_records",
            "Records that a consumer group has not committed yet; groups without a commit have no series",
            labels=["group", "topic"],
        ),
        GaugeMetricFamily(
            "recommndr_kafka_group_stalled_seconds",
            "How long the group has committed nothing in some partition although it has unread records; 0 while it reads",
            labels=["group", "topic"],
        ),
    )


def _redis() -> tuple[Family, ...]:
    return (
        GaugeMetricFamily("recommndr_redis_memory_bytes", "Memory the store uses"),
        GaugeMetricFamily(
            "recommndr_redis_memory_limit_bytes",
            "Memory limit of the store: its maxmemory, or the machine's memory when that is not set",
        ),
        GaugeMetricFamily("recommndr_redis_keys", "Keys in the store"),
        GaugeMetricFamily("recommndr_redis_clients", "Connected clients"),
        GaugeMetricFamily("recommndr_redis_uptime_seconds", "Time since the store was started"),
        CounterMetricFamily("recommndr_redis_evicted_keys", "Rows that the store evicted for lack of memory"),
        CounterMetricFamily("recommndr_redis_rejected_connections", "Connections refused because there were too many"),
        CounterMetricFamily("recommndr_redis_commands", "Commands executed"),
    )


def _disks() -> tuple[Family, ...]:
    label = ["folder"]
    return (
        GaugeMetricFamily("recommndr_disk_size_bytes", "Size of the disk below a folder: state or lake", labels=label),
        GaugeMetricFamily("recommndr_disk_free_bytes", "What of it is free", labels=label),
        GaugeMetricFamily("recommndr_disk_writable", "1 while the disk takes a page, 0 while it is full", labels=label),
        GaugeMetricFamily("recommndr_disk_write_seconds", "How long a page took to be safe on the disk", labels=label),
    )


def _outcomes() -> tuple[Family, ...]:
    """Gauges: a sum may fall for seconds while the stream recovers, and Prometheus would take that for a restart at 0."""
    label = ["tenant", "release", "arm", "list"]
    return (
        GaugeMetricFamily(
            "recommndr_outcomes",
            "Impressions, clicks, carts, likes, dislikes and purchases since the release began, once per list and item",
            labels=[*label, "outcome"],
        ),
        GaugeMetricFamily(
            "recommndr_outcomes_revenue_minor",
            "What these purchases cost, in minor units of the currency",
            labels=[*label, "currency"],
        ),
        GaugeMetricFamily("recommndr_outcomes_shoppers", "Shoppers with any of these outcomes", labels=label),
        GaugeMetricFamily(
            "recommndr_outcomes_squares",
            "Sum over shoppers of the square of what the shopper has of an outcome, to test with the shopper as unit",
            labels=[*label, "outcome"],
        ),
        GaugeMetricFamily(
            "recommndr_outcomes_with_impressions",
            "Sum over shoppers of what the shopper has of an outcome, times the shopper's impressions",
            labels=[*label, "outcome"],
        ),
    )


def _consistency() -> tuple[Family, ...]:
    return (
        GaugeMetricFamily(
            "recommndr_consistency_differing_ratio",
            "Share of logged ranker inputs that differ from a replay, in the column where most do; `recommndr consistency`",
            labels=["tenant"],
        ),
        GaugeMetricFamily("recommndr_consistency_answers", "Answers that the newest report compares", labels=["tenant"]),
        GaugeMetricFamily(
            "recommndr_consistency_left_out", "Answers that it does not: the replay lacks the candidate", labels=["tenant"]
        ),
        GaugeMetricFamily("recommndr_consistency_made_seconds", "When the newest report was made, epoch", labels=["tenant"]),
        GaugeMetricFamily(
            "recommndr_consistency_column_differing_ratio",
            "The share of each of the ten worst ranker columns, where it is not 0",
            labels=["tenant", "column"],
        ),
    )


def _drift() -> tuple[Family, ...]:
    """Of the last hour, one candidate of each shopper, as many of both arms in every five minutes."""
    label = ["tenant", "release"]
    return (
        GaugeMetricFamily("recommndr_drift_shoppers", "Shoppers of each arm that are compared", labels=label),
        GaugeMetricFamily(
            "recommndr_drift_psi",
            "Population stability index of a ranker column between the arms; 0 is none, .25 is a lot",
            labels=[*label, "column"],
        ),
        GaugeMetricFamily(
            "recommndr_drift_ks",
            "Largest difference of the column's two distribution functions, 0 to 1",
            labels=[*label, "column"],
        ),
        GaugeMetricFamily("recommndr_drift_scores_psi", "Population stability index of scores between the arms", labels=label),
        GaugeMetricFamily("recommndr_drift_scores_ks", "Largest difference of their distribution functions", labels=label),
        GaugeMetricFamily(
            "recommndr_drift_score_gap",
            "Mean difference of a list's first and last score, in standard deviations of candidates' scores: how sure it is",
            labels=[*label, "arm"],
        ),
        GaugeMetricFamily(
            "recommndr_drift_slots_mix_psi",
            "Population stability index of the mix of shoppers between the arms: by country, device, list asked for and "
            "unknown_shopper",
            labels=[*label, "mix"],
        ),
        GaugeMetricFamily("recommndr_drift_slots_mix_shoppers", "Shoppers of each arm behind it", labels=[*label, "mix"]),
        GaugeMetricFamily(
            "recommndr_drift_reference_psi",
            "Population stability index of a ranker column of the stable arm from where the bundle's data end",
            labels=["tenant", "column"],
        ),
        GaugeMetricFamily("recommndr_drift_reference_shoppers", "Shoppers of the stable arm behind it", labels=["tenant"]),
    )


def _weeks() -> tuple[Family, ...]:
    """Of the last hour beside the same hours of earlier weeks, from the lake; none below 500 shoppers and two weeks."""
    return (
        GaugeMetricFamily("recommndr_drift_week_shoppers", "Shoppers of the hour who are compared", labels=["tenant"]),
        GaugeMetricFamily("recommndr_drift_week_weeks", "Earlier weeks that they are compared with", labels=["tenant"]),
        GaugeMetricFamily(
            "recommndr_drift_week_psi",
            "Population stability index of a ranker column of the stable arm from the same hours of earlier weeks",
            labels=["tenant", "column"],
        ),
        GaugeMetricFamily(
            "recommndr_drift_week_ks",
            "Largest difference of the column's two distribution functions, 0 to 1",
            labels=["tenant", "column"],
        ),
        GaugeMetricFamily(
            "recommndr_drift_mix_psi",
            "Population stability index of the mix of shoppers from the same hours of earlier weeks: by country, device, kind "
            "of event, unknown_shopper and unknown_item",
            labels=["tenant", "mix"],
        ),
        GaugeMetricFamily("recommndr_drift_mix_shoppers", "Shoppers of the hour behind it", labels=["tenant", "mix"]),
        GaugeMetricFamily(
            "recommndr_drift_unknown_ratio",
            "Share of shoppers without an event before, and of those who did something with an item that the bundle lacks; of "
            "the last hour (now) and the same hours of earlier weeks (earlier)",
            labels=["tenant", "mix", "when"],
        ),
    )
