"""The topic as the writer reads it: Kafka with a consumer group, or a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from recommndr_tail.record import PartitionId, TopicRecord, next_offsets

# Life of a partition without a commit: nothing has been stored, so nothing can have been lost.
_NOTHING_STORED = ""
_STORED_SOMEWHERE = "?"


class Inbox(Protocol):
    """Reads records, and remembers the stored offset of each partition with the life of the store."""

    def poll(self, timeout_s: float) -> list[TopicRecord]:
        """The next records; empty when there is none within `timeout_s`."""
        ...

    def commit(self, records: Sequence[TopicRecord], life: str) -> None:
        """Note that all records up to these were stored in that life of the store."""
        ...

    def rewind_unless(self, life: str) -> set[PartitionId]:
        """Go back to the beginning of every partition not fully stored in that life; returns those."""
        ...


@dataclass
class InMemoryInbox:
    """One partition in a list; a new one over the same `records` and `committed` is a restart."""

    records: list[TopicRecord]
    committed: dict[str, object] = field(default_factory=lambda: {"offset": 0, "life": _NOTHING_STORED})
    batch: int = 100
    position: int = -1

    def __post_init__(self) -> None:
        """Start from what was committed."""
        if self.position < 0:
            self.position = int(str(self.committed["offset"]))

    def poll(self, timeout_s: float) -> list[TopicRecord]:
        """At most `batch` records from the position on."""
        del timeout_s
        found = [record for record in self.records if record.offset >= self.position][: self.batch]
        self.position = found[-1].offset + 1 if found else self.position
        return found

    def commit(self, records: Sequence[TopicRecord], life: str) -> None:
        """Remember."""
        if records:
            self.committed.update(offset=max(record.offset for record in records) + 1, life=life)

    def rewind_unless(self, life: str) -> set[PartitionId]:
        """The one partition, back to its beginning."""
        if self.committed["life"] in (_NOTHING_STORED, life):
            return set()
        self.position = 0
        self.committed.update(offset=0, life=_NOTHING_STORED)
        return {record.place for record in self.records}


class KafkaInbox:
    """A consumer group's share of a topic. The store's life is kept in the metadata of each committed offset."""

    def __init__(self, consumer: KafkaConsumer, from_beginning: bool = False) -> None:
        self._consumer = consumer
        self._from_beginning = from_beginning
        self._lives: dict[TopicPartition, str] = {}

    def poll(self, timeout_s: float) -> list[TopicRecord]:
        """See `Inbox.poll`."""
        polled = self._consumer.poll(timeout_ms=int(timeout_s * 1000))
        try:
            self._learn_assignment()
        except KafkaError:
            for place, batch in polled.items():  # polled but not returned: the next poll reads them again
                self._consumer.seek(place, batch[0].offset)
            raise
        return [TopicRecord.of(consumed) for batch in polled.values() for consumed in batch]

    def commit(self, records: Sequence[TopicRecord], life: str) -> None:
        """See `Inbox.commit`; the next commit or reading again makes up for a failed one."""
        offsets = {
            TopicPartition(*place): OffsetAndMetadata(offset, life, -1)
            for place, offset in next_offsets(list(records)).items()
            if TopicPartition(*place) in self._consumer.assignment()
        }
        if offsets:
            # Remembered before the commit: the rows are stored, and must be stored again in another life, committed or not.
            self._lives |= dict.fromkeys(offsets, life)
            self._consumer.commit(offsets)

    def rewind_unless(self, life: str) -> set[PartitionId]:
        """See `Inbox.rewind_unless`."""
        stale = [place for place, stored in self._lives.items() if stored not in (_NOTHING_STORED, life)]
        for place in stale:
            self._consumer.seek_to_beginning(place)
            self._lives[place] = _NOTHING_STORED
        return {(place.topic, place.partition) for place in stale}

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

    def _learn_assignment(self) -> None:
        assigned = self._consumer.assignment()
        for place in set(self._lives) - assigned:
            del self._lives[place]
        for place in assigned - set(self._lives):
            committed = self._consumer.committed(place, metadata=True)
            stored = _NOTHING_STORED if committed is None else committed.metadata or _STORED_SOMEWHERE
            self._lives[place] = _STORED_SOMEWHERE if self._from_beginning else stored
