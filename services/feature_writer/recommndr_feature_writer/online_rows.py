"""Stores of shopper rows for serving: Feast on Redis, or a dict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import redis

from recommndr.features.shopper import default_columns
from recommndr_feature_repo import shopper_redis_key, stored_row
from recommndr_feature_writer.shopper_row import ShopperRow


class StoreUnavailable(RuntimeError):
    """The store did not acknowledge the write; retry it."""


class OnlineRows(Protocol):
    """Every implementation passes `tests/feature_writer/test_online_rows.py`."""

    def write(self, rows: Sequence[ShopperRow]) -> None:
        """Return once all are stored; raises `StoreUnavailable`, or anything else for a row that cannot be stored."""
        ...

    def delete(self, shopper_keys: Sequence[str]) -> None:
        """Return once none is stored; raises `StoreUnavailable`."""
        ...

    def life(self) -> str:
        """Id of the store's present life: another id means that it was restarted or replaced and may have lost rows.

        Raises `StoreUnavailable`.
        """
        ...


@dataclass
class InMemoryRows:
    """Keeps rows in a dict; `down` makes it unavailable, `restart_empty` loses all of them."""

    rows: dict[str, ShopperRow] = field(default_factory=dict)
    down: bool = False
    n_lives: int = 1

    def write(self, rows: Sequence[ShopperRow]) -> None:
        """Keep them."""
        self._check()
        for row in rows:
            if row.columns.keys() != default_columns().keys():
                raise ValueError(f"columns of {row.shopper_key}: expected {sorted(default_columns())}")
            self.rows[row.shopper_key] = row

    def delete(self, shopper_keys: Sequence[str]) -> None:
        """Forget them."""
        self._check()
        for key in shopper_keys:
            self.rows.pop(key, None)

    def life(self) -> str:
        """Counts restarts."""
        self._check()
        return str(self.n_lives)

    def restart_empty(self) -> None:
        """Lose everything."""
        self.rows.clear()
        self.n_lives += 1

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailable("the rows in memory were told to be away")


class FeastRows:
    """Rows in Redis as Feast keeps them. Feast needs four times the CPU for it, and it cannot delete one row."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def write(self, rows: Sequence[ShopperRow]) -> None:
        """See `OnlineRows.write`."""
        if not rows:
            return
        stored = [(shopper_redis_key(row.shopper_key), stored_row(row.columns, row.event_timestamp)) for row in rows]
        try:
            with self._client.pipeline(transaction=False) as pipe:
                for key, fields in stored:
                    pipe.hset(key, mapping=fields)
                pipe.execute()
        except (redis.RedisError, OSError) as cause:
            raise StoreUnavailable(str(cause)) from cause

    def delete(self, shopper_keys: Sequence[str]) -> None:
        """See `OnlineRows.delete`."""
        if not shopper_keys:
            return
        try:
            self._client.delete(*(shopper_redis_key(key) for key in shopper_keys))
        except (redis.RedisError, OSError) as cause:
            raise StoreUnavailable(str(cause)) from cause

    def life(self) -> str:
        """Redis' run id, which changes with each start."""
        try:
            return str(self._client.info("server")["run_id"])
        except (redis.RedisError, OSError) as cause:
            raise StoreUnavailable(str(cause)) from cause
