"""The stream: takes records of the log in order, folds them, and writes states, rows and its position in one transaction.

Events are known by the same digest as in Flink's job, for as long, so that a repeat counts once.
"""

import hashlib
import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from recommndr.topics import AVAILABILITY, CATALOG, EVENTS, ITEM_FEATURES, SEGMENT_FEATURES, SERVED
from recommndr_background.work import Work
from recommndr_flink_jobs import metrics as names
from recommndr_flink_jobs.entity_updates import Record
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.route import Raw
from recommndr_one_process import log_table
from recommndr_one_process.database import READ_TO, Database, fact, put_fact
from recommndr_one_process.folding import Fold, Taken
from recommndr_one_process.states import States

_log = logging.getLogger(__name__)

_PACK = 500
_WAIT_S = 0.25
_KNOWN_FOR_S = 96 * 3_600  # as in Flink's job
_FORGET_EVERY_S = 60.0
_AT_ONCE = 1_000
_COUNTED = {ITEM_FEATURES.name, SEGMENT_FEATURES.name}  # the fold's, which slots read
_OF_ITEMS = {CATALOG.name, AVAILABILITY.name, *_COUNTED}
_NOT_FOLDED = {*_OF_ITEMS, SERVED.name}  # answers are the lake's
# Events stay; answers until the lake has them.
_FORGET_TAKEN = "DELETE FROM log WHERE offset >= ? AND offset < ? AND topic NOT IN (?, ?)"
_OUTCOMES_GENERATION = "outcomes_generation"

Publish = Callable[[Sequence[Raw]], None]
Count = Callable[[Counter[str]], None]


class Stream:
    """Follows the log. `publish` gets the records of items when they are written; shoppers' rows are read from the database."""

    def __init__(
        self,
        database: Database,
        policies: Policies,
        now: Callable[[], datetime],
        publish: Publish = lambda _: None,
        count: Count = lambda _: None,
    ) -> None:
        self._database, self._policies, self._now = database, policies, now
        self._publish, self._count = publish, count
        self._connection = database.connect("NORMAL")
        self._come = threading.Event()
        self._forget_at_s = 0.0
        self._awaited = log_table.next_offset(self._connection)
        self._begin()

    @property
    def work(self) -> Work:
        """The stream's step for a background loop."""
        return Work("stream", self.step, expected=(sqlite3.OperationalError,), close=self._connection.close)

    @property
    def caught_up(self) -> bool:
        """Whether everything is folded that the log had at start."""
        return self._at >= self._awaited

    @property
    def position(self) -> int:
        """The offset of the first record that is not taken."""
        return self._at

    def wake(self) -> None:
        """Say that there are new records."""
        self._come.set()

    def step(self) -> None:
        """Take the next pack, or wait a moment for one."""
        self._come.clear()
        pack = log_table.read(self._connection, self._at, _PACK)
        if not pack:
            self._come.wait(_WAIT_S)
            return
        try:
            self._take(pack)
        except BaseException:
            self._begin()
            raise

    def _begin(self) -> None:
        self._at = log_table.read_to(self._connection)
        self._states = States(self._connection)
        self._fold = Fold(self._policies, self._outcomes_generation(), self._now)

    def _outcomes_generation(self) -> int:
        found = fact(self._connection, _OUTCOMES_GENERATION)
        if found is None:
            found = str(int(self._now().timestamp()))
            with self._database.writing(self._connection) as connection:
                put_fact(connection, _OUTCOMES_GENERATION, found)
        return int(found)

    def _take(self, pack: Sequence[Raw]) -> None:
        fresh, digests = self._fresh(pack)
        items = [one for one in fresh if one.topic in _OF_ITEMS]
        taken = self._fold.take([one for one in fresh if one.topic not in _NOT_FOLDED], self._states)
        end = pack[-1].offset + 1
        with self._database.writing(self._connection) as connection:
            self._states.write(connection)
            changed = self._write_rows(connection, items, taken)
            self._states.write(connection)  # reading the last of them may have removed states
            connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", ((one, self._now_s()) for one in digests))
            connection.executemany("DELETE FROM log WHERE key = ? AND offset < ?", taken.erased)
            connection.execute(_FORGET_TAKEN, (self._at, end, EVENTS.name, SERVED.name))
            self._forget(connection)
            put_fact(connection, READ_TO, end)
        self._at = end
        self._tell(taken.counts)
        if changed:
            self._publish(changed)

    def _fresh(self, pack: Sequence[Raw]) -> tuple[list[Raw], set[bytes]]:
        """The records without repeats of events, and the digests of the events among them."""
        fresh: list[Raw] = []
        digests: set[bytes] = set()
        for record in pack:
            if record.topic == EVENTS.name:
                digest = _digest(record)
                if digest in digests or self._is_known(digest):
                    continue
                digests.add(digest)
            fresh.append(record)
        return fresh, digests

    def _is_known(self, digest: bytes) -> bool:
        return self._connection.execute("SELECT 1 FROM seen WHERE digest = ?", (digest,)).fetchone() is not None

    def _write_rows(self, connection: sqlite3.Connection, items: list[Raw], taken: Taken) -> list[Raw]:
        """Write the newest values; returns those of items, in order."""
        _put_newest(connection, [Record(one.topic, one.key or b"", one.value) for one in items])
        changed = list(items)
        for records in (iter(taken.records), *taken.many):
            for some in _chunks(records):
                _put_newest(connection, some)
                changed += [_of(one) for one in some if one.topic in _COUNTED]
        return changed

    def _forget(self, connection: sqlite3.Connection) -> None:
        now_s = self._now_s()
        if now_s >= self._forget_at_s:
            self._forget_at_s = now_s + _FORGET_EVERY_S
            connection.execute("DELETE FROM seen WHERE at_s < ?", (now_s - _KNOWN_FOR_S,))

    def _now_s(self) -> int:
        return int(self._now().timestamp())

    def _tell(self, counts: Counter[str]) -> None:
        self._count(counts)
        if counts[names.DEAD_LETTERS]:
            _log.warning("%d records could not be read; they are dead letters with their reasons", counts[names.DEAD_LETTERS])
        if counts[names.GENERATIONS_SHOWN]:
            _log.info("%d buckets show the states of new seeds", counts[names.GENERATIONS_SHOWN])


def _digest(record: Raw) -> bytes:
    known_by = record.event_id or f"{record.partition}:{record.offset}"
    return hashlib.md5("|".join(filter(None, (record.tenant, known_by))).encode(), usedforsecurity=False).digest()


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while some := list(islice(records, _AT_ONCE)):
        yield some


def _of(record: Record) -> Raw:
    return Raw(record.topic, 0, 0, record.key, record.value, None, None)


def _put_newest(connection: sqlite3.Connection, records: Iterable[Record]) -> None:
    newest = {(one.topic, one.key): one.value for one in records}
    connection.executemany(
        "INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        ((*place, value) for place, value in newest.items() if value is not None),
    )
    connection.executemany(
        "DELETE FROM newest WHERE topic = ? AND key = ?", (p for p, value in newest.items() if value is None)
    )
