"""Samples from answers of Flink's REST interface, recorded while a shop was seeded and bought from."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from docs.catalogue import ROOT
from recommndr_monitoring import flink_samples
from recommndr_monitoring.flink_rest import FlinkRest
from recommndr_monitoring.source import Sample, SourceUnavailable

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "recorded" / "flink.json").read_text())
JOB = RECORDED["/jobs/overview"]["jobs"][0]["jid"]


def replaying(answers: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        return httpx.Response(200, json=answers[path]) if path in answers else httpx.Response(404)

    return answer


def samples(answers: dict[str, Any]) -> list[Sample]:
    with httpx.Client(transport=httpx.MockTransport(replaying(answers))) as client:
        return FlinkRest(lambda: client, "http://flink").samples()


def values(answers: dict[str, Any]) -> dict[tuple[str, ...], float]:
    found = samples(answers)
    by_place = {(sample.family.removeprefix("recommndr_flink_"), *sample.labels): sample.value for sample in found}
    assert len(by_place) == len(found)  # a repeated label set would fail the whole scrape
    return by_place


def without_vertices() -> dict[str, Any]:
    return RECORDED | {f"/jobs/{JOB}": RECORDED[f"/jobs/{JOB}"] | {"vertices": []}}


def test_a_running_job_is_reported_with_its_checkpoints_tasks_and_counters() -> None:
    by_key = values(RECORDED)
    assert by_key["job_running",] == 1.0
    assert by_key["checkpoints", "completed"] == RECORDED[f"/jobs/{JOB}/checkpoints"]["counts"]["completed"] > 0
    assert by_key["checkpoint_size_bytes",] > 1_000_000
    assert by_key["records", "seeds_merged"] == by_key["records", "seeds_routed"] > 0
    assert by_key["records", "actions_folded"] > by_key["records", "events_routed"] > 0  # an event has lines
    assert by_key["records", "dead_letters"] == 0.0
    assert by_key["source_pending_records", "events_log"] == 0.0
    assert by_key["task_records_out", "events_log"] == by_key["task_records_in", "Deduplicate[4]"] > 0
    assert 0 < by_key["heap_used_bytes",] < by_key["heap_limit_bytes",]


def test_a_cluster_without_a_job_says_that_none_runs() -> None:
    assert values(RECORDED | {"/jobs/overview": {"jobs": []}})["job_running",] == 0.0


def test_a_job_whose_tasks_do_not_all_run_does_not_run() -> None:
    job = RECORDED["/jobs/overview"]["jobs"][0]
    partly = job | {"tasks": job["tasks"] | {"running": 5}}
    assert values(RECORDED | {"/jobs/overview": {"jobs": [partly]}})["job_running",] == 0.0
    failing = job | {"state": "RESTARTING"}
    assert values(RECORDED | {"/jobs/overview": {"jobs": [failing]}})["job_running",] == 0.0


def test_of_two_jobs_the_one_submitted_last_counts() -> None:
    job = RECORDED["/jobs/overview"]["jobs"][0]
    ended = job | {"jid": "before", "state": "CANCELED", "start-time": job["start-time"] - 1}
    assert flink_samples.newest_job({"jobs": [job, ended]}) == job
    assert flink_samples.newest_job({"jobs": [ended, job]}) == job


def test_before_the_first_checkpoint_its_age_counts_from_the_submission() -> None:
    checkpoints = RECORDED[f"/jobs/{JOB}/checkpoints"]
    none_yet = checkpoints | {"latest": checkpoints["latest"] | {"completed": None}}
    by_key = values(without_vertices() | {f"/jobs/{JOB}/checkpoints": none_yet})
    assert by_key["checkpoint_completed_seconds",] == RECORDED[f"/jobs/{JOB}"]["start-time"] / 1000
    assert ("checkpoint_size_bytes",) not in by_key


def test_values_that_flink_does_not_have_yet_are_left_out() -> None:
    job = RECORDED[f"/jobs/{JOB}"]
    first = job["vertices"][0]
    beginning = first | {"metrics": first["metrics"] | {"accumulated-busy-time": "NaN"}}
    by_key = values(RECORDED | {f"/jobs/{JOB}": job | {"vertices": [beginning]}})
    assert ("task_busy_seconds", "events_log") not in by_key
    assert ("task_records_out", "events_log") in by_key


@pytest.mark.parametrize("missing", ["/jobs/overview", f"/jobs/{JOB}/checkpoints"])
def test_a_cluster_that_does_not_answer_as_expected_is_away(missing: str) -> None:
    with pytest.raises(SourceUnavailable, match="Flink at http://flink"):
        samples({path: answer for path, answer in RECORDED.items() if path != missing})


def test_every_counter_of_the_job_is_known_before_it_is_raised() -> None:
    path = ROOT / "flink_jobs" / "recommndr_flink_jobs" / "metrics.py"  # of the other Python environment
    spec = importlib.util.spec_from_file_location("flink_counters", path)
    assert spec is not None and spec.loader is not None
    counters = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(counters)
    assert set(flink_samples.OUTCOMES) == {*counters.OF_ROUTE, *counters.OF_FOLD}
    assert flink_samples.SEEDS_AWAITED == counters.SEEDS_AWAITED


def test_buckets_that_wait_for_seeds_are_no_records() -> None:
    counted = [{"id": "fold.recommndr.seeds_awaited_by_bucket", "sum": 16.0}, {"id": "fold.recommndr.seeds_merged", "sum": 3.0}]
    found = {(one.family, *one.labels): one.value for one in flink_samples.of_tasks({"lift": counted})}
    assert found["recommndr_flink_seeds_awaited",] == 16.0
    assert found["recommndr_flink_records", "seeds_merged"] == 3.0
    assert ("recommndr_flink_records", "seeds_awaited_by_bucket") not in found


def test_a_starting_flink_has_no_heap_yet_and_that_is_no_error() -> None:
    assert flink_samples.of_jvm([]) == []
