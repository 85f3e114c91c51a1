"""`recommndr-flink`: runs the job on an embedded Flink until it is stopped.

It waits for the tenants file, Kafka and the topics, decides between the newest checkpoint and a rebuild from seeds, submits the
job, and prints `ready: flink …` when every task runs. SIGTERM cancels the job; the checkpoints are kept, so nothing is lost.
"""

import argparse
import logging
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import yaml
from pydantic import ValidationError

from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.tenancy import Tenants
from recommndr.topics import EVENTS, SEEDS
from recommndr_flink_jobs import environment, job, kafka_tables, lineage, metrics
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.graph import GRAPH_VERSION
from recommndr_flink_jobs.job import Job, Run
from recommndr_flink_jobs.kafka_log import Announced, KafkaLog, wait_for_topics
from recommndr_flink_jobs.lineage import Lineage, Start
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.rest import Rest
from recommndr_flink_jobs.route import Origin
from recommndr_flink_jobs.sizes import size_of

_log = logging.getLogger(__name__)

_RETRY_S = 1.0
_POLL_S = 1.0
# Counters are read by some TLS requests, which cost Java and us a twentieth of a core if they were asked each second.
_COUNT_EVERY_S = 15.0


@dataclass(slots=True)
class _Stop:
    """Set by SIGTERM and SIGINT."""

    asked: bool = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="recommndr-flink", description=__doc__)
    parser.add_argument("--jars", type=Path, default=_default_jars(), help="folder of the Kafka connector's jar")
    parser.add_argument("--rebuild", action="store_true", help="ignore checkpoints; start from seeds and events")
    arguments = parser.parse_args()
    _log_quietly()
    stop = _Stop()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.exit(serve(load(os.environ), arguments.jars, arguments.rebuild, stop))


def _default_jars() -> Path:
    return Path(__file__).resolve().parents[2] / ".tools" / "flink-jars"


