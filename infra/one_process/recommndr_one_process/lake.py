"""The lake beside the stream: the lake writer's own tables and upkeep, which read the log in SQLite instead of Kafka.

The lake's commits say how far it is, so it goes on from there after any end, and holds each record once.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from deltalake.exceptions import DeltaError

from recommndr import topics
from recommndr.dead_letter import DeadLetter
from recommndr.settings import Settings
from recommndr.tenancy import Tenants
from recommndr_background.work import Work
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.events_writer import events_writer
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.served_writer import served_writer
from recommndr_lake_writer.upkeep import Upkeep
from recommndr_lake_writer.writer import B, LakeWriter
from recommndr_one_process import log_table
from recommndr_one_process.database import Database, fact, put_fact
from recommndr_tail.group_inbox import Assignment
from recommndr_tail.record import PartitionId, TopicRecord

_MOST = 2_000
_LOG_ID = "log_id"
_UPKEEP_PAUSE_S = 30.0
_UPKEEP_STALLED_AFTER_S = 3_600.0
_EXPECTED = (DeltaError, OSError, sqlite3.OperationalError)


class SqliteInbox:
    """An `Inbox` of one topic of the log. `drop` deletes what is in the lake; events stay."""

    def __init__(self, database: Database, topic: str, *, drop: bool = False) -> None:
        self._database, self._topic, self._drop = database, topic, drop
        self._connection = database.connect("NORMAL")
        self._next = 0
        self._assigned = {(topic, 0): Assignment(log_id(database, self._connection))}

    def poll(self, timeout_s: float) -> list[TopicRecord]:
        """See `Inbox.poll`."""
        found = self._connection.execute(
            "SELECT offset, key, value FROM log WHERE topic = ? AND offset >= ? ORDER BY offset LIMIT ?",
            (self._topic, self._next, _MOST),
        ).fetchall()
        if not found:
            time.sleep(timeout_s)
            return []
        self._next = found[-1][0] + 1
        return [TopicRecord(self._topic, 0, offset, key, value, 0.0) for offset, key, value in found]

    def assigned(self) -> Mapping[PartitionId, Assignment]:
        """See `Inbox.assigned`: the one partition that there is."""
        return self._assigned

    def seek(self, place: PartitionId, offset: int | None) -> None:
        """See `Inbox.seek`."""
        del place
        self._next = offset or 0

    def commit(self, offsets: Mapping[PartitionId, int]) -> None:
        """See `Inbox.commit`."""
        if self._drop:
            with self._database.writing(self._connection) as connection:
                # What the stream has not passed stays, because the log's next offset is told by what is in it.
                end = min(*offsets.values(), log_table.read_to(connection))
                connection.execute("DELETE FROM log WHERE topic = ? AND offset < ?", (self._topic, end))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class SqliteDeadLetters:
    """`DeadLetters` beside those of the stream."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection = database.connect("FULL")
        self._letters: list[DeadLetter] = []

    def put(self, letter: DeadLetter) -> None:
        """See `DeadLetters.put`."""
        self._letters.append(letter)

    def flush(self) -> None:
        """See `DeadLetters.flush`; raises `sqlite3.Error`."""
        if not self._letters:
            return
        rows = [(topics.DEAD_LETTER.name, one.record_key(), one.to_bytes()) for one in self._letters]
        with self._database.writing(self._connection) as connection:
            connection.executemany("INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", rows)
        self._letters.clear()


def log_id(database: Database, connection: sqlite3.Connection) -> str:
    """The id under which the lake keeps offsets of this log; another file has another."""
    found = fact(connection, _LOG_ID)
    if found is None:
        with database.writing(connection):
            found = fact(connection, _LOG_ID) or uuid4().hex
            put_fact(connection, _LOG_ID, found)
    return found


def lake_works(
    settings: Settings, database: Database, tenants: Tenants, metrics: Metrics, now: Callable[[], datetime]
) -> list[Work]:
    """The writers of events and answers, and the upkeep, for background loops."""
    letters = SqliteDeadLetters(database)
    events_inbox = SqliteInbox(database, topics.EVENTS.name)
    answers_inbox = SqliteInbox(database, topics.SERVED.name, drop=True)
    events = events_writer(events_inbox, EventsTable(settings.lake_dir), letters, tenants.tenants, metrics, now)
    answers = served_writer(answers_inbox, settings.lake_dir, SqliteDeadLetters(database), metrics, now)
    upkeep = Upkeep(
        settings.lake_dir,
        timedelta(hours=settings.lake_retention_hours),
        metrics,
        now,
        served_kept=timedelta(days=settings.lake_served_days),
    )
    return [
        _writing("lake events", events, events_inbox),
        _writing("lake answers", answers, answers_inbox),
        Work("lake upkeep", upkeep.step, _UPKEEP_PAUSE_S, _UPKEEP_PAUSE_S, _UPKEEP_STALLED_AFTER_S, expected=_EXPECTED),
    ]


def _writing(name: str, writer: LakeWriter[B], inbox: SqliteInbox) -> Work:
    def close() -> None:
        writer.commit()  # records that this does not commit are read again at the next start
        inbox.close()

    return Work(name, writer.step, expected=_EXPECTED, close=close)
