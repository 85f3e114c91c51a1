"""Turns answers of Flink's REST interface into samples; pure."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recommndr_monitoring.source import Sample

# Counters of the job (recommndr_flink_jobs.metrics); Flink lists them only after their first increment.
OUTCOMES = (
    "events_routed",
    "events_doubted",
    "events_contained_in_seed",
    "events_late_or_identify",
    "erasures",
    "seeds_routed",
    "seeds_deleted",
    "generations_announced",
    "dead_letters",
    "actions_folded",
    "seeds_merged",
    "seeds_ignored",
    "actions_folded_but_not_shown",
    "generations_shown_by_bucket",
    "generations_refused",
    "states_written",
    "actions_without_room",
    "outcome_acts",
    "notes_heard",
    "outcome_acts_unreadable",
    "outcome_acts_on_old_lists",
)
SEEDS_AWAITED = "seeds_awaited_by_bucket"  # a gauge of the job
_GROUP = "recommndr"
_PENDING = "pendingRecords"

Json = Mapping[str, Any]


def newest_job(overview: Json) -> Json | None:
    """The job submitted last; None before the first."""
    return max(overview["jobs"], key=lambda job: job["start-time"], default=None)


def task_name(vertex: Json) -> str:
    """Short name of a task's first operator.

    >>> task_name({"name": "Source: KafkaSource-default_catalog.default_database.events_log -> Calc[2]"})
    'events_log'
    """
    first: str = vertex["name"].partition(" -> ")[0]
    return re.sub(r"^Source: (KafkaSource-)?(.*\.)?", "", first)


def asked_of(ids: Iterable[Json]) -> list[str]:
    """The metrics of a task that `of_task` reads."""
    names = (str(one["id"]) for one in ids)
    return [name for name in names if name.endswith(f".{_PENDING}") or _GROUP in name.split(".")[-2:-1]]


def of_job(job: Json, running: bool, metrics: Sequence[Json], checkpoints: Json) -> list[Sample]:
    """Samples of the job as a whole, its checkpoints and tasks."""
    values = {metric["id"]: float(metric["value"]) for metric in metrics}
    samples = [
        Sample("recommndr_flink_job_running", float(running)),
        # It is -1 while the job is down.
        Sample("recommndr_flink_job_uptime_seconds", max(values.get("uptime", 0.0), 0.0) / 1000),
        Sample("recommndr_flink_job_restarts", values.get("numRestarts", 0.0)),
        *_of_checkpoints(checkpoints, job["start-time"]),
    ]
    for vertex in job["vertices"]:
        samples += _of_work(task_name(vertex), vertex["metrics"])
    return [sample for sample in samples if math.isfinite(sample.value)]


def _of_checkpoints(checkpoints: Json, submitted_ms: float) -> list[Sample]:
    counts, newest = checkpoints["counts"], checkpoints["latest"]["completed"]
    samples = [Sample("recommndr_flink_checkpoints", counts[outcome], (outcome,)) for outcome in ("completed", "failed")]
    if newest is None:
        return [*samples, Sample("recommndr_flink_checkpoint_completed_seconds", submitted_ms / 1000)]
    return [
        *samples,
        Sample("recommndr_flink_checkpoint_completed_seconds", newest["latest_ack_timestamp"] / 1000),
        Sample("recommndr_flink_checkpoint_duration_seconds", newest["end_to_end_duration"] / 1000),
        Sample("recommndr_flink_checkpoint_size_bytes", newest["state_size"]),
    ]


def _of_work(task: str, work: Json) -> list[Sample]:
    return [
        Sample("recommndr_flink_task_records_in", work["read-records"], (task,)),
        Sample("recommndr_flink_task_records_out", work["write-records"], (task,)),
        # "NaN" until the task has begun.
        Sample("recommndr_flink_task_busy_seconds", float(work["accumulated-busy-time"]) / 1000, (task,)),
        Sample("recommndr_flink_task_backpressured_seconds", float(work["accumulated-backpressured-time"]) / 1000, (task,)),
    ]


def of_tasks(answers: Mapping[str, Sequence[Json]]) -> list[Sample]:
    """Samples of single tasks by name: records that a source has not read, and the job's own counters and gauge."""
    counted: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
    n_awaiting = 0
    samples = []
    for task, answer in answers.items():
        for metric in answer:
            name = metric["id"].rpartition(".")[2]
            if name == _PENDING:
                samples.append(Sample("recommndr_flink_source_pending_records", metric["sum"], (task,)))
            elif name == SEEDS_AWAITED:
                n_awaiting += metric["sum"]
            else:
                counted[name] += metric["sum"]
    samples.append(Sample("recommndr_flink_seeds_awaited", n_awaiting))
    return samples + [Sample("recommndr_flink_records", n, (name,)) for name, n in counted.items()]


def of_jvm(metrics: Sequence[Json]) -> list[Sample]:
    """The heap that JobManager and TaskManager share; nothing until a starting Flink has measured it."""
    named = {"Used": "recommndr_flink_heap_used_bytes", "Max": "recommndr_flink_heap_limit_bytes"}
    values = {metric["id"].rpartition(".")[2]: float(metric["value"]) for metric in metrics}
    return [Sample(name, values[place]) for place, name in named.items() if place in values]
