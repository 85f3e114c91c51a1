"""Starts the feature writer: `recommndr-feature-writer`, configured by `RECOMMNDR_…` variables."""

import argparse
import os
import socket
import threading
from datetime import UTC, datetime

import redis
from kafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr.hosts import inner_hosts
from recommndr.log_lines import log_json_lines
from recommndr.settings import Settings, load
from recommndr.topics import FEATURE_WRITER_GROUP
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_feature_writer.metrics import Metrics
from recommndr_feature_writer.online_rows import RedisRows, StoreUnavailable
from recommndr_feature_writer.writer import FeatureWriter, Unreadable
from recommndr_tail.connect import Stopped, consumer, producer, until_it_answers
from recommndr_tail.kafka_dead_letters import KafkaDeadLetters
from recommndr_tail.kafka_inbox import KafkaInbox
from recommndr_tail.probes import serve_probes
from recommndr_tail.start import stop_on_signals

_METADATA_MAX_AGE_MS = 5_000
_MAX_POLL_RECORDS = 2_000
_RETRY_S = 0.5


def main() -> None:
    """Write until SIGTERM."""
    parser = argparse.ArgumentParser(prog="recommndr-feature-writer", description=__doc__)
    parser.add_argument(
        "--from-beginning", action="store_true", help="read the topics from their beginning, even if Redis has their rows"
    )
    arguments = parser.parse_args()
    settings = load(os.environ)
    log_json_lines("feature-writer")
    stop = stop_on_signals()
    metrics = Metrics(CollectorRegistry())
    loops = Loops(metrics.registry)
    ready = threading.Event()
    hosts = inner_hosts(settings, "feature-writer")
    with serve_probes(settings.host, settings.feature_writer_port, metrics.registry, ready.is_set, loops.stalled, hosts):
        try:
            writer, inbox = _open(settings, metrics, arguments.from_beginning, stop)
        except Stopped:
            return
        ready.set()
        print("ready: feature-writer Kafka -> Redis", flush=True)

        def step() -> None:
            writer.step()
            metrics.behind.set(inbox.n_behind)

        expected = (StoreUnavailable, Unreadable, KafkaError, OSError)
        loops.add(Work("rows", step, retry_s=_RETRY_S, expected=expected, close=inbox.close)).run(stop)


def _open(
    settings: Settings, metrics: Metrics, from_beginning: bool, stop: threading.Event
) -> tuple[FeatureWriter, KafkaInbox]:
    """Connected to Redis and Kafka; raises `Stopped` when the service is stopped while one of them is unavailable."""
    rows = RedisRows(redis.Redis.from_url(settings.redis_login_url, socket_timeout=5, socket_connect_timeout=5))
    places = [(topic.name, partition) for topic in topics.SHOPPER_ROWS for partition in range(topic.partitions)]
    # Either call also finds out whether Redis is there.
    begin = rows.forget if from_beginning else rows.positions
    until_it_answers("Redis", lambda: begin(places), stop, (StoreUnavailable,))
    dead_letters = KafkaDeadLetters(producer(settings.kafka, FEATURE_WRITER_GROUP, stop))
    following = consumer(
        settings.kafka,
        FEATURE_WRITER_GROUP,
        stop,
        group_id=FEATURE_WRITER_GROUP,
        # A member that does not know the topics' partitions yet gets none; it asks again after it has refreshed its metadata.
        metadata_max_age_ms=_METADATA_MAX_AGE_MS,
        # A named member gets its partitions back at once after a crash, without waiting for its old session to expire.
        group_instance_id=f"{socket.gethostname()}-{settings.feature_writer_port}",
        max_poll_records=_MAX_POLL_RECORDS,
    )
    inbox = KafkaInbox(following, topics.SHOPPER_ROWS)
    return FeatureWriter(inbox, rows, dead_letters, metrics, lambda: datetime.now(UTC)), inbox
