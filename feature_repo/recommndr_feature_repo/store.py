"""The Feast store of an installation, configured in code: registry file under the state folder, rows in Redis.

The registry file is named by the digest of the definitions and replaced atomically. So processes that start together need no
lock (each writes the same file), no reader sees half a file, and two slots of different releases each have their own.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from feast import FeatureStore, RepoConfig
from feast.infra.key_encoding_utils import serialize_entity_key
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value

from recommndr.features.schema import FeatureSchema
from recommndr.settings import Settings
from recommndr_feature_repo.definitions import DEFINITIONS, OFFLINE_SCHEMAS, ONLINE_SCHEMAS, SHOPPER_KEY

PROJECT = "recommndr"
KEY_SERIALIZATION_VERSION = 3
# Part of the registry's name: raise it when the code that turns schemas into definitions changes.
DEFINITIONS_VERSION = 1


def open_store(settings: Settings) -> FeatureStore:
    """The store with all definitions applied; it contacts no server, so it works before Redis is up."""
    registry = settings.state_dir.absolute() / "feast" / f"registry-{definitions_digest()}.db"
    if not registry.exists():
        _write_registry(settings, registry)
    return FeatureStore(config=_config(settings, registry))


@cache
def definitions_digest() -> str:
    """First 12 hex digits of the SHA-256 over all schemas; it changes with every definition."""
    described = [DEFINITIONS_VERSION, [_described(schema) for schema in (*ONLINE_SCHEMAS, *OFFLINE_SCHEMAS)]]
    return hashlib.sha256(json.dumps(described).encode()).hexdigest()[:12]


def shopper_redis_key(shopper_key: str) -> bytes:
    """Key of a shopper's hash in Redis, for deleting it: Feast deletes whole views only."""
    entity_key = EntityKey(join_keys=[SHOPPER_KEY], entity_values=[Value(string_val=shopper_key)])
    serialized: bytes = serialize_entity_key(entity_key, entity_key_serialization_version=KEY_SERIALIZATION_VERSION)
    return serialized + PROJECT.encode()


def _described(schema: FeatureSchema) -> list[object]:
    fields = [[field.name, field.dtype, field.description] for field in schema.fields]
    return [schema.name, schema.entity, schema.ttl.total_seconds(), schema.owner, fields]


def _write_registry(settings: Settings, registry: Path) -> None:
    registry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=registry.parent) as scratch:
        fresh = Path(scratch) / registry.name
        FeatureStore(config=_config(settings, fresh)).apply(list(DEFINITIONS))
        os.replace(fresh, registry)  # noqa: PTH105 - same file system: atomic


def _config(settings: Settings, registry: Path) -> RepoConfig:
    return RepoConfig(
        project=PROJECT,
        provider="local",
        # 0 = read once and kept. The file never changes, and a refresh would stall a request every ten minutes.
        registry={"registry_type": "file", "path": str(registry), "cache_ttl_seconds": 0},
        online_store={
            "type": "redis",
            "connection_string": connection_string(settings.redis_login_url),
            # Without it Feast drops rows silently when their timestamp is not newer than the stored one.
            "skip_dedup": True,
        },
        offline_store={"type": "dask"},
        entity_key_serialization_version=KEY_SERIALIZATION_VERSION,
        repo_path=settings.lake_dir.absolute(),
    )


def connection_string(redis_url: str) -> str:
    """A Redis URL as Feast writes it; raises `ValueError` for anything but redis:// and rediss://.

    >>> connection_string("redis://127.0.0.1:18379/2")
    '127.0.0.1:18379,db=2,socket_timeout=5,socket_connect_timeout=5'
    """
    url = urlsplit(redis_url)
    if url.scheme not in ("redis", "rediss") or not url.hostname:
        raise ValueError(f"redis_url {url.scheme}://…: expected redis[s]://[user:password@]host[:port][/db]")
    options: Mapping[str, str | None] = {
        "db": url.path.strip("/") or "0",
        # A Redis that hangs must raise an error, not block for ever.
        "socket_timeout": "5",
        "socket_connect_timeout": "5",
        "username": url.username and unquote(url.username),
        "password": url.password and json.dumps(unquote(url.password)),
        "ssl": "true" if url.scheme == "rediss" else None,
    }
    return ",".join([f"{url.hostname}:{url.port or 6379}", *(f"{name}={value}" for name, value in options.items() if value)])
