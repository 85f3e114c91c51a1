"""The writer of one table: poll, batch, commit rows together with offsets. The lake says where each partition is read on.

A partition may be taken away at any moment and come back. Whatever was read and is not committed is then dropped and read
again, so records are neither lost nor doubled, whatever several writers do.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import pyarrow as pa

from recommndr_background.traces import NO_TRACES, Tracer
from recommndr_lake_writer.fenced_table import FencedTable, Overtaken
from recommndr_lake_writer.metrics import TableMetrics
from recommndr_lake_writer.read_part import ReadPart
from recommndr_tail.dead_letters import DeadLetters, letter_of
from recommndr_tail.group_inbox import Assignment, Inbox, NotTold
from recommndr_tail.record import PartitionId, TopicRecord

_log = logging.getLogger(__name__)

_POLL_S = 0.25


class Batch(Protocol):
    """What was read and is not committed yet."""

    last_offsets: dict[PartitionId, int]
    unreadable: list[tuple[TopicRecord, Exception]]
    n_records: int
    n_rows: int

    def add(self, records: Iterable[TopicRecord], now_s: float) -> None:
        """Add records; one that cannot be read is kept apart and counts as processed."""
        ...

    def due(self, now_s: float) -> bool:
        """Whether it is time to commit."""
        ...

    def table(self) -> pa.Table:
        """The rows, ready to commit."""
        ...


B = TypeVar("B", bound=Batch)


@dataclass
class LakeWriter(Generic[B]):
    """Moves one share of a topic into a table. `before_commit` keeps what the rows do not hold, and may be repeated."""

    inbox: Inbox
    table: FencedTable
    dead_letters: DeadLetters
    new_batch: Callable[[], B]
    before_commit: Callable[[B, Mapping[PartitionId, Assignment]], None]
    metrics: TableMetrics
    now: Callable[[], datetime]
    tracer: Tracer = NO_TRACES
    _batch: B = field(init=False)
    _traced: list[tuple[str, int]] = field(default_factory=list, init=False)  # traces of the batch, and when each was read, ns
    _assigned: Mapping[PartitionId, Assignment] = field(default_factory=dict, init=False)
    _reached: dict[PartitionId, int | None] = field(default_factory=dict, init=False)  # the lake's offsets, as far as known

    def __post_init__(self) -> None:
        """Start with an empty batch."""
        self._batch = self.new_batch()

    @property
    def leads(self) -> bool:
        """Whether it has the first partition; of all writers one has."""
        return any(partition == 0 for _, partition in self._assigned)

    @property
    def has_uncommitted(self) -> bool:
        """Whether records wait for a commit."""
        return self._batch.n_records > 0

    def step(self) -> None:
        """One poll, and a commit when it is due.

        Raises `DeltaError`, `OSError` or the error of the dead letters when a commit fails; the rows wait for the next step,
        and nothing is read until then.
        """
        self._follow()
        if not self._batch.due(time.monotonic()):
            records = self.inbox.poll(_POLL_S)
            if self.inbox.assigned() == self._assigned:  # otherwise the next step goes to where the lake is
                self._batch.add(records, time.monotonic())
                self._traced += [(one.traceparent, time.time_ns()) for one in records if one.traceparent is not None]
        if self._batch.due(time.monotonic()):
            self.commit()

    def _follow(self) -> None:
        """Go to where the lake is when partitions came or went."""
        assigned = dict(self.inbox.assigned())
        # A topic without a leader may have no id for a moment; then nothing that is polled counts.
        unnamed = [place for place, assignment in assigned.items() if not assignment.topic_id and self.table.has_ids(place)]
        if assigned == self._assigned or unnamed:
            return
        self.table.refresh()
        self._batch, self._traced = self.new_batch(), []
        self._reached = {place: self.table.last_offset(place, one.topic_id) for place, one in assigned.items()}
        for place, last in self._reached.items():
            self.inbox.seek(place, None if last is None else last + 1)
        self._assigned = assigned

    def commit(self) -> None:
        """Commit the batch; raises as `step` does."""
        batch = self._batch
        if not batch.n_records:
            return
        try:
            with self.metrics.commit_s.time():
                self.before_commit(batch, self._assigned)
                self._bury(batch)
                self.table.append(batch.table(), {place: self._part(place, last) for place, last in batch.last_offsets.items()})
        except Overtaken as cause:
            self.metrics.overtaken.inc()
            _log.warning("a batch was dropped, because another lake writer has these partitions: %s", cause)
            self._assigned = {}
            return
        except Exception:
            self.metrics.commit_failures.inc()
            raise
        for traceparent, read_ns in self._traced:
            self.tracer.carried("events to lake", traceparent, read_ns, time.time_ns(), rows=batch.n_rows)
        self.metrics.rows.inc(batch.n_rows)
        self.metrics.committed.inc(batch.n_records)
        self._batch, self._traced = self.new_batch(), []
        self._reached |= batch.last_offsets
        self._tell_lag(batch.last_offsets)

    def _part(self, place: PartitionId, last: int) -> ReadPart:
        return ReadPart(self._reached[place], last, self._assigned[place].topic_id)

    def _bury(self, batch: B) -> None:
        while batch.unreadable:
            record, cause = batch.unreadable.pop(0)
            self.metrics.dead_letters.inc()
            self.dead_letters.put(letter_of(record, cause, self.now))
        self.dead_letters.flush()  # before the offsets move past them

    def _tell_lag(self, last_offsets: Mapping[PartitionId, int]) -> None:
        try:
            self.inbox.commit({place: last + 1 for place, last in last_offsets.items()})
        except NotTold as cause:  # the next commit makes up for it
            _log.warning("offsets were not told, so the lag looks larger than it is: %s", cause)
