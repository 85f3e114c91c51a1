"""Turns records of shoppers' feature topics into rows of the online store. No I/O and no clock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from recommndr.features import added, guests, purchased_items, seen_items, user
from recommndr.features.added_group import AddedGroup
from recommndr.features.schema import FeatureSchema, Value
from recommndr.identity import check_entity_id, check_tenant, split_key
from recommndr.topics import ADDED_FEATURES, GUESTS, PURCHASED_FEATURES, SEEN_FEATURES, USER_FEATURES
from recommndr_feature_repo import stored_row
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


@dataclass(frozen=True, slots=True)
class _Group:
    """How a topic's records are read."""

    schema: FeatureSchema
    read_columns: Callable[[bytes], dict[str, Value]]
    newest_in: str | None  # the column with times of events; None: no column tells


def _of_added(group: AddedGroup[Any]) -> _Group:
    return _Group(group.SCHEMA, lambda value: group.columns(group.from_bytes(value)), None)


_BY_TOPIC = {
    USER_FEATURES.name: _Group(user.SCHEMA, user.read_columns, "counter_at_s"),
    PURCHASED_FEATURES.name: _Group(purchased_items.SCHEMA, purchased_items.read_columns, "purchased_last_s"),
    SEEN_FEATURES.name: _Group(seen_items.SCHEMA, lambda value: seen_items.columns(seen_items.from_bytes(value)), None),
    GUESTS.name: _Group(guests.SCHEMA, lambda value: guests.columns(guests.from_bytes(value)), None),
    **{topic.name: _of_added(group) for topic, group in zip(ADDED_FEATURES, added.groups(), strict=True)},
}


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
    return RowKey(_BY_TOPIC[record.topic].schema.name, f"{check_tenant(tenant)}|{check_entity_id(user_id)}")


def row_of(record: TopicRecord) -> ShopperRow:
    """The row of a record with a value; raises any error of a damaged value."""
    if record.value is None:
        raise ValueError("a tombstone has no row")
    group = _BY_TOPIC[record.topic]
    columns = group.read_columns(record.value)
    times: Any = columns[group.newest_in] if group.newest_in else ()
    return ShopperRow.of(key_of(record), columns, max(times, default=0.0))
