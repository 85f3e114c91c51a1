"""Follows compacted topics from their beginning, for a reader that has to know everything they hold.

No consumer group: every process reads every partition. Positions are kept across connections, so a connection that breaks costs
nothing that was read. To read anew would show for a moment what has changed long ago.
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
# Large enough to be cheap, small enough that a request hardly waits for the interpreter meanwhile (~2 ms).
_BATCH = 500
_CLOSE_MS = 2_000

Batches = Mapping[TopicPartition, Sequence[ConsumerRecord]]
Ends = Mapping[TopicPartition, int]


class Reader(Protocol):
    """Takes what a follower reads. All calls come from the follower's thread."""

    def connected(self, consumer: KafkaConsumer) -> None:
        """A new connection is at the kept positions; nothing has been read from it yet."""
        ...

    def take(self, batches: Batches) -> None:
        """Apply records, in order per partition. After an error they come again."""
        ...

    def polled(self, consumer: KafkaConsumer) -> None:
        """One poll is over, and what it brought has been taken."""
        ...


class Follower:
    """Hands all records of `topics` to `reader`; `work` is for a background loop and named like the follower."""

    def __init__(self, name: str, kafka: KafkaAccess, client_id: str, topics: Sequence[str], reader: Reader) -> None:
        self._name = name
        self._kafka = kafka
        self._client_id = client_id
        self._topics = tuple(topics)
        self._reader = reader
        self._positions: dict[TopicPartition, int] = {}  # behind the last record taken
        self._consumer: KafkaConsumer | None = None

    @property
    def work(self) -> Work:
        """For a background loop."""
        return Work(self._name, self.step, expected=(KafkaError, OSError), close=self.close)

    def step(self) -> None:
        """One poll; connects first when it has to. After an error the next step goes on behind the last record taken."""
        if self._consumer is None:
            self._consumer = self._connected()
        try:
            self._read(self._consumer)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; positions stay."""
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
            # A position that the topic does not have, because it was created again, is answered from the beginning.
            if partition in self._positions:
                consumer.seek(partition, self._positions[partition])
            else:
                consumer.seek_to_beginning(partition)


def has_read(consumer: KafkaConsumer, ends: Ends) -> bool:
    """Whether everything before `ends` has been read."""
    return all(consumer.position(partition) >= end for partition, end in ends.items())


def _partitions(consumer: KafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of all topics; raises `KafkaError` while a topic is not there yet."""
    found = {topic: consumer.partitions_for_topic(topic) or set() for topic in topics}
    missing = [topic for topic, numbers in found.items() if not numbers]
    if missing:
        raise KafkaError(f"topics {missing} do not exist yet")
    return [TopicPartition(topic, number) for topic, numbers in found.items() for number in sorted(numbers)]
