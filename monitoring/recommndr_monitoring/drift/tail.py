"""Follows `recommndr.served.v1` from an hour ago and keeps the windows of each release's arms.

One thread reads, any may ask. An unreadable record is counted, logged and passed over.
"""

import logging
import threading
from collections.abc import Callable

from kafka import KafkaConsumer

from recommndr.drift.between_arms import ArmDrift
from recommndr.drift.mixes import MixDrift
from recommndr.drift.slices import N_SLICES, SLICE_S
from recommndr.drift.visits import SlotMixName
from recommndr.drift.window import Sample
from recommndr.drift.windows import ReleaseKey, Windows
from recommndr.identity import split_key
from recommndr.kafka_access import KafkaAccess
from recommndr.served_answer import ServedAnswer
from recommndr.topics import SERVED
from recommndr_background.work import Work
from recommndr_tail.first_read import FirstRead
from recommndr_tail.follower import Batches, Follower

_log = logging.getLogger(__name__)


class ServedTail:
    """A `Reader` of the topic."""

    def __init__(self, kafka: KafkaAccess, now_s: Callable[[], float]) -> None:
        self._follower = Follower("served", kafka, "recommndr-monitoring-served", (SERVED.name,), self)
        self._now_s = now_s
        self._windows = Windows()
        self._lock = threading.Lock()
        self._read = FirstRead(now_s)
        self.n_unreadable = 0

    @property
    def work(self) -> Work:
        """The step for a background loop."""
        return self._follower.work

    @property
    def read_at_s(self) -> float | None:
        """When it last had read everything, epoch; None before it has read what there was at start."""
        return self._read.at_s

    def drifts(self) -> dict[ReleaseKey, ArmDrift]:
        """The drift of each release whose arms have enough shoppers."""
        return self._copied().drifts()

    def mixes(self) -> dict[ReleaseKey, dict[SlotMixName, MixDrift]]:
        """By release how far apart its arms' shoppers are, by each mix with enough of them."""
        return self._copied().mixes()

    def stable(self) -> dict[str, tuple[str, Sample]]:
        """By tenant the version of its newest release's stable arm, and what that arm was served."""
        return self._copied().stable()

    def _copied(self) -> Windows:
        """Reading goes on while they are compared."""
        with self._lock:
            self._windows.forget(self._now_s())
            return self._windows.copied()

    def connected(self, consumer: KafkaConsumer) -> None:
        """See `Reader.connected`: passes over what is older than the window."""
        places = list(consumer.assignment())
        since_ms = int(1_000 * (self._now_s() - SLICE_S * N_SLICES))
        ends, found = consumer.end_offsets(places), consumer.offsets_for_times(dict.fromkeys(places, since_ms))
        for place in places:
            first = ends[place] if found[place] is None else found[place].offset
            if consumer.position(place) < first:
                consumer.seek(place, first)
        self._read.connected(consumer)

    def take(self, batches: Batches) -> None:
        """See `Reader.take`."""
        for partition, batch in batches.items():
            for record in batch:
                try:
                    tenant, user_id = split_key(record.key or b"")
                    answer = ServedAnswer.from_bytes(record.value or b"")
                except ValueError as cause:
                    self.n_unreadable += 1
                    _log.warning("served: passed over %s:%d:%d: %s", *partition, record.offset, cause)
                    continue
                with self._lock:
                    self._windows.add(tenant, user_id, answer)

    def polled(self, consumer: KafkaConsumer) -> None:
        """See `Reader.polled`."""
        self._read.polled(consumer)
