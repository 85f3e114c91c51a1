"""Starts the lake writer: `recommndr-lake-writer`, configured by `RECOMMNDR_…` variables."""

import argparse
import os
import socket
import threading
from datetime import UTC, datetime, timedelta

from deltalake.exceptions import DeltaError
from kafka import KafkaProducer
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
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.seed_tombstones import SeedTombstones
from recommndr_lake_writer.upkeep import Upkeep
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.connect import Stopped, consumer, producer
from recommndr_tail.dead_letters import KafkaDeadLetters
from recommndr_tail.group_inbox import KafkaInbox
from recommndr_tail.probes import serve_probes
from recommndr_tail.start import stop_on_signals

_NAME = "recommndr-lake-writer"
_METADATA_MAX_AGE_MS = 5_000
_MAX_POLL_RECORDS = 2_000
_UPKEEP_PAUSE_S = 30.0
_UPKEEP_STALLED_AFTER_S = 3_600.0  # joining the files of many tenants takes minutes


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
            sending = producer(settings.kafka, topics.LAKE_WRITER_GROUP, stop)
            writer, inbox = _open(settings, metrics, sending, stop)
        except Stopped:
            return
        ready.set()
        print(f"ready: lake-writer {topics.EVENTS.name} -> {settings.lake_dir}", flush=True)

        def close() -> None:
            writer.commit()  # records that this does not commit are read again at the next start
            inbox.close()

        expected = (DeltaError, KafkaError, OSError)
        forget_seeds = SeedTombstones(sending).forget
        retention = timedelta(hours=settings.lake_retention_hours)
        upkeep = Upkeep(settings.lake_dir, retention, metrics, lambda: datetime.now(UTC), lambda: writer.leads, forget_seeds)
        loops.add(Work("upkeep", upkeep.step, _UPKEEP_PAUSE_S, _UPKEEP_PAUSE_S, _UPKEEP_STALLED_AFTER_S, expected)).start()
        loops.add(Work("events", writer.step, expected=expected, close=close)).run(stop)


def _open(settings: Settings, metrics: Metrics, sending: KafkaProducer, stop: threading.Event) -> tuple[LakeWriter, KafkaInbox]:
    """Connected to Kafka, at the offsets of the lake; raises `Stopped` when stopped while Kafka is unavailable."""
    tenants = Tenants.from_yaml(settings.tenants_file.read_text())
    dead_letters = KafkaDeadLetters(sending)
    table = EventsTable(settings.lake_dir)
    following = consumer(
        settings.kafka,
        topics.LAKE_WRITER_GROUP,
        stop,
        group_id=topics.LAKE_WRITER_GROUP,
        # A member that does not know the topic's partitions yet gets none; it asks again after it has refreshed its metadata.
        metadata_max_age_ms=_METADATA_MAX_AGE_MS,
        # A named member gets its partitions back at once after a crash, without waiting for its old session to expire.
        group_instance_id=f"{socket.gethostname()}-{settings.lake_writer_port}",
        max_poll_records=_MAX_POLL_RECORDS,
    )
    inbox = KafkaInbox(following, [topics.EVENTS])
    return LakeWriter(inbox, table, dead_letters, tenants.tenants, metrics, lambda: datetime.now(UTC)), inbox
