"""Follows `catalog.v1` to know which items exist.

An item that is not known yet may have been put a moment ago, by another collector as well, so a miss waits until everything is
read that was written before the question.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import CATALOG
from recommndr_background.work import Work
from recommndr_collector.catalogue_view import CatalogueUnread
from recommndr_collector.known_items import KnownItems
from recommndr_tail.follower import Batches, Ends, Follower, has_read

_MAX_WAIT_S = 2.0


@dataclass(frozen=True, eq=False)
class _Question:
    """A request that waits until everything before `ends` has been read."""

    answer: Callable[[], Any]  # on the thread of the tail
    ends: Ends


class CatalogueTail:
    """A `CatalogueView` on Kafka; its `work` is for a background loop."""

    def __init__(self, kafka: KafkaAccess, max_wait_s: float = _MAX_WAIT_S) -> None:
        self._follower = Follower("catalogue", kafka, "recommndr-collector-catalogue", [CATALOG.name], self)
        self._max_wait_s = max_wait_s
        self._known = KnownItems()
        self._new: list[Callable[[], Any]] = []
        self._open: list[_Question] = []
        self._lock = threading.Lock()

    @property
    def work(self) -> Work:
        """For a background loop."""
        return self._follower.work

    async def holds(self, key: bytes) -> bool:
        """See `CatalogueView.holds`."""
        if key in self._known:
            return True
        loop, read = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._new.append(lambda: loop.call_soon_threadsafe(read.set))
        try:
            await asyncio.wait_for(read.wait(), self._max_wait_s)
        except TimeoutError:
            raise CatalogueUnread("the catalogue has not been read to its end yet") from None
        return key in self._known

    def connected(self, consumer: KafkaConsumer) -> None:
        """See `Reader.connected`; open questions are about the topic, not about a connection."""

    def take(self, batches: Batches) -> None:
        """See `Reader.take`."""
        for batch in batches.values():
            for record in batch:
                self._known.put(record.key or b"", record.value is not None)

    def polled(self, consumer: KafkaConsumer) -> None:
        """Note where the topic ends for the questions that came meanwhile, and answer those that can be answered."""
        with self._lock:
            asked, self._new = self._new, []
        if asked:
            ends = consumer.end_offsets(consumer.assignment())
            self._open += [_Question(answer, ends) for answer in asked]
        unanswered = []
        for question in self._open:
            if has_read(consumer, question.ends):
                question.answer()
            else:
                unanswered.append(question)
        self._open = unanswered
