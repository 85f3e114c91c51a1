"""Follows `catalog.v1` to know which items exist.

An unknown item may have been written a moment ago, perhaps by another collector. So a miss waits until all records are read
that were written before the question.
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
    """A request that waits until all records before `ends` have been read."""

    answer: Callable[[], Any]  # called on the tail's thread
    ends: Ends


class CatalogueTail:
    """A `CatalogueView` on Kafka. A background loop runs its `work`."""

    def __init__(self, kafka: KafkaAccess, max_wait_s: float = _MAX_WAIT_S) -> None:
        self._follower = Follower("catalogue", kafka, "recommndr-collector-catalogue", [CATALOG.name], self)
        self._max_wait_s = max_wait_s
        self._known = KnownItems()
        self._new: list[Callable[[], Any]] = []
        self._open: list[_Question] = []
        self._lock = threading.Lock()
        self._was_read = False
        self._awaited: Ends | None = None  # what has to be read once

    @property
    def work(self) -> Work:
        """The tail's step for a background loop."""
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

    def knows(self, hashed: int) -> bool:
        """See `CatalogueView.knows`."""
        return not self._was_read or self._known.has_hash(hashed)

    def connected(self, consumer: KafkaConsumer) -> None:
        """See `Reader.connected`. Open questions do not depend on a connection."""
        if not self._was_read:
            self._awaited = consumer.end_offsets(consumer.assignment())

    def take(self, batches: Batches) -> None:
        """See `Reader.take`."""
        for batch in batches.values():
            for record in batch:
                self._known.put(record.key or b"", record.value is not None)

    def polled(self, consumer: KafkaConsumer) -> None:
        """Note the topic's end for new questions, and answer the questions whose records have been read."""
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
        if self._awaited is not None and has_read(consumer, self._awaited):
            self._was_read, self._awaited = True, None
