"""Reads `INFO` of Redis."""

from collections.abc import Mapping
from typing import Any

import redis

from recommndr_monitoring.source import Sample, SourceUnavailable


def samples_of(info: Mapping[str, Any], database: int) -> list[Sample]:
    """The parts of `INFO` an operator needs; pure."""
    return [
        Sample("recommndr_redis_memory_bytes", info["used_memory"]),
        Sample("recommndr_redis_memory_limit_bytes", info["maxmemory"] or info["total_system_memory"]),
        Sample("recommndr_redis_keys", info.get(f"db{database}", {}).get("keys", 0)),
        Sample("recommndr_redis_clients", info["connected_clients"]),
        Sample("recommndr_redis_uptime_seconds", info["uptime_in_seconds"]),
        Sample("recommndr_redis_evicted_keys", info["evicted_keys"]),
        Sample("recommndr_redis_rejected_connections", info["rejected_connections"]),
        Sample("recommndr_redis_commands", info["total_commands_processed"]),
    ]


class RedisInfo:
    """The online store."""

    name = "redis"

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def samples(self) -> list[Sample]:
        """See `Source.samples`."""
        try:
            database = self._client.connection_pool.connection_kwargs.get("db") or 0
            return samples_of(self._client.info(), database)
        except (redis.RedisError, KeyError) as cause:
            raise SourceUnavailable(f"Redis: {cause!r}") from cause
