"""Reads from Kafka before the job starts: existing topics, oldest kept offsets, announced seeds."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from recommndr.generation import Generation, tenant_of
from recommndr.identity import entity_key
from recommndr.kafka_access import KafkaAccess
from recommndr.seed import N_SHARES, SEEDED, Seed, share_of
from recommndr.topics import EVENTS, GENERATIONS, NOTES, SEEDS, Topic, hex_id, split_seed_key
from recommndr_flink_jobs import catch_up

_log = logging.getLogger(__name__)

_RETRY_S = 1.0
_POLL_MS = 500
_TELL_TIMEOUT_S = 30.0


class WrongPartitions(RuntimeError):
    """A topic has another number of partitions than it was created with, so keys have moved."""


class KafkaLog:
    """A short-lived Kafka client; a context manager."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._kafka = kafka
        self._consumer = KafkaConsumer(**kafka.options(), enable_auto_commit=False, auto_offset_reset="earliest", group_id=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._consumer.close()

    def missing(self, topics: tuple[Topic, ...]) -> list[str]:
        """Names of those topics that do not exist yet."""
        present = self._consumer.topics()
        return [topic.name for topic in topics if topic.name not in present]

    def earliest_event_offsets(self) -> tuple[int, ...]:
        """Per partition, the offset of the first event that is still kept."""
        partitions = [TopicPartition(EVENTS.name, number) for number in range(EVENTS.partitions)]
        offsets = self._consumer.beginning_offsets(partitions)
        return tuple(offsets[partition] for partition in partitions)

    def first_events_at_s(self) -> tuple[float | None, ...]:
        """Per partition, when the first event that is still kept was written; None where none is kept."""
        partitions = [TopicPartition(EVENTS.name, number) for number in range(EVENTS.partitions)]
        found = self._consumer.offsets_for_times(dict.fromkeys(partitions, 0))
        return tuple(None if (first := found[one]) is None else first.timestamp / 1000 for one in partitions)

    def topic_ids(self, topics: Iterable[Topic]) -> dict[str, str]:
        """Kafka's ids of these topics by name; a recreated topic has another id."""
        admin = KafkaAdminClient(**self._kafka.options())
        try:
            return {
                topic["name"]: hex_id(str(topic["topic_id"])) for topic in admin.describe_topics([one.name for one in topics])
            }
        finally:
            admin.close()

    def check_partitions(self, topics: Iterable[Topic]) -> None:
        """Raises `WrongPartitions` that names the topic and the remedy."""
        for topic in topics:
            found = len(self._consumer.partitions_for_topic(topic.name) or ())
            if found != topic.partitions:
                raise WrongPartitions(
                    f"{topic.name} has {found} partitions: expected {topic.partitions}. With another number, a shopper's "
                    "events come from two partitions. Kafka cannot take partitions away: delete the topic, let the "
                    "installation create it again, publish seeds of every tenant (recommndr seed --publish) and start again"
                )

    def announced(self) -> dict[str, tuple[Generation, ...]]:
        """By tenant the newest generation that began, and the newest complete one; unreadable records are logged."""
        newest: dict[bytes, Generation] = {}
        for record in self._records(GENERATIONS):
            if record.key == catch_up.KEY:
                continue
            try:
                generation = Generation.from_bytes(record.value or b"")
                tenant_of(record.key or b"")
            except ValueError as cause:
                _log.warning("announcement %r cannot be read: %s", record.key, cause)
                continue
            known = newest.get(record.key)
            if known is None or known.number <= generation.number:
                newest[record.key] = generation
        found: dict[str, tuple[Generation, ...]] = {}
        for key, generation in newest.items():
            found[tenant_of(key)] = (*found.get(tenant_of(key), ()), generation)
        return found

    def count_seeds(self, generations: Mapping[str, Generation]) -> dict[str, tuple[int, ...]]:
        """By tenant and share, the seeds of its generation that are there; reads the whole topic.

        They may be fewer than were written: those of erased shoppers are gone.
        """
        counts = {tenant: [0] * N_SHARES for tenant in generations}
        for record in self._records(SEEDS) if generations else ():
            try:
                key = split_seed_key(record.key or b"")
                seed = Seed.from_bytes(record.value) if record.value is not None else None
            except ValueError:
                continue  # the job makes a dead letter of it
            wanted = generations.get(key.tenant)
            if seed is not None and wanted is not None and seed.generation == wanted.number and key.group in SEEDED:
                place = entity_key(key.tenant, key.entity).decode()
                counts[key.tenant][share_of(SEEDED[key.group], place)] += 1
        return {tenant: tuple(of_share) for tenant, of_share in counts.items()}

    def older_rows(self, topic: Topic, since_ms: int) -> list[bytes]:
        """Keys whose newest value is no tombstone and was written before; reads the whole topic."""
        is_older: dict[bytes, bool] = {}
        for record in self._records(topic):
            is_older[record.key] = record.value is not None and record.timestamp < since_ms
        return [key for key, older in is_older.items() if older]

    def _records(self, topic: Topic) -> Iterator[Any]:
        """All records of a topic up to its present end."""
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        self._consumer.assign(places)
        self._consumer.seek_to_beginning(*places)
        ends = self._consumer.end_offsets(places)
        while any(self._consumer.position(place) < ends[place] for place in places):
            for records in self._consumer.poll(timeout_ms=_POLL_MS, max_records=5_000).values():
                yield from records


def tell_caught_up(kafka: KafkaAccess, run_id: str) -> None:
    """Tell all buckets of the job that the run has caught up; raises `KafkaError`."""
    producer = KafkaProducer(**kafka.options(), acks="all")
    try:
        producer.send(GENERATIONS.name, key=catch_up.KEY, value=run_id.encode()).get(_TELL_TIMEOUT_S)
    finally:
        producer.close()


def write_notes(kafka: KafkaAccess, written: Iterable[tuple[bytes, bytes]]) -> None:
    """Write keys and values to `notes.v1`; returns when all are there, and raises `KafkaError`."""
    producer = KafkaProducer(**kafka.options(), acks="all")
    try:
        sent = [producer.send(NOTES.name, key=key, value=value) for key, value in written]
        for one in sent:
            one.get(_TELL_TIMEOUT_S)
    finally:
        producer.close()


def wait_for_topics(kafka: KafkaAccess, topics: tuple[Topic, ...], stopped: Callable[[], bool]) -> bool:
    """Wait for Kafka and the topics, logging each attempt; False when stopped meanwhile."""
    while not stopped():
        try:
            with KafkaLog(kafka) as log:
                missing = log.missing(topics)
            if not missing:
                return True
            _log.info("waiting for topics %s", ", ".join(missing))
        except KafkaError as cause:
            _log.info("waiting for Kafka at %s: %r", kafka.bootstrap, cause)
        time.sleep(_RETRY_S)
    return False
