"""Stores of shopper rows for serving: Redis in Feast's format, or a dict."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import redis

from recommndr_feature_repo import hash_fields, shopper_redis_key
from recommndr_feature_writer.position import Batch, Position, PositionMoved
from recommndr_feature_writer.shopper_row import RowKey, ShopperRow
from recommndr_tail.record import PartitionId


class StoreUnavailable(RuntimeError):
    """The store did not acknowledge the write; look at its positions, then write again what is missing."""


class OnlineRows(Protocol):
    """Every implementation passes `tests/feature_writer/test_online_rows.py`."""

    def positions(self, places: Collection[PartitionId]) -> dict[PartitionId, Position]:
        """How far the store has each partition; one that it has nothing of is left out. Raises `StoreUnavailable`."""
        ...

    def write(self, batch: Batch) -> None:
        """Return once all of the batch is stored; raises `PositionMoved` when nothing was, or `StoreUnavailable`."""
        ...

    def forget(self, places: Collection[PartitionId]) -> None:
        """Take these positions away, so that the partitions are read again from their beginning; raises `StoreUnavailable`."""
        ...


@dataclass
class InMemoryRows:
    """Keeps rows in a dict; `down` makes it unavailable, `empty` loses everything."""

    rows: dict[RowKey, ShopperRow] = field(default_factory=dict)
    at: dict[PartitionId, Position] = field(default_factory=dict)
    down: bool = False

    def positions(self, places: Collection[PartitionId]) -> dict[PartitionId, Position]:
        """See `OnlineRows.positions`."""
        self._check()
        return {place: position for place, position in self.at.items() if place in places}

    def write(self, batch: Batch) -> None:
        """See `OnlineRows.write`."""
        self._check()
        batch.check(self.at)
        self.rows |= {row.key: row for row in batch.rows}
        for key in batch.gone:
            self.rows.pop(key, None)
        self.at |= {place: move.after for place, move in batch.moves.items()}

    def forget(self, places: Collection[PartitionId]) -> None:
        """See `OnlineRows.forget`."""
        self._check()
        for place in places:
            self.at.pop(place, None)

    def empty(self) -> None:
        """Lose everything."""
        self.rows.clear()
        self.at.clear()

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailable("the rows in memory were told to be away")


class RedisRows:
    """Rows in Redis as Feast keeps them, each batch one transaction.

    Feast would need four times the CPU for it, it cannot delete one row, and it cannot write a position with the rows.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def positions(self, places: Collection[PartitionId]) -> dict[PartitionId, Position]:
        """See `OnlineRows.positions`."""
        with _in_our_words():
            return _positions(self._client, places)

    def write(self, batch: Batch) -> None:
        """See `OnlineRows.write`."""
        with _in_our_words(), self._client.pipeline() as pipe:
            if batch.moves:
                # From here on Redis refuses the transaction when somebody else touches one of these positions.
                pipe.watch(*map(_position_key, batch.moves))
            batch.check(_positions(pipe, batch.moves))
            pipe.multi()
            for row in batch.rows:
                pipe.hset(shopper_redis_key(row.key.shopper_key), mapping=row.stored)
            for group, shopper_key in batch.gone:
                pipe.hdel(shopper_redis_key(shopper_key), *hash_fields(group))
            for place, move in batch.moves.items():
                pipe.set(_position_key(place), move.after.to_bytes())
            pipe.execute()

    def forget(self, places: Collection[PartitionId]) -> None:
        """See `OnlineRows.forget`."""
        if places:
            with _in_our_words():
                self._client.delete(*map(_position_key, places))


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except redis.WatchError as cause:
        raise PositionMoved("another writer wrote at the same time") from cause
    except (redis.RedisError, OSError) as cause:
        raise StoreUnavailable(str(cause)) from cause


def _position_key(place: PartitionId) -> str:
    topic, partition = place
    return f"feature-writer:position:{topic}:{partition}"


def _positions(client: redis.Redis, places: Collection[PartitionId]) -> dict[PartitionId, Position]:
    if not places:
        return {}
    stored: list[bytes | None] = client.mget(list(map(_position_key, places)))
    found = zip(places, stored, strict=True)
    return {place: Position.from_bytes(position) for place, position in found if position is not None}
