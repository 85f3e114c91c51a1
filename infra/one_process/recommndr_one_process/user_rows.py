"""Shoppers' rows from SQLite: the newest values of their feature topics, read as the feature writer reads them."""

import sqlite3
from collections.abc import Mapping

from recommndr.features.schema import StoredValue
from recommndr.identity import entity_key
from recommndr_feature_writer.feature_topics import FEATURE_TOPICS
from recommndr_one_process import newest_values
from recommndr_one_process.database import Database
from recommndr_serving.live.user_rows import Row, UserRowUnavailable

_TOPICS = tuple(FEATURE_TOPICS)


class SqliteUserRows:
    """Implements `UserRows`. A read takes tens of microseconds and never waits for the writers."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connect("NORMAL")

    async def row(self, tenant: str, user_id: str) -> Row:
        """See `UserRows.row`; raises `ValueError` for a row that cannot be read."""
        try:
            found = newest_values.of_key(self._connection, _TOPICS, entity_key(tenant, user_id))
        except sqlite3.Error as cause:
            raise UserRowUnavailable("down", str(cause)) from cause
        return _columns(found)

    async def close(self) -> None:
        """See `UserRows.close`."""
        self._connection.close()


def _columns(found: list[tuple[str, bytes]]) -> Mapping[str, StoredValue]:
    columns: dict[str, StoredValue] = {}
    for topic, value in found:
        columns.update(FEATURE_TOPICS[topic].read_columns(value))
    return columns
