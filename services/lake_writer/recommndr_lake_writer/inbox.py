"""The topic as the lake writer reads it: Kafka without a consumer group, or a list. The lake keeps the offsets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition

from recommndr_tail.record import PartitionId, TopicRecord


@dataclass
class InMemoryInbox:
    """Partitions in a list of records, each in order."""

    records: Sequence[TopicRecord]
    batch: int = 100
    _left: list[TopicRecord] | None = None

    def start(self, next_offset: Callable[[PartitionId], int | None]) -> None:
        """Skip records before the next offset."""
        self._left = [record for record in self.records if record.offset >= (next_offset(record.place) or 0)]

    def poll(self, timeout_s: float) -> Sequence[TopicRecord]:
        """At most `batch` records."""
        del timeout_s
        left = self._left or []
        polled, self._left = left[: self.batch], left[self.batch :]
        return polled


class KafkaInbox:
    """All partitions of one topic."""

    def __init__(self, consumer: KafkaConsumer, topic: str, partitions: int) -> None:
        self._consumer = consumer
        self._places = [TopicPartition(topic, partition) for partition in range(partitions)]

    def start(self, next_offset: Callable[[PartitionId], int | None]) -> None:
        """Seek to the next offsets; if the topic no longer has one, `auto_offset_reset` finds the oldest it has."""
        self._consumer.assign(self._places)
        for place in self._places:
            offset = next_offset((place.topic, place.partition))
            if offset is None:
                self._consumer.seek_to_beginning(place)
            else:
                self._consumer.seek(place, offset)

    def poll(self, timeout_s: float) -> Sequence[TopicRecord]:
        """See `Inbox.poll`."""
        polled = self._consumer.poll(timeout_ms=int(timeout_s * 1000))
        return [TopicRecord.of(consumed) for batch in polled.values() for consumed in batch]

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()

    @property
    def n_behind(self) -> int:
        """Records that were not polled yet, as far as known."""
        ends = {place: self._consumer.highwater(place) for place in self._places}
        return sum(max(end - self._consumer.position(place), 0) for place, end in ends.items() if end is not None)