def _log_quietly() -> None:
    # py4j logs a lost JVM many times under several names, and also raises it.
    log_json_lines("flink").addFilter(lambda record: "/py4j/" not in record.pathname)
    for chatty in ("apache_beam", "kafka", "pyflink"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


def serve(settings: Settings, jars: Path, rebuild: bool, stop: _Stop) -> int:
    """Run the job until it is stopped; returns the process's exit status."""
    policies = _policies(settings.tenants_file, stop)
    topics = (EVENTS, SEEDS, *kafka_tables.WRITTEN)
    if policies is None or not wait_for_topics(settings.kafka, topics, lambda: stop.asked):
        return 0
    _await_port(settings.flink_rest_port, stop)
    folders = Folders(settings.state_dir / "flink")
    environment.prepare(folders, os.environ, size_of(settings))
    run, start, exact = _plan(settings, folders, jars, policies, rebuild)
    _log.info("%s: %s", "rebuild from seeds" if start.checkpoint is None else f"resume {start.checkpoint}", start.reason)
    try:
        running = job.submit(run)
    except job.NotSubmitted as cause:
        if start.checkpoint is None or not exact:
            raise  # the supervisor starts it again; only a person may drop states that only the checkpoint has (--rebuild)
        _log.warning("checkpoint %s cannot be resumed, rebuild from seeds: %s", start.checkpoint, cause)
        run, _, _ = _plan(settings, folders, jars, policies, rebuild=True)
        running = job.submit(run)
    _await_work(running, stop)
    return _watch(running, run, stop)


def _policies(tenants_file: Path, stop: _Stop) -> Policies | None:
    """The parts of tenants' policies that the job uses; None when stopped meanwhile."""
    while not stop.asked:
        try:
            return Policies.from_tenants(Tenants.from_yaml(tenants_file.read_text()))
        except (OSError, yaml.YAMLError, ValidationError) as cause:
            _log.info("waiting for tenants in %s: %s", tenants_file, cause)
            time.sleep(_RETRY_S)
    return None


def _await_port(port: int, stop: _Stop) -> None:
    """Wait until the port is free: the Java process of a killed predecessor takes some seconds to end."""
    while not stop.asked:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        _log.info("waiting for port %d to be free", port)
        time.sleep(_RETRY_S)


def _plan(settings: Settings, folders: Folders, jars: Path, policies: Policies, rebuild: bool) -> tuple[Run, Start, bool]:
    with KafkaLog(settings.kafka) as log:
        announced = log.announced()
        earliest = log.earliest_event_offsets()
        topic_ids = log.topic_ids()
        complete_since_s = lineage.complete_since_s(earliest, log.first_events_at_s(), time.time())
    contained = {tenant: one.offsets for tenant, one in announced.items()}
    now = Lineage(
        GRAPH_VERSION,
        topic_ids,
        _generations(announced),
        {tenant: counting.half_life_s for tenant, counting in policies.counting.items()},
        policies.own_kinds,
        {tenant: counting.kind for tenant, counting in policies.counting.items()},
    )
    exact = lineage.rebuild_is_exact(policies.counting, contained, earliest)
    newest = None if rebuild else lineage.newest_checkpoint(folders.checkpoints)
    start = Start(None, "--rebuild") if rebuild else lineage.decide(newest, now, exact)
    if newest is not None and start.checkpoint is not None:
        then = newest.lineage
        now = replace(now, outcomes_generation=then.outcomes_generation, outcomes_since_s=then.outcomes_since_s)
    else:
        now = replace(now, outcomes_generation=int(time.time()), outcomes_since_s=complete_since_s)
    if start.checkpoint is None and not exact:
        _log.warning("events after some tenants' seeds are no longer kept: their states will lack them until the next seeds")
    checkpoints = folders.checkpoints / uuid.uuid4().hex
    now.save(checkpoints)
    run = Run(
        folders,
        checkpoints,
        jars,
        kafka_tables.table_options(settings.kafka, folders.kafka_login),
        Rest(settings.host, settings.flink_rest_port, settings.flink_identity_file),
        Origin(contained, now.generations, now.outcomes_generation, now.outcomes_since_s),
        policies,
        start.checkpoint,
        size_of(settings),
    )
    return run, start, exact


def _generations(announced: Mapping[str, Announced]) -> dict[str, int]:
    return {tenant: one.generation for tenant, one in announced.items()}


def _await_work(running: Job, stop: _Stop) -> None:
    """Print `ready` when every task runs; also returns when the job has ended or is to stop."""
    while not stop.asked and running.status() not in job.ENDED:
        if running.is_working():
            print(f"ready: flink https://127.0.0.1:{running.rest.port}", flush=True)
            return
        time.sleep(_POLL_S)


def _note_waiting(running: Job, run: Run) -> bool:
    if not running.counters().get(metrics.SEEDS_WAITING):
        return False
    _log.warning("some newer seeds may hold events that the states already count; restart with --rebuild to use these seeds")
    lineage.note_seeds_waited(run.checkpoints)
    return True


def _watch(running: Job, run: Run, stop: _Stop) -> int:
    """Watch until stopped: clean up after the first checkpoint, note waiting seeds; returns the process's exit status."""
    tidied = waited = False
    count_at_s = time.monotonic()
    while not stop.asked:
        status = running.status()
        if status in job.ENDED:
            _log.error("the job is %s; see %s", status, run.folders.log)
            return 1
        if not tidied and lineage.has_checkpoint(run.checkpoints):
            lineage.forget_other_runs(run.folders.checkpoints, run.checkpoints)
            tidied = True
        if not waited and time.monotonic() >= count_at_s:
            count_at_s += _COUNT_EVERY_S
            waited = _note_waiting(running, run)
        time.sleep(_POLL_S)
    running.cancel()
    _log.info("cancelled; the checkpoints in %s are kept", run.checkpoints)
    return 0
