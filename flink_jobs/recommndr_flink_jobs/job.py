"""One run of the job on the embedded cluster: submitted, watched through Flink's REST interface, cancelled."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyflink.common import JobClient

from recommndr_flink_jobs import announcements, environment, graph, kafka_tables
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.rest import Rest
from recommndr_flink_jobs.sizes import Size

_log = logging.getLogger(__name__)

ENDED = {"FAILED", "CANCELED", "FINISHED", "SUSPENDED"}
_NAME = "recommndr"


@dataclass(frozen=True, slots=True)
class Run:
    """The inputs of a run."""

    folders: Folders
    checkpoints: Path
    jars: Path
    kafka: str  # options of its tables
    rest: Rest
    origin: Origin
    policies: Policies
    resume_from: Path | None
    size: Size


@dataclass(frozen=True, slots=True)
class Job:
    """A submitted run."""

    client: JobClient
    rest: Rest

    def status(self) -> str:
        """The job's status in Flink; `FAILED` when the cluster does not answer."""
        try:
            status: str = self.client.get_job_status().result().name
        except Exception as cause:  # Py4J's errors have no other common base class; without the JVM the job has ended
            _log.error("the Flink cluster does not answer: %r", cause)
            return "FAILED"
        return status

    def is_working(self) -> bool:
        """Whether every task runs, so that events are folded."""
        vertices = self._vertices()
        return bool(vertices) and all(vertex["status"] == "RUNNING" for vertex in vertices)

    def n_pending(self) -> int:
        """Records of its topics that the job has not read yet, as far as its sources know."""
        pending = 0
        for vertex in self._vertices():
            path = f"vertices/{vertex['id']}/subtasks/metrics"
            ids = [metric["id"] for metric in self._get(path) or () if metric["id"].endswith(".pendingRecords")]
            pending += sum(
                int(metric["sum"]) for metric in (self._get(f"{path}?agg=sum&get={','.join(ids)}") if ids else ()) or ()
            )
        return pending

    def _vertices(self) -> list[Any]:
        job = self._get("")
        return job["vertices"] if job else []

    def _get(self, path: str) -> Any:
        return self.rest.ask(f"/jobs/{self.client.get_job_id()}/{path}".rstrip("/"))

    def cancel(self) -> None:
        """Cancel the job; its checkpoints are kept, and the next start resumes from them."""
        try:
            self.client.cancel().result()
        except Exception as cause:  # as in `status`; a signal to the process group ends the JVM before us
            _log.info("the Flink cluster has already stopped: %r", cause)


class NotSubmitted(RuntimeError):
    """Flink refused the run."""


def submit(run: Run) -> Job:
    """Build the graph on Kafka and start it; raises `NotSubmitted`, for example for a checkpoint that cannot be read."""
    made = environment.configuration(run.folders, run.checkpoints, run.rest, run.size, run.resume_from)
    flink, tables = environment.open_tables(made, run.jars, run.size.parallelism)
    kafka_tables.create_sources(tables, run.kafka)
    kafka_tables.create_sink(tables, run.kafka)
    records = graph.build(
        tables,
        (kafka_tables.EVENTS_VIEW, kafka_tables.SEEDS_VIEW),
        run.origin,
        run.policies,
        run.size,
        announcements.in_kafka,
    )
    statements = tables.create_statement_set()
    statements.add_insert(kafka_tables.SINK, tables.from_data_stream(records))
    statements.attach_as_datastream()
    try:
        return Job(flink.execute_async(_NAME), run.rest)
    except Py4JJavaError as cause:
        raise NotSubmitted(_root(cause.java_exception)) from cause


def _root(thrown: Any) -> str:
    """The message of the innermost Java exception."""
    while thrown.getCause() is not None:
        thrown = thrown.getCause()
    return str(thrown.toString())
