"""The event log on SQLite: one thread writes what waits in one transaction (group commit), which is on disk before any answer.

What may wait is bounded and shared among tenants as in the log on Kafka, so that memory is, and no shop blocks the others.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from recommndr_collector.event_log import NotAcknowledged, Record, RecordTooLarge, describe_size, too_large
from recommndr_collector.in_flight import Bounds, InFlight
from recommndr_one_process import log_table
from recommndr_one_process.database import Database

_log = logging.getLogger(__name__)

_MOST_AT_ONCE = 2_000


class _Waiting(NamedTuple):
    record: Record
    tenant: str
    done: asyncio.Future[None] | None  # None: nobody waits for it


def _nobody(_: Sequence[Record]) -> None:
    """Tell nobody."""


class SqliteEventLog:
    """An `EventLog`. Before it acknowledges records, it tells `written` of them, on the writer's thread."""

    def __init__(
        self,
        database: Database,
        written: Callable[[Sequence[Record]], None] = _nobody,
        bounds: Bounds | None = None,
        took: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._database, self._written, self._took = database, written, took
        self._connection = database.connect("FULL")
        self._next = log_table.next_offset(self._connection)
        self._in_flight = InFlight(bounds or Bounds())
        self._waiting: list[_Waiting] = []
        self._come = threading.Condition()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None  # that of the first record; a process has one
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether an append can succeed."""
        return not self._closed and self._thread.is_alive()

    @property
    def in_flight(self) -> InFlight:
        """Records that are not on disk yet."""
        return self._in_flight

    @property
    def next_offset(self) -> int:
        """The offset of the next record."""
        return self._next

    def append(self, record: Record) -> asyncio.Future[None]:
        """See `EventLog.append`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        tenant = record.tenant
        refusal = self._refusal(record, tenant)
        if refusal is not None:
            done.set_exception(refusal)
            return done
        self._put(_Waiting(record, tenant, done))
        return done

    def enqueue(self, record: Record) -> bool:
        """Take a record for which nobody waits; False: there is no room. Called on the event loop, as `append` is."""
        tenant = record.tenant
        if self._refusal(record, tenant) is not None:
            return False
        self._put(_Waiting(record, tenant, None))
        return True

    def _put(self, waiting: _Waiting) -> None:
        self._loop = self._loop or asyncio.get_running_loop()
        self._in_flight.add(waiting.tenant, waiting.record.n_bytes)
        with self._come:
            self._waiting.append(waiting)
            self._come.notify()

    def _refusal(self, record: Record, tenant: str) -> Exception | None:
        if too_large(record):
            return RecordTooLarge(describe_size(record))
        if not self.ready:
            return NotAcknowledged("disconnected", f"{self._database.path} is closed")
        refusal = self._in_flight.refusal(tenant, record.n_bytes)
        if refusal is None:
            return None
        return NotAcknowledged("share_used" if self._in_flight.holds(tenant) else "overloaded", refusal)

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._come:
            self._closed = True
            self._come.notify()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while batch := self._batch():
            cause = self._write([one.record for one in batch])
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._answer, batch, cause)

    def _batch(self) -> list[_Waiting]:
        """What waits; empty when the log is closed."""
        with self._come:
            while not self._waiting and not self._closed:
                self._come.wait()
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            return batch

    def _write(self, records: Sequence[Record]) -> Exception | None:
        began_s = time.perf_counter()
        try:
            with self._database.writing(self._connection) as connection:
                log_table.insert(connection, self._next, records)
        except sqlite3.Error as cause:  # a full disk: the next records may find room
            _log.error("%d records were not written to %s: %s", len(records), self._database.path, cause)
            return NotAcknowledged("not_acknowledged", str(cause))
        self._next += len(records)
        self._took(time.perf_counter() - began_s)
        try:
            self._written(records)
        except Exception:  # they are on disk: whoever waits is answered, whatever those who are told raise
            _log.exception("%d records were written, and not all could take note of it", len(records))
        return None

    def _answer(self, batch: Sequence[_Waiting], cause: Exception | None) -> None:
        for one in batch:
            self._in_flight.remove(one.tenant, one.record.n_bytes)
            if one.done is None or one.done.done():  # the client has left
                continue
            if cause is None:
                one.done.set_result(None)
            else:
                one.done.set_exception(cause)
