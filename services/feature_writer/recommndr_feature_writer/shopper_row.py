"""Turns records of shoppers' feature topics into rows of the online store. No I/O and no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from recommndr.features.schema import Value
from recommndr.identity import check_entity_id, check_tenant, split_key
from recommndr_feature_repo import stored_row
from recommndr_feature_writer.feature_topics import FEATURE_TOPICS
from recommndr_tail.record import TopicRecord


class RowKey(NamedTuple):
    """A feature group's row of one shopper, who is `tenant|user`."""

    group: str
    shopper_key: str

    @property
    def tenant(self) -> str:
        """The shopper's tenant."""
        return self.shopper_key.partition("|")[0]


@dataclass(frozen=True, slots=True)
class ShopperRow:
    """One group's columns of a shopper as stored, and the time of the newest event in them."""

    key: RowKey
    columns: dict[str, Value]
    newest_at_s: float
    stored: dict[bytes, bytes]  # the columns as Feast keeps them

    @classmethod
    def of(cls, key: RowKey, columns: dict[str, Value], newest_at_s: float) -> Self:
        """The row of these columns; raises `KeyError`, `TypeError` or `ValueError` for columns that cannot be stored."""
        return cls(key, columns, newest_at_s, stored_row(key.group, columns, datetime.fromtimestamp(newest_at_s, UTC)))


def newest_per_key(records: Iterable[TopicRecord]) -> list[TopicRecord]:
    """The record with the last offset of each key, by partition and offset; earlier records need not be written.

    A topic's key is always in the same partition, so its offsets can be compared. Records without a key are all kept.
    """
    newest: dict[object, TopicRecord] = {}
    for record in records:
        slot = (record.topic, record.key) if record.key is not None else (record.place, record.offset)
        kept = newest.get(slot)
        if kept is None or record.offset > kept.offset:
            newest[slot] = record
    return sorted(newest.values(), key=lambda record: (record.place, record.offset))


def key_of(record: TopicRecord) -> RowKey:
    """The row that the record is about; raises `ValueError` when its key is not `tenant|user`."""
    if record.key is None:
        raise ValueError("no key: expected tenant|user")
    tenant, user_id = split_key(record.key)
    return RowKey(FEATURE_TOPICS[record.topic].schema.name, f"{check_tenant(tenant)}|{check_entity_id(user_id)}")


def row_of(record: TopicRecord) -> ShopperRow:
    """The row of a record with a value; raises any error of a damaged value."""
    if record.value is None:
        raise ValueError("a tombstone has no row")
    group = FEATURE_TOPICS[record.topic]
    columns = group.read_columns(record.value)
    times: Any = columns[group.newest_in] if group.newest_in else ()
    return ShopperRow.of(key_of(record), columns, max(times, default=0.0))
