"""Follows `catalog.v1` to know which items exist.

No consumer group: each collector reads the compacted topic from its start. An item that is not known yet may have been put a
moment ago, by another collector as well, so a miss waits until everything is read that was written before the question.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from recommndr.topics import CATALOG
from recommndr_background.work import Work
from recommndr_collector.catalogue_view import CatalogueUnread
from recommndr_collector.known_items import KnownItems
from recommndr_tail.connect import check_reachable

_POLL_MS = 200
_BATCH = 500
_MAX_WAIT_S = 2.0


@dataclass(eq=False)
class _Question:
    """A request that waits until everything written before it has been read."""

    answer: Callable[[], Any]  # on the thread of the tail
    ends: Mapping[TopicPartition, int] = field(default_factory=dict)


class CatalogueTail:
    """A `CatalogueView` on Kafka; its `work` is for a background loop."""

    def __init__(self, bootstrap: str, max_wait_s: float = _MAX_WAIT_S) -> None:
        self._bootstrap = bootstrap
        self._max_wait_s = max_wait_s
        self._known = KnownItems()
        self._consumer: KafkaConsumer | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._new: list[_Question] = []
        self._open: list[_Question] = []
        self._lock = threading.Lock()

    @property
    def work(self) -> Work:
        """For a background loop."""
        return Work("catalogue", self.step, expected=(KafkaError, OSError), close=self.close)

    async def holds(self, key: bytes) -> bool:
        """See `CatalogueView.holds`."""
        if key in self._known:
            return True
        loop, read = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._new.append(_Question(lambda: loop.call_soon_threadsafe(read.set)))
        try:
            await asyncio.wait_for(read.wait(), self._max_wait_s)
        except TimeoutError:
            raise CatalogueUnread("the catalogue has not been read to its end yet") from None
        return key in self._known

    def step(self) -> None:
        """One poll; connects first when it has to. After an error the next step goes on where this one was."""
        if self._consumer is None:
            self._consumer = self._connected()
        try:
            self._read(self._consumer)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; known items and positions stay."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=2_000)

    def _read(self, consumer: KafkaConsumer) -> None:
        with self._lock:
            asked, self._new = self._new, []
        if asked:
            ends = consumer.end_offsets(consumer.assignment())
            self._open += [_Question(question.answer, ends) for question in asked]
        for partition, records in consumer.poll(timeout_ms=_POLL_MS).items():
            for record in records:
                self._known.put(record.key or b"", record.value is not None)
            self._positions[partition] = records[-1].offset + 1
        self._answer(consumer)

    def _answer(self, consumer: KafkaConsumer) -> None:
        unanswered = []
        for question in self._open:
            if all(consumer.position(partition) >= end for partition, end in question.ends.items()):
                question.answer()
            else:
                unanswered.append(question)
        self._open = unanswered

    def _connected(self) -> KafkaConsumer:
        check_reachable(self._bootstrap)
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id="recommndr-collector-catalogue",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            max_poll_records=_BATCH,
            fetch_max_wait_ms=_POLL_MS,
            metrics_enabled=False,
        )
        try:
            self._assign(consumer)
        except Exception:
            consumer.close(autocommit=False, timeout_ms=2_000)
            raise
        return consumer

    def _assign(self, consumer: KafkaConsumer) -> None:
        numbers = consumer.partitions_for_topic(CATALOG.name)
        if not numbers:
            raise KafkaError(f"topic {CATALOG.name} does not exist yet")
        partitions = [TopicPartition(CATALOG.name, number) for number in sorted(numbers)]
        consumer.assign(partitions)
        for partition in partitions:
            if partition in self._positions:
                consumer.seek(partition, self._positions[partition])
            else:
                consumer.seek_to_beginning(partition)
