"""The database file: its tables, its connections, and who may write.

- `log`: records in the order in which they were acknowledged; events stay, answers until the lake has them, others until the
  stream has taken them
- `newest`: what compacted topics hold in the full installation, the newest value of each key
- `states`, `seen`: the fold's states by bucket, and digests of the events that were folded lately
- `facts`: by name, among them how far the stream has read the log

One transaction of the stream writes states, rows and its position together, so a process that is killed at any point goes on
where its states are. Acknowledged records are on disk: the log's connection syncs at each commit. The stream's does not need
to, because the file's write-ahead log is in order: what a power cut takes of it, it takes from the end.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

_FORMAT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS log (
    offset INTEGER PRIMARY KEY, topic TEXT NOT NULL, key BLOB, value BLOB, event_id TEXT, tenant TEXT, headers BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS log_by_key ON log (key);
CREATE TABLE IF NOT EXISTS newest (topic TEXT, key BLOB, value BLOB NOT NULL, PRIMARY KEY (topic, key));
CREATE TABLE IF NOT EXISTS states (bucket INTEGER, grp TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (bucket, grp, key));
CREATE TABLE IF NOT EXISTS seen (digest BLOB PRIMARY KEY, at_s INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_by_time ON seen (at_s);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_BUSY_MS = 30_000  # only another process can hold the file, such as one that takes up history

READ_TO = "read_to"  # the offset of the first record that the stream has not taken
Sync = Literal["FULL", "NORMAL"]


class WrongDatabase(RuntimeError):
    """The file is of another format; the message says what to do."""


class Database:
    """One file. Its writers take turns: SQLite's own waiting would sleep for up to 0.1 s."""

    def __init__(self, path: Path) -> None:
        """Create the file if there is none; raises `WrongDatabase`."""
        self.path = path
        self._turn = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = self.connect()
        try:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, _FORMAT):
                raise WrongDatabase(
                    f"{path}: format {found}, this version reads {_FORMAT}; run the version that wrote it, or move the file "
                    "away to begin anew from seeds"
                )
            connection.executescript(f"PRAGMA journal_mode = WAL; {_TABLES} PRAGMA user_version = {_FORMAT};")
        finally:
            connection.close()

    def connect(self, sync: Sync = "FULL") -> sqlite3.Connection:
        """A connection for one thread at a time, which begins transactions only when it is told to."""
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1_000)
        connection.execute(f"PRAGMA synchronous = {sync}")
        return connection

    @contextmanager
    def writing(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        """A transaction: committed at its end, or not at all."""
        with self._turn:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def fact(connection: sqlite3.Connection, name: str) -> str | None:
    """A fact by its name."""
    found = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if found is None else str(found[0])


def put_fact(connection: sqlite3.Connection, name: str, value: object) -> None:
    """Replace a fact."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, str(value)))
