"""One run of the job on the embedded cluster: submitted, watched through Flink's REST interface, cancelled."""

import json
import logging
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from pyflink.common import JobClient

from recommndr_flink_jobs import environment, graph, kafka_tables
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.route import Contained

_log = logging.getLogger(__name__)

ENDED = {"FAILED", "CANCELED", "FINISHED", "SUSPENDED"}
_NAME = "recommndr"
_REST_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is made of."""

    folders: Folders
    checkpoints: Path
    jars: Path
    bootstrap: str
    rest_port: int
    contained: Contained
    purchase_half_life_s: dict[str, float]
    resume_from: Path | None


@dataclass(frozen=True, slots=True)
class Job:
    """A submitted run."""

    client: JobClient
    rest_port: int

    def status(self) -> str:
        """Flink's word for it, `FAILED` when the cluster itself is gone."""
        try:
            status: str = self.client.get_job_status().result().name
        except Exception as cause:  # Py4J's errors share no base but Exception; without the JVM the job is over
            _log.error("the Flink cluster does not answer: %r", cause)  # noqa: TRY400 - Java's stack says nothing of ours
            return "FAILED"
        return status

    def is_working(self) -> bool:
        """Whether every task runs: from here on events are folded."""
        url = f"http://127.0.0.1:{self.rest_port}/jobs/{self.client.get_job_id()}"
        try:
            with urllib.request.urlopen(url, timeout=_REST_TIMEOUT_S) as response:  # noqa: S310
                vertices = json.load(response)["vertices"]
        except (URLError, TimeoutError, ConnectionError):
            return False
        return bool(vertices) and all(vertex["status"] == "RUNNING" for vertex in vertices)

    def cancel(self) -> None:
        """End it; its checkpoints stay, and the next start goes on from there."""
        self.client.cancel().result()


def submit(run: Run) -> Job:
    """Build the graph on Kafka and start it."""
    made = environment.configuration(run.folders, run.checkpoints, run.rest_port, run.resume_from)
    flink, tables = environment.open_tables(made, run.jars)
    kafka_tables.create_sources(tables, run.bootstrap)
    kafka_tables.create_sink(tables, run.bootstrap)
    records = graph.build(tables, kafka_tables.EVENTS_VIEW, kafka_tables.SEEDS_VIEW, run.contained, run.purchase_half_life_s)
    statements = tables.create_statement_set()
    statements.add_insert(kafka_tables.SINK, tables.from_data_stream(records))
    statements.attach_as_datastream()
    return Job(flink.execute_async(_NAME), run.rest_port)
