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
        """Convert kafka-python's `ConsumerRecord`."""
        return cls(consumed.topic, consumed.partition, consumed.offset, consumed.key, consumed.value, consumed.timestamp / 1000)

    @property
    def place(self) -> PartitionId:
        """The partition of the record."""
        return self.topic, self.partition


def next_offsets(records: list[TopicRecord]) -> dict[PartitionId, int]:
    """Return the offset after the last of `records` per partition: the place to continue when they are processed."""
    after: dict[PartitionId, int] = {}
    for record in records:
        after[record.place] = max(record.offset + 1, after.get(record.place, 0))
    return after
