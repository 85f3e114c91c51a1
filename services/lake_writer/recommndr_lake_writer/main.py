"""Starts the lake writer: `recommndr-lake-writer`, configured by `RECOMMNDR_…` variables."""

import argparse
import os
import threading
from datetime import UTC, datetime

from deltalake.exceptions import DeltaError
from kafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.hosts import inner_hosts
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.tenancy import Tenants
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.inbox import KafkaInbox
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.connect import Stopped, consumer, producer
from recommndr_tail.dead_letters import KafkaDeadLetters
from recommndr_tail.probes import serve_probes
from recommndr_tail.start import stop_on_signals

_NAME = "recommndr-lake-writer"
_MAX_POLL_RECORDS = 2_000
_STALLED_AFTER_S = 900.0  # compacting a year of events takes minutes


def main() -> None:
    """Write until SIGTERM."""
    argparse.ArgumentParser(prog=_NAME, description=__doc__).parse_args()
    settings = load(os.environ)
    log_json_lines("lake-writer")
    stop = stop_on_signals()
    metrics = Metrics(CollectorRegistry())
    loops = Loops(metrics.registry)
    ready = threading.Event()
    hosts = inner_hosts(settings, "lake-writer")
    with serve_probes(settings.host, settings.lake_writer_port, metrics.registry, ready.is_set, loops.stalled, hosts):
        try:
            writer, inbox = _open(settings, metrics, stop)
        except Stopped:
            return
        ready.set()
        print(f"ready: lake-writer {topics.EVENTS.name} -> {settings.lake_dir}", flush=True)

        def step() -> None:
            writer.step()
            metrics.behind.set(inbox.n_behind)

        def close() -> None:
            writer.commit()  # records that this does not commit are read again at the next start
            inbox.close()

        expected = (DeltaError, KafkaError, OSError)
        loops.add(Work("events", step, stalled_after_s=_STALLED_AFTER_S, expected=expected, close=close)).run(stop)


def _open(settings: Settings, metrics: Metrics, stop: threading.Event) -> tuple[LakeWriter, KafkaInbox]:
    """Connected to Kafka, at the offsets of the lake; raises `Stopped` when stopped while Kafka is unavailable."""
    tenants = Tenants.from_yaml(settings.tenants_file.read_text())
    dead_letters = KafkaDeadLetters(producer(settings.kafka, _NAME, stop))
    following = consumer(settings.kafka, _NAME, stop, max_poll_records=_MAX_POLL_RECORDS)
    inbox = KafkaInbox(following, topics.EVENTS.name, topics.EVENTS.partitions)
    table = EventsTable(settings.lake_dir)
    writer = LakeWriter(inbox, table, dead_letters, tenants.tenants, metrics, lambda: datetime.now(UTC))
    writer.start()
    return writer, inbox
