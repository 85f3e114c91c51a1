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
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import yaml
from pydantic import ValidationError

from recommndr.kafka_access import KafkaAccess
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.tenancy import Tenants
from recommndr_flink_jobs import environment, job, kafka_tables, lineage
from recommndr_flink_jobs.catching_up import CatchingUp
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.job import Job
from recommndr_flink_jobs.kafka_log import WrongPartitions, wait_for_topics
from recommndr_flink_jobs.lineage import KindsMoved
from recommndr_flink_jobs.plan import Plan, complete_seeds, plan
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.policy_watch import PolicyWatch
from recommndr_flink_jobs.roll_call import RollCall
from recommndr_flink_jobs.sizes import size_of

_log = logging.getLogger(__name__)

_RETRY_S = 1.0
_POLL_S = 1.0


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
    topics = (*kafka_tables.READ, *kafka_tables.WRITTEN)
    if policies is None or not wait_for_topics(settings.kafka, topics, lambda: stop.asked):
        return 0
    _await_port(settings.flink_rest_port, stop)
    folders = Folders(settings.state_dir / "flink")
    environment.prepare(folders, os.environ, size_of(settings))
    try:
        planned, running = _submitted(settings, folders, jars, policies, rebuild)
    except (KindsMoved, WrongPartitions) as cause:
        _log.error("not started: %s", cause)
        return 1
    _await_work(running, stop)
    return _watch(running, planned, stop, settings.kafka, settings.tenants_file)


def _submitted(settings: Settings, folders: Folders, jars: Path, policies: Policies, rebuild: bool) -> tuple[Plan, Job]:
    planned = plan(settings, folders, jars, policies, rebuild)
    try:
        return planned, job.submit(planned.run)
    except job.NotSubmitted as cause:
        if planned.run.resume_from is None or not planned.could_begin_anew:
            raise  # the supervisor starts it again; only a person may drop states that only the checkpoint has (--rebuild)
        _log.warning("checkpoint %s cannot be resumed, rebuild from seeds: %s", planned.run.resume_from, cause)
    planned = plan(settings, folders, jars, policies, rebuild=True)
    return planned, job.submit(planned.run)


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


def _await_work(running: Job, stop: _Stop) -> None:
    """Print `ready` when every task runs; also returns when the job has ended or is to stop."""
    while not stop.asked and running.status() not in job.ENDED:
        if running.is_working():
            print(f"ready: flink https://127.0.0.1:{running.rest.port}", flush=True)
            return
        time.sleep(_POLL_S)


def _watch(running: Job, planned: Plan, stop: _Stop, kafka: KafkaAccess, tenants_file: Path) -> int:
    """Watch until stopped: clean up after the first checkpoint; returns the process's exit status."""
    run, tidied = planned.run, False
    catching_up, calling = CatchingUp(kafka, running, run), RollCall(kafka, run, planned.lineage)
    changes = PolicyWatch(tenants_file, run.policies, planned.lineage, lambda: complete_seeds(kafka))
    while not stop.asked:
        status = running.status()
        if status in job.ENDED:
            _log.error("the job is %s; see %s", status, run.folders.log)
            return 1
        if not tidied and lineage.n_checkpoints(run.checkpoints):
            lineage.forget_other_runs(run.folders.checkpoints, run.checkpoints)
            tidied = True
        catching_up.step()
        if catching_up.told:
            calling.step()
        if changes.asks_for_a_start():
            running.cancel()
            _log.info("cancelled, because policies of tenants changed; the supervisor starts it again")
            return 0
        time.sleep(_POLL_S)
    running.cancel()
    _log.info("cancelled; the checkpoints in %s are kept", run.checkpoints)
    return 0
