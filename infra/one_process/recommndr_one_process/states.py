"""The fold's states in SQLite: a `Store` for each bucket, over changes that the transaction has not written yet."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from recommndr_flink_jobs.store import PARTIALS, SHOPPERS

_OUTCOMES = frozenset({SHOPPERS, PARTIALS})

Place = tuple[int, str, str]  # bucket, group, key


class States:
    """States of all buckets as one pack leaves them. Nothing is in the database before `write`.

    So the fold does not hold up the event log, which writes to the same file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes: dict[Place, bytes | None] = {}

    def bucket(self, label: int) -> "BucketStates":
        """The states of one bucket."""
        return BucketStates(self, label)

    def get(self, place: Place) -> bytes | None:
        """The newest value, or None."""
        if place in self._changes:
            return self._changes[place]
        found = self._connection.execute("SELECT value FROM states WHERE bucket = ? AND grp = ? AND key = ?", place).fetchone()
        return None if found is None else bytes(found[0])

    def put(self, place: Place, value: bytes | None) -> None:
        """Change a value; None removes it."""
        self._changes[place] = value

    def of_bucket(self, bucket: int, group: str | None = None) -> Iterator[tuple[str, str, bytes]]:
        """Group, key and value of all states of a bucket, or of one of its groups."""
        stored = (
            self._connection.execute("SELECT grp, key, value FROM states WHERE bucket = ?", (bucket,))
            if group is None
            else self._connection.execute("SELECT grp, key, value FROM states WHERE bucket = ? AND grp = ?", (bucket, group))
        )
        for of_group, key, value in stored:
            if (bucket, of_group, key) not in self._changes:
                yield of_group, key, value
        for (of, of_group, key), changed in list(self._changes.items()):
            if of == bucket and group in (None, of_group) and changed is not None:
                yield of_group, key, changed

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all changes into the transaction of a connection."""
        put = [(*place, value) for place, value in self._changes.items() if value is not None]
        gone = [place for place, value in self._changes.items() if value is None]
        connection.executemany("INSERT INTO states VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", put)
        connection.executemany("DELETE FROM states WHERE bucket = ? AND grp = ? AND key = ?", gone)
        self._changes.clear()


@dataclass(frozen=True, slots=True)
class BucketStates:
    """A `Store` of the fold."""

    states: States
    label: int

    def get(self, group: str, key: str) -> bytes | None:
        """See `Store.get`."""
        return self.states.get((self.label, group, key))

    def put(self, group: str, key: str, value: bytes) -> None:
        """See `Store.put`."""
        self.states.put((self.label, group, key), value)

    def remove(self, group: str, key: str) -> None:
        """See `Store.remove`."""
        self.states.put((self.label, group, key), None)

    def of_group(self, group: str) -> Iterator[tuple[str, bytes]]:
        """See `Store.of_group`."""
        return ((key, value) for _, key, value in self.states.of_bucket(self.label, group))

    def items(self) -> Iterator[tuple[str, str, bytes]]:
        """See `Store.items`."""
        return (one for one in self.states.of_bucket(self.label) if one[0] not in _OUTCOMES)
