"""The writer: poll, gather, commit rows together with offsets. Where it starts is what the lake says."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from deltalake.exceptions import DeltaError
from kafka.errors import KafkaError

from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.batch import Batch
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.metrics import Metrics
from recommndr_tail.dead_letters import DeadLetters, letter_of
from recommndr_tail.record import PartitionId, TopicRecord

_log = logging.getLogger(__name__)

_POLL_S = 0.25
_RETRY_S = 1.0


class Inbox(Protocol):
    """The topic from given offsets on."""

    def start(self, next_offset: Callable[[PartitionId], int | None]) -> None:
        """Go to `next_offset` of each partition, to its beginning where that is None."""
        ...

    def poll(self, timeout_s: float) -> Sequence[TopicRecord]:
        """The next records, per partition in order."""
        ...


@dataclass
class LakeWriter:
    """Moves the topic into the table."""

    inbox: Inbox
    table: EventsTable
    dead_letters: DeadLetters
    policies: Mapping[TenantId, TenantPolicy]
    metrics: Metrics
    now: Callable[[], datetime]
    _batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is gathered yet."""
        self._batch = self._empty_batch()

    def start(self) -> None:
        """Go to where the lake ends."""
        self.inbox.start(self._next_offset)

    def step(self, stop: threading.Event) -> None:
        """One poll, and a commit when it is due."""
        self._batch.add(self.inbox.poll(_POLL_S), time.monotonic())
        if self._batch.due(time.monotonic()):
            self.commit(stop)

    def commit(self, stop: threading.Event) -> None:
        """Commit what was gathered, trying until it succeeds or `stop` is set; then it is read again by the next start."""
        while True:
            try:
                with self.metrics.commit_s.time():
                    self.dead_letters.flush()
                    if self._batch.rows:
                        self.table.append(self._batch.table(), self._batch.last_offsets)
            except (DeltaError, KafkaError, OSError) as cause:
                self.metrics.commit_failures.inc()
                _log.warning("%d rows wait: %s", len(self._batch.rows), cause)
                if stop.wait(_RETRY_S):
                    return
            else:
                break
        self.metrics.rows.inc(len(self._batch.rows))
        self.metrics.records.labels("committed").inc(self._batch.n_records)
        self._batch = self._empty_batch()

    def compact(self) -> None:
        """The table's upkeep; a failure is tried again next time."""
        try:
            self.metrics.repeats_removed.inc(self.table.compact())
        except DeltaError as cause:
            _log.warning("the lake was not compacted: %s", cause)

    def _next_offset(self, place: PartitionId) -> int | None:
        last = self.table.last_offset(place)
        return None if last is None else last + 1

    def _empty_batch(self) -> Batch:
        return Batch(self.policies, self._bury)

    def _bury(self, record: TopicRecord, cause: Exception) -> None:
        self.metrics.records.labels("dead_letter").inc()
        self.dead_letters.put(letter_of(record, cause, self.now))
