"""The table `log`: records are appended under increasing offsets, and read in that order.

There is one log, so the partition of a record is always 0.
"""

import sqlite3
from collections.abc import Iterable, Sequence

import msgpack

from recommndr.topics import HEADER_EVENT_ID, HEADER_TENANT
from recommndr_collector.event_log import Record
from recommndr_flink_jobs.route import Raw
from recommndr_one_process.database import READ_TO, fact


def next_offset(connection: sqlite3.Connection) -> int:
    """The offset of the next record. Offsets are never used again, though records are deleted."""
    newest = connection.execute("SELECT max(offset) FROM log").fetchone()[0]
    return max(-1 if newest is None else int(newest), read_to(connection) - 1) + 1


def read_to(connection: sqlite3.Connection) -> int:
    """The offset of the first record that the stream has not taken."""
    return int(fact(connection, READ_TO) or 0)


def insert(connection: sqlite3.Connection, first: int, records: Iterable[Record]) -> None:
    """Append records, the first under offset `first`."""
    connection.executemany(
        "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", (_row(n, one) for n, one in enumerate(records, first))
    )


def _row(offset: int, record: Record) -> tuple[object, ...]:
    headers = dict(record.headers)
    event_id, tenant = headers.get(HEADER_EVENT_ID), headers.get(HEADER_TENANT)
    return (
        offset, record.topic, record.key, record.value,
        None if event_id is None else event_id.decode(), None if tenant is None else tenant.decode(),
        msgpack.packb(record.headers),
    )  # fmt: skip


def read(connection: sqlite3.Connection, since: int, most: int) -> Sequence[Raw]:
    """At most `most` records from offset `since` on."""
    found = connection.execute(
        "SELECT topic, 0, offset, key, value, event_id, tenant FROM log WHERE offset >= ? ORDER BY offset LIMIT ?",
        (since, most),
    )
    return [Raw(*row) for row in found]
