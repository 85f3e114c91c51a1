"""Topics as Kafka shares them out in a consumer group."""

from collections import Counter
from collections.abc import Iterable, Mapping

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from recommndr.topics import Topic
from recommndr_tail.group_inbox import Assignment, NotTold
from recommndr_tail.record import PartitionId, TopicRecord


class _Handovers(ConsumerRebalanceListener):  # type: ignore[misc]  # it has no types
    """Counts how often each partition was assigned, so that one that was away for a moment within a poll is noticed."""

    def __init__(self) -> None:
        self.count: Counter[TopicPartition] = Counter()

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Do nothing: what is under way is refused by the store if somebody else has written meanwhile."""

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Count."""
        self.count.update(assigned)


class KafkaInbox:
    """A consumer group's share of some topics."""

    def __init__(self, consumer: KafkaConsumer, topics: Iterable[Topic]) -> None:
        self._consumer = consumer
        self._topic_ids: dict[str, str] = {}
        self._handovers = _Handovers()
        consumer.subscribe([topic.name for topic in topics], listener=self._handovers)

    def poll(self, timeout_s: float) -> list[TopicRecord]:
        """See `Inbox.poll`."""
        polled = self._consumer.poll(timeout_ms=int(timeout_s * 1000))
        self._finish_rebalance()
        return [TopicRecord.of(consumed) for batch in polled.values() for consumed in batch]

    def _finish_rebalance(self) -> None:
        """Begin a rebalance again that the poll left unfinished.

        kafka-python 3.0 forgets one that new partitions began if a poll ends before it does: the consumer then has no
        partitions, sends no heartbeats, and stays so.
        """
        coordinator = self._consumer._coordinator  # the consumer has no public way to it
        if coordinator.rejoining:
            coordinator.request_rejoin()

    def assigned(self) -> Mapping[PartitionId, Assignment]:
        """See `Inbox.assigned`; a broker before 2.8 tells no ids of topics, they are then all empty."""
        return {
            (place.topic, place.partition): Assignment(self._topic_id(place.topic), self._handovers.count[place])
            for place in self._consumer.assignment()
        }

    def _topic_id(self, topic: str) -> str:
        told = self._consumer._client.cluster.topic_id(topic)  # the consumer has no public way to the metadata's ids
        if told is not None and told.int:  # missing while the topic has no leader: it still is the same topic
            self._topic_ids[topic] = told.hex
        return self._topic_ids.get(topic, "")

    def seek(self, place: PartitionId, offset: int | None) -> None:
        """See `Inbox.seek`; an offset beyond the end of the log leads to its beginning at the next poll."""
        if offset is None:
            self._consumer.seek_to_beginning(TopicPartition(*place))
        else:
            self._consumer.seek(TopicPartition(*place), offset)

    def commit(self, offsets: Mapping[PartitionId, int]) -> None:
        """See `Inbox.commit`."""
        assigned = self._consumer.assignment()
        kept = {TopicPartition(*place): OffsetAndMetadata(offset, "", -1) for place, offset in offsets.items()}
        kept = {place: offset for place, offset in kept.items() if place in assigned}
        try:
            if kept:
                self._consumer.commit(kept)
        except KafkaError as cause:
            raise NotTold(str(cause)) from cause

    @property
    def n_behind(self) -> int:
        """Records of the assigned partitions that were not polled yet, as far as known."""
        behind = 0
        for place in self._consumer.assignment():
            end = self._consumer.highwater(place)
            if end is not None:
                behind += max(end - self._consumer.position(place), 0)
        return behind

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()
