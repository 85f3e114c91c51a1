"""Starts the lake writer: `recommndr-lake-writer`, configured by `RECOMMNDR_…` variables."""

import argparse
import os
import threading
import time
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.tenancy import Tenants
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.inbox import KafkaInbox
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.connect import Stopped, consumer, producer
from recommndr_tail.dead_letters import KafkaDeadLetters
from recommndr_tail.probes import serve_probes
from recommndr_tail.start import stop_on_signals

_NAME = "recommndr-lake-writer"
_COMPACT_EVERY_S = 3_600.0
_MAX_POLL_RECORDS = 2_000


def main() -> None:
    """Write until SIGTERM."""
    argparse.ArgumentParser(prog=_NAME, description=__doc__).parse_args()
    settings = load(os.environ)
    log_json_lines("lake-writer")
    stop = stop_on_signals()
    metrics = Metrics(CollectorRegistry())
    ready = threading.Event()
    with serve_probes(settings.host, settings.lake_writer_port, metrics.registry, ready.is_set):
        try:
            _run(settings, metrics, ready, stop)
        except Stopped:
            return


def _run(settings: Settings, metrics: Metrics, ready: threading.Event, stop: threading.Event) -> None:
    tenants = Tenants.from_yaml(settings.tenants_file.read_text())
    dead_letters = KafkaDeadLetters(producer(settings.kafka_bootstrap, _NAME, stop))
    following = consumer(settings.kafka_bootstrap, _NAME, stop, max_poll_records=_MAX_POLL_RECORDS)
    inbox = KafkaInbox(following, topics.EVENTS.name, topics.EVENTS.partitions)
    table = EventsTable(settings.lake_dir)
    writer = LakeWriter(inbox, table, dead_letters, tenants.tenants, metrics, lambda: datetime.now(UTC))
    writer.start()
    ready.set()
    print(f"ready: lake-writer {topics.EVENTS.name} -> {settings.lake_dir}", flush=True)
    _write_until(stop, writer, inbox, metrics)
    writer.commit(stop)
    following.close()


def _write_until(stop: threading.Event, writer: LakeWriter, inbox: KafkaInbox, metrics: Metrics) -> None:
    compacted_s = time.monotonic()
    while not stop.is_set():
        writer.step(stop)
        metrics.behind.set(inbox.n_behind)
        if time.monotonic() - compacted_s >= _COMPACT_EVERY_S:
            writer.compact()
            compacted_s = time.monotonic()
