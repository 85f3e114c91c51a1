"""The writer: poll, keep the newest record per key, store. It goes on where the store's own positions say, not Kafka's commits.

A batch of rows and the positions behind it are one transaction of the store. So a store that was emptied is filled again from
the beginning of the topic, one that lost its last seconds gets those again, and one that lost nothing gets nothing again. Of
two writers with the same partition, the one whose batch does not begin at the store's position writes nothing.

A record that cannot be read becomes a dead letter. Many in a row do not: then the partition waits, because a writer that cannot
read what Flink writes today would bury every shopper. It goes on by itself at the first record that it can read.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from recommndr_feature_writer.metrics import Metrics
from recommndr_feature_writer.online_rows import OnlineRows, StoreUnavailable
from recommndr_feature_writer.position import Batch, Move, Position, PositionMoved
from recommndr_feature_writer.reading import MAX_UNREADABLE, Reading, read, sift
from recommndr_feature_writer.shopper_row import ShopperRow, key_of, newest_per_key
from recommndr_tail.dead_letters import DeadLetters, letter_of
from recommndr_tail.group_inbox import Assignment, Inbox, NotTold
from recommndr_tail.record import PartitionId, TopicRecord, next_offsets

_log = logging.getLogger(__name__)

# Redis answers nobody else while it carries out a batch: 200 rows of 10 kB take it a few milliseconds.
MAX_BATCH = 200
_POLL_S = 0.25


class Unreadable(RuntimeError):
    """Partitions wait: so many of their records in a row cannot be read that it is no damage of single ones."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """A partition as this writer knows it: its assignment, and the position in the store."""

    assignment: Assignment
    stored: Position | None

    @property
    def offset(self) -> int | None:
        """Where to read on; None: at the beginning, the store has nothing of this topic."""
        if self.stored is None or self.stored.topic_id != self.assignment.topic_id:
            return None
        return self.stored.offset

    def same_rows(self, other: Self) -> bool:
        """Whether the store has the same of the same topic; a partition may have been assigned again meanwhile."""
        return (self.stored, self.assignment.topic_id) == (other.stored, other.assignment.topic_id)


@dataclass
class FeatureWriter:
    """Moves one share of the topics into the store."""

    inbox: Inbox
    rows: OnlineRows
    dead_letters: DeadLetters
    metrics: Metrics
    now: Callable[[], datetime]
    _waiting: list[TopicRecord] = field(default_factory=list, init=False)
    _reached: dict[PartitionId, _Reached] = field(default_factory=dict, init=False)
    _held: dict[PartitionId, Reading] = field(default_factory=dict, init=False)
    _n_unreadable: dict[PartitionId, int] = field(default_factory=dict, init=False)
    _buried: set[tuple[PartitionId, int]] = field(default_factory=set, init=False)  # of the batch under way

    def step(self) -> None:
        """One poll, stored and committed.

        Raises `StoreUnavailable` or `KafkaError` when that was not acknowledged; the records then wait for the next step.
        Raises `Unreadable` after the rest is stored.
        """
        try:
            self._waiting = self._continuing() or self._polled()
            self._store()
        except PositionMoved as cause:  # the next step finds out where the store is now
            _log.warning("rows were not written, they are read again: %s", cause)
        except StoreUnavailable:
            self.metrics.store_failures.inc()
            raise

    def _continuing(self) -> list[TopicRecord]:
        """The waiting records that continue what the store has; where it is elsewhere, the inbox goes there."""
        assigned = self.inbox.assigned()
        stored = self.rows.positions(assigned)
        present = {place: _Reached(assignment, stored.get(place)) for place, assignment in assigned.items()}
        elsewhere = {place for place, reached in present.items() if self._reached.get(place) != reached}
        for place in elsewhere:
            self.inbox.seek(place, present[place].offset)
        self._tell({place for place in elsewhere & self._reached.keys() if not present[place].same_rows(self._reached[place])})
        self._reached = present
        return [record for record in self._waiting if record.place in present and record.place not in elsewhere]

    def _polled(self) -> list[TopicRecord]:
        """The next records, without those of partitions that were assigned meanwhile: the next step goes to their positions."""
        records = self.inbox.poll(_POLL_S)
        assigned = self.inbox.assigned()
        known = {place for place, reached in self._reached.items() if assigned.get(place) == reached.assignment}
        return [record for record in records if record.place in known]

    def _tell(self, again: set[PartitionId]) -> None:
        if again:
            self.metrics.rewinds.inc(len(again))
            _log.warning(
                "%d partitions are read again from where the online store has them: it was emptied, restarted without its last "
                "rows, or written by another feature writer, or the topic was created anew",
                len(again),
            )

    def _store(self) -> None:
        n_polled, self._waiting = len(self._waiting), newest_per_key(self._waiting)
        self.metrics.records.labels("superseded").inc(n_polled - len(self._waiting))
        places = {record.place for record in self._waiting}
        held: dict[PartitionId, Reading] = {}
        while self._waiting:
            held |= self._store_batch(self._waiting[:MAX_BATCH])
            self._waiting = [record for record in self._waiting[MAX_BATCH:] if record.place not in held]
        self._commit(places)
        self._hold(places, held)

    def _commit(self, places: Iterable[PartitionId]) -> None:
        stored = {place: self._reached[place].stored for place in places}
        try:
            self.inbox.commit({place: position.offset for place, position in stored.items() if position is not None})
        except NotTold as cause:  # the next commit makes up for it
            _log.warning("offsets were not committed, so the lag looks larger than it is: %s", cause)

    def _hold(self, polled: set[PartitionId], held: Mapping[PartitionId, Reading]) -> None:
        others = self._reached.keys() - polled  # nothing new is known of these; a partition that went elsewhere is not ours
        self._held = {place: first for place, first in self._held.items() if place in others} | dict(held)
        for place in held:
            del self._reached[place]  # so the next step reads on at the store's position
        self.metrics.held.set(len(self._held))
        if self._held:
            first = next(iter(self._held.values()))
            raise Unreadable(
                f"{len(self._held)} partitions wait, because {MAX_UNREADABLE} or more records of each in a row cannot be read: "
                f"{first.record.place} from offset {first.record.offset}: {type(first.cause).__name__}: {first.cause}"
            )

    def _store_batch(self, records: Sequence[TopicRecord]) -> Mapping[PartitionId, Reading]:
        """Returns the partitions that are held, each with the first record that was not stored."""
        sifted = sift([read(record) for record in records], self._n_unreadable)
        for reading in sifted.kept:
            if reading.cause is not None:
                self._bury(reading.record, reading.cause)
        self.dead_letters.flush()  # before the position moves past them
        rows = [(reading.record, reading.row) for reading in sifted.kept if reading.row is not None]
        gone = [key_of(reading.record) for reading in sifted.kept if reading.row is None and reading.cause is None]
        moves = {
            place: self._move(place, offset) for place, offset in next_offsets([one.record for one in sifted.kept]).items()
        }
        self.rows.write(Batch([row for _, row in rows], gone, moves))
        self._reached |= {place: replace(self._reached[place], stored=move.after) for place, move in moves.items()}
        self._n_unreadable = sifted.n_unreadable
        self._buried.clear()
        self.metrics.records.labels("deleted").inc(len(gone))
        self._observe(rows)
        return sifted.held

    def _move(self, place: PartitionId, offset: int) -> Move:
        reached = self._reached[place]
        return Move(reached.stored, Position(reached.assignment.topic_id, offset))

    def _observe(self, rows: Sequence[tuple[TopicRecord, ShopperRow]]) -> None:
        stored_at_s = self.now().timestamp()
        self.metrics.records.labels("written").inc(len(rows))
        for record, row in rows:
            if record.received_at_s is not None:
                self.metrics.freshness_s.labels(row.key.tenant).observe(max(stored_at_s - record.received_at_s, 0.0))
            self.metrics.topic_to_store_s.observe(max(stored_at_s - record.written_at_s, 0.0))

    def _bury(self, record: TopicRecord, cause: Exception) -> None:
        if (record.place, record.offset) in self._buried:
            return  # a store that refuses the batch for an hour needs no letter for each attempt
        self._buried.add((record.place, record.offset))
        self.metrics.records.labels("dead_letter").inc()
        self.dead_letters.put(letter_of(record, cause, self.now))
