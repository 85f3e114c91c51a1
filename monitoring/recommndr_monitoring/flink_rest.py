"""Reads Flink's metrics over its REST interface, because Flink's Prometheus reporter would bind every address."""

from collections.abc import Callable
from typing import Any

import httpx

from recommndr_monitoring import flink_samples
from recommndr_monitoring.source import Sample, SourceUnavailable

_JOB_METRICS = "uptime,numRestarts"
_HEAP = "Status.JVM.Memory.Heap.Used,Status.JVM.Memory.Heap.Max"


class FlinkRest:
    """The newest job of one cluster; `connect` opens a client of Flink, or raises `OSError` if there is none."""

    name = "flink"

    def __init__(self, connect: Callable[[], httpx.Client], url: str) -> None:
        self._connect = connect
        self._url = url
        self._client: httpx.Client | None = None

    def samples(self) -> list[Sample]:
        """See `Source.samples`; without a job, only that none runs."""
        try:
            found = flink_samples.newest_job(self._get("/jobs/overview"))
            heap = flink_samples.of_jvm(self._get("/jobmanager/metrics", get=_HEAP))
            if found is None:
                return [Sample("recommndr_flink_job_running", 0.0), *heap]
            tasks = found["tasks"]
            running = found["state"] == "RUNNING" and tasks["running"] == tasks["total"]
            return [*self._of_job(f"/jobs/{found['jid']}", running), *heap]
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as cause:
            self._close()  # a recreated cluster has another certificate
            raise SourceUnavailable(f"Flink at {self._url}: {cause!r}") from cause

    def _of_job(self, path: str, running: bool) -> list[Sample]:
        job = self._get(path)
        answers = {}
        for vertex in job["vertices"]:
            metrics = f"{path}/vertices/{vertex['id']}/subtasks/metrics"
            asked = flink_samples.asked_of(self._get(metrics))
            if asked:
                answers[flink_samples.task_name(vertex)] = self._get(metrics, agg="sum", get=",".join(asked))
        whole = flink_samples.of_job(
            job, running, self._get(f"{path}/metrics", get=_JOB_METRICS), self._get(f"{path}/checkpoints")
        )
        return whole + flink_samples.of_tasks(answers)

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _get(self, path: str, **parameters: str) -> Any:
        if self._client is None:
            self._client = self._connect()
        answer = self._client.get(f"{self._url}{path}", params=parameters)
        answer.raise_for_status()
        return answer.json()
