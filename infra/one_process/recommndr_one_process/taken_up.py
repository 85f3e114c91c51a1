"""Whether a tenant's history was taken up into a database, and what the tenant has sent."""

import sqlite3

from recommndr.identity import entity_key
from recommndr.topics import CATALOG
from recommndr_one_process.database import fact, put_fact


def is_taken_up(connection: sqlite3.Connection, tenant: str) -> bool:
    """Whether the tenant's history is in the log or the states."""
    return fact(connection, _fact(tenant)) is not None


def note(connection: sqlite3.Connection, tenant: str) -> None:
    """Say that it was, in the transaction that writes it."""
    put_fact(connection, _fact(tenant), "yes")


def has_catalogue(connection: sqlite3.Connection, tenant: str) -> bool:
    """Whether the tenant has written any item."""
    return has_any(connection, CATALOG.name, tenant)


def has_any(connection: sqlite3.Connection, topic: str, tenant: str) -> bool:
    """Whether the log or the rows have a record of the tenant in the topic."""
    first, after = entity_key(tenant, ""), f"{tenant}}}".encode()  # the character behind `|`
    in_log = "SELECT 1 FROM log WHERE key >= ? AND key < ? AND topic = ? LIMIT 1"
    in_rows = "SELECT 1 FROM newest WHERE topic = ? AND key >= ? AND key < ? LIMIT 1"
    found = connection.execute(in_log, (first, after, topic)).fetchone()
    return (found or connection.execute(in_rows, (topic, first, after)).fetchone()) is not None


def _fact(tenant: str) -> str:
    return f"taken_up|{tenant}"
