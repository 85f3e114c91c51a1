"""Turns records of `features.user.v1` into rows of the online store. No I/O and no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from recommndr.features import shopper
from recommndr.features.schema import Value
from recommndr.features.shopper import ShopperState
from recommndr.identity import check_entity_id, check_tenant, split_key
from recommndr_feature_repo import stored_row
from recommndr_tail.record import TopicRecord


@dataclass(frozen=True, slots=True)
class ShopperRow:
    """One shopper as stored: key `tenant|user`, the columns of all user groups, and the time of the newest event in them."""

    shopper_key: str
    columns: dict[str, Value]
    newest_at_s: float
    stored: dict[bytes, bytes]  # the columns as Feast keeps them

    @classmethod
    def of(cls, shopper_key: str, columns: dict[str, Value], newest_at_s: float) -> Self:
        """The row of these columns; raises `KeyError`, `TypeError` or `ValueError` for columns that cannot be stored."""
        return cls(shopper_key, columns, newest_at_s, stored_row(columns, datetime.fromtimestamp(newest_at_s, UTC)))

    @property
    def tenant(self) -> str:
        """The shopper's tenant."""
        return self.shopper_key.partition("|")[0]


def newest_per_key(records: Iterable[TopicRecord]) -> list[TopicRecord]:
    """The record with the last offset of each key, by partition and offset; earlier records need not be written.

    A key is always in the same partition, so its offsets can be compared. Records without a key are all kept.
    """
    newest: dict[object, TopicRecord] = {}
    for record in records:
        slot = record.key if record.key is not None else (record.place, record.offset)
        kept = newest.get(slot)
        if kept is None or record.offset > kept.offset:
            newest[slot] = record
    return sorted(newest.values(), key=lambda record: (record.place, record.offset))


def shopper_key(record: TopicRecord) -> str:
    """The key as text; raises `ValueError` when it is not `tenant|user`."""
    if record.key is None:
        raise ValueError("no key: expected tenant|user")
    tenant, user = split_key(record.key)
    return f"{check_tenant(tenant)}|{check_entity_id(user)}"


def row_of(record: TopicRecord) -> ShopperRow:
    """The row of a record with a value; raises any error of a damaged value."""
    if record.value is None:
        raise ValueError("a tombstone has no row")
    state = shopper.from_bytes(record.value)
    return ShopperRow.of(shopper_key(record), shopper.columns(state), newest_at_s(state))


def newest_at_s(state: ShopperState) -> float:
    """Instant of the newest event in the state, seconds; 0 for an empty one."""
    counters = [counter.at_s for counter in state.user.counters.values()]
    purchases = [purchased.last_s for purchased in state.purchased.items.values()]
    return max([*counters, *purchases], default=0.0)
