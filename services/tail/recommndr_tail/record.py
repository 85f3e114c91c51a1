"""A record of a topic."""

from dataclasses import dataclass
from typing import Any, Self

PartitionId = tuple[str, int]  # topic and partition


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """A record with its position, key, value and write time."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    written_at_s: float

    @classmethod
    def of(cls, consumed: Any) -> Self:
        """From kafka-python's `ConsumerRecord`."""
        return cls(consumed.topic, consumed.partition, consumed.offset, consumed.key, consumed.value, consumed.timestamp / 1000)

    @property
    def place(self) -> PartitionId:
        """The partition it lies in."""
        return self.topic, self.partition


def next_offsets(records: list[TopicRecord]) -> dict[PartitionId, int]:
    """Per partition the offset behind the last of `records`: where to go on once they are dealt with."""
    after: dict[PartitionId, int] = {}
    for record in records:
        after[record.place] = max(record.offset + 1, after.get(record.place, 0))
    return after
