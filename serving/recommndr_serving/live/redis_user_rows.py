"""User rows from Redis, where Feast's online store keeps them: one read of one hash."""

import asyncio
import contextlib

import redis.asyncio as redis
from redis.exceptions import RedisError

from recommndr.identity import entity_key
from recommndr.settings import Settings
from recommndr_serving.live import stored_row
from recommndr_serving.live.user_rows import Row, UserRowUnavailable

# A connection that hangs is given up long after the read's own timeout, which is what ends a request's wait.
_SOCKET_TIMEOUT_S = 5.0


class RedisUserRows:
    """Implements `recommndr_serving.live.user_rows.UserRows`."""

    def __init__(self, client: "redis.Redis[bytes]", timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    @classmethod
    def open(cls, settings: Settings) -> "RedisUserRows":
        """The store of an installation; touches no server."""
        client = redis.Redis.from_url(
            settings.redis_login_url, socket_timeout=_SOCKET_TIMEOUT_S, socket_connect_timeout=_SOCKET_TIMEOUT_S
        )
        return cls(client, settings.feature_timeout_ms / 1000)

    async def row(self, tenant: str, user_id: str) -> Row:
        """See `UserRows.row`; raises `ValueError` for a row that cannot be read."""
        key = stored_row.redis_key(entity_key(tenant, user_id).decode())
        try:
            async with asyncio.timeout(self._timeout_s):
                values = await self._client.hmget(key, stored_row.HASH_FIELDS)
        except (TimeoutError, redis.TimeoutError):
            raise UserRowUnavailable("timeout", f"no answer within {self._timeout_s * 1000:.0f} ms") from None
        except Exception as cause:  # Redis and the event loop can raise anything: the next step of the ladder answers
            raise UserRowUnavailable("down", repr(cause)) from cause
        return stored_row.columns(values)

    async def close(self) -> None:
        """See `UserRows.close`."""
        with contextlib.suppress(RedisError, OSError):  # closing a connection to a lost Redis may fail
            await self._client.aclose()
