"""How many seconds Redis is behind the collector, read from Kafka, so that no consumer can hide that it hangs.

A shopper's events and rows have the same key, hence the same partition number. In each partition the newest event was received
at some time, and so was the newest event of the rows before the feature writer's last commit: their difference is the lag.
Of several rows, because a pack of Flink's is sorted by shopper and, after a backlog, holds seconds of events.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median
from time import monotonic
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import EVENTS, FEATURE_WRITER_GROUP, USER_FEATURES, Topic
from recommndr_tail.record import TopicRecord

CAUGHT_UP_S = 0.5  # about three packs
MAX_RECOVERY_S = 2.0
_SAMPLE_EVERY_S = 0.5
_LAST_ROWS = 64
_TIMEOUT_S = 60.0
_PATIENCE_S = 2.0


@dataclass(slots=True)
class Lag:
    """Samples under a load, and the seconds from its end until the stream had caught up (infinite: it had not in a minute)."""

    seconds: list[float] = field(default_factory=list)
    recovery_s: float = float("inf")

    @property
    def middle_s(self) -> float:
        """In the middle of the samples."""
        return median(self.seconds) if self.seconds else 0.0

    @property
    def at_end_s(self) -> float:
        """When the load ended."""
        return self.seconds[-1] if self.seconds else 0.0

    @property
    def grows(self) -> bool:
        """Whether the last third of the samples is half a second above the first: the stream falls behind."""
        third = len(self.seconds) // 3
        return bool(third) and median(self.seconds[-third:]) > median(self.seconds[:third]) + CAUGHT_UP_S

    @property
    def is_kept(self) -> bool:
        """Whether the stream kept up: a lag that does not grow but only goes once the load has ended is too much load, too."""
        return not self.grows and self.recovery_s <= MAX_RECOVERY_S


async def watch(read: Callable[[], float], load: Awaitable[object]) -> Lag:
    """Sample while the load runs, then until the stream has caught up."""
    lag, running = Lag(), asyncio.ensure_future(load)
    while not running.done():
        lag.seconds.append(await asyncio.to_thread(read))
        await asyncio.wait([running], timeout=_SAMPLE_EVERY_S)
    await running
    ended_s = monotonic()
    while monotonic() < ended_s + _TIMEOUT_S:
        if await asyncio.to_thread(read) <= CAUGHT_UP_S:
            lag.recovery_s = monotonic() - ended_s
            break
        await asyncio.sleep(_SAMPLE_EVERY_S / 5)
    return lag


class KafkaLag:
    """Reads the lag of an installation; a context manager."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._admin = KafkaAdminClient(**kafka.options())
        self._consumer = KafkaConsumer(
            **kafka.options(), group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=_LAST_ROWS * 2_048
        )
        self._events, self._rows = _partitions(EVENTS), _partitions(USER_FEATURES)
        self._consumer.assign([*self._events, *self._rows])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._consumer.close()
        self._admin.close()

    def seconds(self) -> float:
        """The largest lag of a partition."""
        ends = self._consumer.end_offsets(self._events)
        committed = self._admin.list_group_offsets([FEATURE_WRITER_GROUP])[FEATURE_WRITER_GROUP]
        wanted = {place: (end - 1, end) for place, end in ends.items() if end > 0}
        for place, commit in committed.items():
            row = TopicPartition(*place)
            if row in self._rows and commit.offset > 0:
                wanted[row] = max(commit.offset - _LAST_ROWS, 0), commit.offset
        found = self._records(wanted)
        lags = []
        for place in self._events:
            received_s = [
                row.received_at_s
                for row in found.get(TopicPartition(USER_FEATURES.name, place.partition), ())
                if row.received_at_s is not None
            ]
            if place in found and received_s:
                lags.append(found[place][-1].written_at_s - max(received_s))
        return max(lags, default=0.0)

    def _records(self, wanted: dict[TopicPartition, tuple[int, int]]) -> dict[TopicPartition, list[TopicRecord]]:
        """The records from the first offset to before the second; a partition that does not answer in time may lack some."""
        self._consumer.pause(*(self._consumer.assignment() - wanted.keys()))
        for place, (first, _) in wanted.items():
            self._consumer.resume(place)
            self._consumer.seek(place, first)
        found: dict[TopicPartition, list[TopicRecord]] = {}
        reading, until_s = set(wanted), monotonic() + _PATIENCE_S
        while reading and monotonic() < until_s:
            for place, records in self._consumer.poll(timeout_ms=200).items():
                end = wanted[place][1]
                found.setdefault(place, []).extend(TopicRecord.of(record) for record in records if record.offset < end)
                if records[-1].offset >= end - 1:
                    reading.discard(place)
                    self._consumer.pause(place)
        return found


def _partitions(topic: Topic) -> list[TopicPartition]:
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]
