"""The writer: poll, batch, commit rows together with offsets. It starts at the offsets in the lake."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from deltalake.exceptions import DeltaError

from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.batch import Batch
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.metrics import Metrics
from recommndr_tail.dead_letters import DeadLetters, letter_of
from recommndr_tail.record import PartitionId, TopicRecord

_log = logging.getLogger(__name__)

_POLL_S = 0.25
_COMPACT_EVERY_S = 3_600.0


class Inbox(Protocol):
    """The topic from given offsets on."""

    def start(self, next_offset: Callable[[PartitionId], int | None]) -> None:
        """Go to `next_offset` of each partition, or to its beginning if that is None."""
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
    _compacted_s: float = field(default_factory=time.monotonic, init=False)

    def __post_init__(self) -> None:
        """Start with an empty batch."""
        self._batch = self._empty_batch()

    def start(self) -> None:
        """Seek to the offsets in the lake."""
        self.inbox.start(self._next_offset)

    def step(self) -> None:
        """One poll, a commit when it is due, and sometimes a compaction.

        Raises `DeltaError`, `KafkaError` or `OSError` when a commit fails; the rows wait for the next step, and nothing is read
        until then.
        """
        if not self._batch.due(time.monotonic()):
            self._batch.add(self.inbox.poll(_POLL_S), time.monotonic())
        if self._batch.due(time.monotonic()):
            self.commit()
        if time.monotonic() - self._compacted_s >= _COMPACT_EVERY_S:
            self._compacted_s = time.monotonic()
            self.compact()

    def commit(self) -> None:
        """Commit the batch; raises as `step` does."""
        try:
            with self.metrics.commit_s.time():
                self.dead_letters.flush()
                if self._batch.n_records:
                    self.table.append(self._batch.table(), self._batch.last_offsets)
        except Exception:
            self.metrics.commit_failures.inc()
            raise
        self.metrics.rows.inc(self._batch.n_rows)
        self.metrics.records.labels("committed").inc(self._batch.n_records)
        self._batch = self._empty_batch()

    def compact(self) -> None:
        """Compact the table; a failure is tried again next time."""
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
