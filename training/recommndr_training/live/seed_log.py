"""Kafka as the publisher of seeds sees it: how far the events are, what was announced, and where seeds are written."""

from dataclasses import dataclass
from typing import Protocol

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from recommndr.generation import Generation, tenant_of
from recommndr.kafka_access import KafkaAccess
from recommndr.topics import EVENTS, GENERATIONS, SEEDS, Topic, hex_id
from recommndr_training.live.topic_reader import records

_CLIENT_ID = "recommndr-seed"
_TIMEOUT_S = 60.0
_BOOTSTRAP_TIMEOUT_MS = 10_000


class SeedsNotPublished(RuntimeError):
    """Not all seeds were published, and none of them will be used. Publish again, which is safe."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far `events.v1` is: its id, and of each partition the first offset that is kept and the next one to come."""

    topic_id: str
    beginnings: tuple[int, ...]
    ends: tuple[int, ...]


class SeedLog(Protocol):
    """Kafka, or lists in tests. Raises `SeedsNotPublished`."""

    def reach(self) -> Reach:
        """How far the events are now."""
        ...

    def announced(self, tenant: str) -> list[Generation]:
        """What was announced of a tenant's seeds, by generation, oldest first."""
        ...

    def announce(self, tenant: str, generation: Generation) -> None:
        """Return when the announcement is acknowledged, and all seeds before it."""
        ...

    def append(self, key: bytes, value: bytes | None) -> None:
        """Take one seed, or a tombstone; may return before it is acknowledged."""
        ...


class KafkaSeedLog:
    """The real one. It compresses, because an item's state is mostly zeros."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._kafka = kafka
        self._failures: list[Exception] = []
        try:
            self._producer = KafkaProducer(
                **kafka.options(),
                client_id=_CLIENT_ID,
                bootstrap_timeout_ms=_BOOTSTRAP_TIMEOUT_MS,
                compression_type="gzip",
                linger_ms=50,
                batch_size=512 * 1024,
                allow_auto_create_topics=False,
            )
        except KafkaError as cause:
            raise SeedsNotPublished(
                f"no Kafka at {kafka.bootstrap}: {cause}; check that the installation is running and that RECOMMNDR_KAFKA_USER "
                "and RECOMMNDR_KAFKA_PASSWORD_FILE name the user `training`"
            ) from cause
        self._consumer = KafkaConsumer(
            **kafka.options(), client_id=_CLIENT_ID, enable_auto_commit=False, auto_offset_reset="earliest", group_id=None
        )

    def reach(self) -> Reach:
        """See `SeedLog.reach`."""
        places = _places(EVENTS)
        try:
            admin = KafkaAdminClient(**self._kafka.options())
            try:
                (described,) = admin.describe_topics([EVENTS.name])
            finally:
                admin.close()
            beginnings, ends = self._consumer.beginning_offsets(places), self._consumer.end_offsets(places)
        except KafkaError as cause:
            raise SeedsNotPublished(f"Kafka at {self._kafka.bootstrap} does not say how far the events are: {cause}") from cause
        n_partitions = len(described["partitions"])
        if n_partitions != EVENTS.partitions:
            raise SeedsNotPublished(f"{EVENTS.name} has {n_partitions} partitions: expected {EVENTS.partitions}")
        return Reach(
            hex_id(str(described["topic_id"])), tuple(beginnings[one] for one in places), tuple(ends[one] for one in places)
        )

    def announced(self, tenant: str) -> list[Generation]:
        """See `SeedLog.announced`."""
        try:
            found = [one for one in records(self._consumer, GENERATIONS) if one.key and tenant_of(one.key) == tenant]
            return sorted((Generation.from_bytes(record.value) for record in found), key=lambda one: one.number)
        except (KafkaError, ValueError) as cause:
            raise SeedsNotPublished(f"what was announced of seeds cannot be read: {cause}") from cause

    def announce(self, tenant: str, generation: Generation) -> None:
        """See `SeedLog.announce`."""
        self._flush()
        self._send(GENERATIONS, generation.key(tenant), generation.to_bytes())
        self._flush()

    def append(self, key: bytes, value: bytes | None) -> None:
        """See `SeedLog.append`."""
        self._send(SEEDS, key, value)

    def _send(self, topic: Topic, key: bytes, value: bytes | None) -> None:
        self._producer.send(topic.name, key=key, value=value).add_errback(self._failures.append)

    def _flush(self) -> None:
        try:
            self._producer.flush(timeout=_TIMEOUT_S)
        except KafkaError as cause:
            raise SeedsNotPublished(f"Kafka at {self._kafka.bootstrap} did not answer within {_TIMEOUT_S:.0f} s") from cause
        if self._failures:
            raise SeedsNotPublished(f"{len(self._failures)} seeds were refused, the first: {self._failures[0]}")

    def close(self) -> None:
        """Stop the sender thread."""
        self._consumer.close()
        self._producer.close(timeout=_TIMEOUT_S)


def _places(topic: Topic) -> list[TopicPartition]:
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]
