"""A record of a topic."""

from dataclasses import dataclass
from typing import Any, Self

from recommndr.topics import HEADER_RECEIVED_AT
from recommndr_background.traces import TRACEPARENT

PartitionId = tuple[str, int]  # topic and partition


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """A record with its position, key, value, write time, and when the collector received the newest event in it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    written_at_s: float
    received_at_s: float | None = None  # None: nothing was received, or the topic does not tell
    traceparent: str | None = None  # of the request that sent it, where its trace is recorded

    @classmethod
    def of(cls, consumed: Any) -> Self:
        """Convert kafka-python's `ConsumerRecord`."""
        headers = dict(consumed.headers)
        received_ms, traceparent = headers.get(HEADER_RECEIVED_AT), headers.get(TRACEPARENT)
        return cls(
            consumed.topic,
            consumed.partition,
            consumed.offset,
            consumed.key,
            consumed.value,
            consumed.timestamp / 1000,
            None if received_ms is None else int(received_ms) / 1000,
            None if traceparent is None else traceparent.decode("ascii", "replace"),
        )

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
