"""Follows `recommndr.outcomes.v1` and keeps its sums; the exporter shows them, and releases can be judged by them.

One thread reads, any may ask. An unreadable record is counted, logged and passed over.
"""

import logging
import threading
from collections.abc import Callable

from kafka import KafkaConsumer

from recommndr.kafka_access import KafkaAccess
from recommndr.outcomes.partial import Partial, PartialKey
from recommndr.outcomes.totals import Of, Totals
from recommndr.topics import OUTCOMES
from recommndr_background.work import Work
from recommndr_tail.first_read import FirstRead
from recommndr_tail.follower import Batches, Follower

_log = logging.getLogger(__name__)

# The topic is polled several times a second.
STALE_AFTER_S = 15.0


class OutcomesTail:
    """The sums of every release as of the newest records."""

    def __init__(self, kafka: KafkaAccess, client_id: str, monotonic_s: Callable[[], float]) -> None:
        self._follower = Follower("outcomes", kafka, client_id, (OUTCOMES.name,), self)
        self._monotonic_s = monotonic_s
        self._totals = Totals()
        self._lock = threading.Lock()
        self._read = FirstRead(monotonic_s)
        self.n_unreadable = 0

    @property
    def work(self) -> Work:
        """The step for a background loop."""
        return self._follower.work

    @property
    def read_at_s(self) -> float | None:
        """When it last had read everything, by `monotonic_s`; None before it has read what there was at start."""
        return self._read.at_s

    def newest(self, n_releases: int) -> list[tuple[Of, Partial]]:
        """The sums by label of each tenant's newest releases; callers must not change them."""
        with self._lock:
            return list(self._totals.newest(n_releases))

    def of_arm(self, tenant: str, release: str, arm: str) -> dict[str, Partial]:
        """The sums of a release's arm by list; empty while they are not known, which is neither good nor bad news."""
        read_at_s = self.read_at_s
        if read_at_s is None or self._monotonic_s() - read_at_s > STALE_AFTER_S:
            return {}
        with self._lock:
            return {of.label.list_name: sums for of, sums in self._totals.of_arm(tenant, release, arm)}

    def connected(self, consumer: KafkaConsumer) -> None:
        """See `Reader.connected`."""
        self._read.connected(consumer)

    def take(self, batches: Batches) -> None:
        """See `Reader.take`."""
        for partition, batch in batches.items():
            for record in batch:
                try:
                    key = PartialKey.from_bytes(record.key or b"")
                    partial = None if record.value is None else Partial.from_bytes(record.value)
                except ValueError as cause:
                    self.n_unreadable += 1
                    _log.warning("outcomes: passed over %s:%d:%d: %s", *partition, record.offset, cause)
                    continue
                with self._lock:
                    self._totals.put(key, partial)

    def polled(self, consumer: KafkaConsumer) -> None:
        """See `Reader.polled`."""
        self._read.polled(consumer)
