"""Follows compacted topics from their beginning, for a reader that needs all their records.

There is no consumer group: every process reads every partition. Positions are kept across connections, so nothing is read
twice after a broken connection. Reading again from the beginning would show old values for a moment.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from recommndr.kafka_access import KafkaAccess
from recommndr_background.work import Work
from recommndr_tail.connect import check_reachable, open_consumer

_POLL_MS = 200
# Large enough to be cheap, small enough that a request waits only about 2 ms for the interpreter.
_BATCH = 500
_CLOSE_MS = 2_000

Batches = Mapping[TopicPartition, Sequence[ConsumerRecord]]
Ends = Mapping[TopicPartition, int]


class Reader(Protocol):
    """Takes what a follower reads. All calls come from the follower's thread."""

    def connected(self, consumer: KafkaConsumer) -> None:
        """Called when a new connection is at the kept positions, before anything is read from it."""
        ...

    def take(self, batches: Batches) -> None:
        """Apply records, in order per partition. After an error they are delivered again."""
        ...

    def polled(self, consumer: KafkaConsumer) -> None:
        """Called after each poll, when its records have been taken."""
        ...


class Follower:
    """Passes all records of `topics` to `reader`. A background loop runs `work`, which has the follower's name."""

    def __init__(self, name: str, kafka: KafkaAccess, client_id: str, topics: Sequence[str], reader: Reader) -> None:
        self._name = name
        self._kafka = kafka
        self._client_id = client_id
        self._topics = tuple(topics)
        self._reader = reader
        self._positions: dict[TopicPartition, int] = {}  # the offset after the last record taken
        self._consumer: KafkaConsumer | None = None

    @property
    def work(self) -> Work:
        """The follower's step for a background loop."""
        return Work(self._name, self.step, expected=(KafkaError, OSError), close=self.close)

    def step(self) -> None:
        """Connect if necessary and poll once. After an error the next step continues after the last record taken."""
        if self._consumer is None:
            self._consumer = self._connected()
        try:
            self._read(self._consumer)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection and keep the positions."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)

    def _read(self, consumer: KafkaConsumer) -> None:
        batches: Batches = consumer.poll(timeout_ms=_POLL_MS)
        if batches:
            self._reader.take(batches)
        for partition, batch in batches.items():
            self._positions[partition] = batch[-1].offset + 1
        self._reader.polled(consumer)

    def _connected(self) -> KafkaConsumer:
        check_reachable(self._kafka)
        consumer = open_consumer(
            self._kafka,
            self._client_id,
            group_id=None,
            max_poll_records=_BATCH,
            fetch_max_wait_ms=_POLL_MS,
            metrics_enabled=False,
        )
        try:
            self._assign(consumer)
            self._reader.connected(consumer)
        except Exception:
            consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)
            raise
        return consumer

    def _assign(self, consumer: KafkaConsumer) -> None:
        partitions = _partitions(consumer, self._topics)
        consumer.assign(partitions)
        for partition in partitions:
            # If the topic was created again and lacks this position, the broker starts at the beginning.
            if partition in self._positions:
                consumer.seek(partition, self._positions[partition])
            else:
                consumer.seek_to_beginning(partition)


def has_read(consumer: KafkaConsumer, ends: Ends) -> bool:
    """Whether all records before `ends` have been read."""
    return all(consumer.position(partition) >= end for partition, end in ends.items())


def _partitions(consumer: KafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    """Return all partitions of all topics; raises `KafkaError` while a topic does not exist."""
    found = {topic: consumer.partitions_for_topic(topic) or set() for topic in topics}
    missing = [topic for topic, numbers in found.items() if not numbers]
    if missing:
        raise KafkaError(f"topics {missing} do not exist yet")
    return [TopicPartition(topic, number) for topic, numbers in found.items() for number in sorted(numbers)]
