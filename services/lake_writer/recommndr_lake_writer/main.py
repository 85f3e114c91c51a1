"""Starts the lake writer: `recommndr-lake-writer`, configured by `RECOMMNDR_…` variables."""

import argparse
import os
import socket
import threading
from datetime import UTC, datetime, timedelta

from deltalake.exceptions import DeltaError
from kafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.hosts import inner_hosts
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.tenancy import Tenants
from recommndr.topics import Topic
from recommndr_background.loops import Loops
from recommndr_background.traces import traces
from recommndr_background.work import Work
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.events_writer import events_writer
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.seed_tombstones import SeedTombstones
from recommndr_lake_writer.served_writer import served_writer
from recommndr_lake_writer.upkeep import Upkeep
from recommndr_lake_writer.writer import B, LakeWriter
from recommndr_tail.connect import Stopped, consumer, producer
from recommndr_tail.kafka_dead_letters import KafkaDeadLetters
from recommndr_tail.kafka_inbox import KafkaInbox
from recommndr_tail.probes import serve_probes
from recommndr_tail.start import stop_on_signals

_NAME = "recommndr-lake-writer"
_METADATA_MAX_AGE_MS = 5_000
_MAX_POLL_RECORDS = 2_000
_UPKEEP_PAUSE_S = 30.0
_UPKEEP_STALLED_AFTER_S = 3_600.0  # joining the files of many tenants takes minutes
_EXPECTED = (DeltaError, KafkaError, OSError)


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
    with (
        traces(settings.otlp_url, settings.trace_share, _NAME) as tracer,
        serve_probes(settings.host, settings.lake_writer_port, metrics.registry, ready.is_set, loops.stalled, hosts),
    ):
        try:
            sending = producer(settings.kafka, topics.LAKE_WRITER_GROUP, stop)
            events_inbox = _inbox(settings, topics.EVENTS, topics.LAKE_WRITER_GROUP, stop)
            served_inbox = _inbox(settings, topics.SERVED, topics.LAKE_SERVED_GROUP, stop)
        except Stopped:
            return
        policies, table = Tenants.from_yaml(settings.tenants_file.read_text()).tenants, EventsTable(settings.lake_dir)
        events = events_writer(events_inbox, table, KafkaDeadLetters(sending), policies, metrics, _now)
        events.tracer = tracer
        served = served_writer(served_inbox, settings.lake_dir, KafkaDeadLetters(sending), metrics, _now)
        ready.set()
        print(f"ready: lake-writer {topics.EVENTS.name}, {topics.SERVED.name} -> {settings.lake_dir}", flush=True)
        upkeep = Upkeep(
            settings.lake_dir,
            timedelta(hours=settings.lake_retention_hours),
            metrics,
            _now,
            lambda: events.leads,
            SeedTombstones(sending).forget,
            timedelta(days=settings.lake_served_days),
        )
        loops.add(
            Work("upkeep", upkeep.step, _UPKEEP_PAUSE_S, _UPKEEP_PAUSE_S, _UPKEEP_STALLED_AFTER_S, expected=_EXPECTED)
        ).start()
        of_served = loops.add(_writing("served", served, served_inbox))
        of_served.start()
        loops.add(_writing("events", events, events_inbox)).run(stop)
        of_served.stop()


def _writing(name: str, writer: LakeWriter[B], inbox: KafkaInbox) -> Work:
    def close() -> None:
        writer.commit()  # records that this does not commit are read again at the next start
        inbox.close()

    return Work(name, writer.step, expected=_EXPECTED, close=close)


def _now() -> datetime:
    return datetime.now(UTC)


def _inbox(settings: Settings, topic: Topic, group: str, stop: threading.Event) -> KafkaInbox:
    """This process's share of a topic; raises `Stopped` when stopped while Kafka is unavailable."""
    following = consumer(
        settings.kafka,
        group,
        stop,
        group_id=group,
        # A member that does not know the topic's partitions yet gets none; it asks again after it has refreshed its metadata.
        metadata_max_age_ms=_METADATA_MAX_AGE_MS,
        # A named member gets its partitions back at once after a crash, without waiting for its old session to expire.
        group_instance_id=f"{socket.gethostname()}-{settings.lake_writer_port}",
        max_poll_records=_MAX_POLL_RECORDS,
    )
    return KafkaInbox(following, [topic])
