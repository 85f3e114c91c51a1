"""Reads from Kafka before the job starts: existing topics, oldest kept offsets, announced seeds."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from recommndr.kafka_access import KafkaAccess
from recommndr.seed import GROUP_CONTROL, Seed
from recommndr.topics import EVENTS, SEEDS, Topic, split_seed_key

_log = logging.getLogger(__name__)

_RETRY_S = 1.0
_POLL_MS = 500


@dataclass(frozen=True, slots=True)
class Announced:
    """A tenant's newest control record."""

    generation: int
    offsets: tuple[int, ...]


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

    def topic_ids(self) -> dict[str, str]:
        """Kafka's ids of the topics that the job reads; a recreated topic has another id."""
        admin = KafkaAdminClient(**self._kafka.options())
        try:
            return {topic["name"]: str(topic["topic_id"]) for topic in admin.describe_topics([EVENTS.name, SEEDS.name])}
        finally:
            admin.close()

    def announced(self) -> dict[str, Announced]:
        """The newest control record of each tenant."""
        partitions = [TopicPartition(SEEDS.name, number) for number in range(SEEDS.partitions)]
        ends = self._consumer.end_offsets(partitions)
        self._consumer.assign(partitions)
        self._consumer.seek_to_beginning(*partitions)
        found: dict[str, Announced] = {}
        while any(self._consumer.position(partition) < ends[partition] for partition in partitions):
            for records in self._consumer.poll(timeout_ms=_POLL_MS, max_records=5_000).values():
                for record in records:
                    _note(found, record.key, record.value)
        return found


def _note(found: dict[str, Announced], key: bytes | None, value: bytes | None) -> None:
    if key is None or value is None or f"|{GROUP_CONTROL}:".encode() not in key:
        return
    try:
        tenant, group, _ = split_seed_key(key)
        seed = Seed.from_bytes(value)
    except ValueError as cause:
        _log.warning("control record %r cannot be read: %s", key, cause)
        return
    known = found.get(tenant)
    if group == GROUP_CONTROL and (known is None or known.generation <= seed.generation):
        found[tenant] = Announced(seed.generation, seed.offsets)


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
