"""The table `newest`: what compacted topics hold, as readers at start and readers of single keys see it."""

import sqlite3
from collections.abc import Iterator

from recommndr_flink_jobs.route import Raw

_AT_ONCE = 5_000


def of_topic(connection: sqlite3.Connection, topic: str) -> Iterator[list[Raw]]:
    """All records of a topic, some thousands at a time."""
    found = connection.execute("SELECT topic, 0, 0, key, value, NULL, NULL FROM newest WHERE topic = ?", (topic,))
    while rows := found.fetchmany(_AT_ONCE):
        yield [Raw(*row) for row in rows]


def keys_of_topic(connection: sqlite3.Connection, topic: str) -> Iterator[bytes]:
    """The keys of a topic."""
    return (bytes(key) for (key,) in connection.execute("SELECT key FROM newest WHERE topic = ?", (topic,)))


def of_key(connection: sqlite3.Connection, topics: tuple[str, ...], key: bytes) -> list[tuple[str, bytes]]:
    """Topic and value of a key in those of the topics that have it."""
    places = ", ".join("?" * len(topics))
    asked = f"SELECT topic, value FROM newest WHERE topic IN ({places}) AND key = ?"  # noqa: S608 - question marks only
    found = connection.execute(asked, (*topics, key))
    return [(topic, bytes(value)) for topic, value in found]
