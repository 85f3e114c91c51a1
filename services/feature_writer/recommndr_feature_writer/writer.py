"""The writer: poll, keep the newest record per key, store, commit. It reads again what the store has lost.

An offset is committed, with the id of the store's life, after the store has acknowledged everything before it. A store that was
restarted or replaced has another life and may have lost all acknowledged rows. The topic is compacted, so the partitions are
then read again from their beginning.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kafka.errors import KafkaError

from recommndr_feature_writer.inbox import Inbox
from recommndr_feature_writer.metrics import Metrics
from recommndr_feature_writer.online_rows import OnlineRows, StoreUnavailable
from recommndr_feature_writer.shopper_row import ShopperRow, newest_per_key, row_of, shopper_key
from recommndr_tail.dead_letters import DeadLetters, letter_of
from recommndr_tail.record import TopicRecord

_log = logging.getLogger(__name__)

MAX_BATCH = 500
_POLL_S = 0.25
# A later event is not folded live, so a row with an older newest event was written by a seed and is not measured.
_LATE_S = 86_400.0


@dataclass
class FeatureWriter:
    """Moves one share of the topic into the store."""

    inbox: Inbox
    rows: OnlineRows
    dead_letters: DeadLetters
    metrics: Metrics
    now: Callable[[], datetime]
    _waiting: list[TopicRecord] = field(default_factory=list, init=False)

    def step(self) -> None:
        """One poll, stored and committed.

        Raises `StoreUnavailable` or `KafkaError` when that was not acknowledged; the records then wait for the next step.
        """
        if not self._waiting:
            self._waiting = self.inbox.poll(_POLL_S)
        try:
            life = self.rows.life()
            self._waiting = self._present(self._waiting, life)
            self._store(self._waiting)
            if self.rows.life() != life:
                return  # the store was restarted meanwhile and may have lost these rows
        except StoreUnavailable:
            self.metrics.store_failures.inc()
            raise
        self._commit(self._waiting, life)
        self._waiting = []

    def _commit(self, records: list[TopicRecord], life: str) -> None:
        try:
            self.inbox.commit(records, life)
        except KafkaError as cause:  # the next commit, or reading again after a rebalance, makes up for it
            _log.warning("offsets were not committed: %s", cause)

    def _present(self, records: list[TopicRecord], life: str) -> list[TopicRecord]:
        """The records to store now; rewinds partitions whose rows the store may have lost."""
        rewound = self.inbox.rewind_unless(life)
        if rewound:
            self.metrics.rewinds.inc(len(rewound))
            _log.warning(
                "the online store was restarted or replaced: %d partitions are read again from their beginning", len(rewound)
            )
        return [record for record in records if record.place not in rewound]

    def _store(self, records: list[TopicRecord]) -> None:
        newest = newest_per_key(records)
        self.metrics.records.labels("superseded").inc(len(records) - len(newest))
        for start in range(0, len(newest), MAX_BATCH):
            self._store_batch(newest[start : start + MAX_BATCH])
        self.dead_letters.flush()

    def _store_batch(self, records: Sequence[TopicRecord]) -> None:
        rows: list[tuple[TopicRecord, ShopperRow]] = []
        gone: list[str] = []
        for record in records:
            try:
                if record.value is None:
                    gone.append(shopper_key(record))
                else:
                    rows.append((record, row_of(record)))
            except Exception as cause:  # damaged bytes can raise anything; the record becomes a dead letter
                self._bury(record, cause)
        self._write(rows)
        self.rows.delete(gone)
        self.metrics.records.labels("deleted").inc(len(gone))

    def _write(self, rows: Sequence[tuple[TopicRecord, ShopperRow]]) -> None:
        if not rows:
            return
        try:
            self.rows.write([row for _, row in rows])
        except StoreUnavailable:
            raise
        except Exception as cause:  # one row with an invalid type fails the whole batch
            if len(rows) == 1:
                self._bury(rows[0][0], cause)
                return
            half = len(rows) // 2
            self._write(rows[:half])
            self._write(rows[half:])
            return
        self._observe(rows)

    def _observe(self, rows: Sequence[tuple[TopicRecord, ShopperRow]]) -> None:
        stored_at_s = self.now().timestamp()
        self.metrics.records.labels("written").inc(len(rows))
        for record, row in rows:
            if stored_at_s - row.newest_at_s < _LATE_S:
                self.metrics.freshness_s.labels(row.tenant).observe(max(stored_at_s - row.newest_at_s, 0.0))
            self.metrics.topic_to_store_s.observe(max(stored_at_s - record.written_at_s, 0.0))

    def _bury(self, record: TopicRecord, cause: Exception) -> None:
        self.metrics.records.labels("dead_letter").inc()
        self.dead_letters.put(letter_of(record, cause, self.now))
