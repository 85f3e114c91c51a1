"""Searches the online store for shoppers by its keys: all that is stored under a shopper's id is found, also what nobody reads.

Feast's key of a shopper has the bytes of `tenant|user`, and before them their number (a test compares this with Feast).
"""

import struct
from collections import defaultdict
from collections.abc import Collection, Mapping

import redis

from recommndr.identity import entity_key
from recommndr_training.live.shopper_traces import Trace

PLACE = "online store (Redis)"
_AT_ONCE = 1_000
_TIMEOUT_S = 5.0
_LENGTH = struct.Struct("<I")
_REMEDY = (
    "the feature writer deletes a row when it reads the tombstone; if these stay for minutes, see its lag, and delete what it "
    "does not know with UNLINK"
)


class OnlineStoreAway(RuntimeError):
    """Redis could not be searched; the message says why."""


def in_online_store(login_url: str, tenant: str, user_ids: Collection[str]) -> dict[str, Trace]:
    """`in_redis` of an installation; raises `OnlineStoreAway`."""
    try:
        with redis.Redis.from_url(login_url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S) as client:
            return in_redis(client, tenant, user_ids)
    except redis.RedisError as cause:
        raise OnlineStoreAway(f"Redis cannot be searched: {cause}; check RECOMMNDR_REDIS_URL and its login") from cause


def in_redis(client: "redis.Redis", tenant: str, user_ids: Collection[str]) -> dict[str, Trace]:
    """By shopper, how many fields the store has under the shopper's keys; every key is looked at once. Raises `RedisError`."""
    owners = {entity_key(tenant, user_id): user_id for user_id in user_ids}
    keys: defaultdict[str, list[bytes]] = defaultdict(list)
    start = entity_key(tenant, "")
    for key in client.scan_iter(match=b"*" + _literally(start) + b"*", count=_AT_ONCE):
        owner = owners.get(entity_in(key, start))
        if owner is not None:
            keys[owner].append(key)
    return {user_id: _trace(client, keys[user_id]) for user_id in user_ids}


def entity_in(key: bytes, start: bytes) -> bytes:
    """The `tenant|user` of a key that begins with `start`: as long as the number before it says, or up to the key's end.

    Empty for a key of another tenant.
    """
    place = key.find(start)
    if place < 0 or key[:place].endswith(b"|"):  # a user's id may have a tenant's name in it
        return b""
    rest = key[place:]
    said = key[place - _LENGTH.size : place]
    n = _LENGTH.unpack(said)[0] if len(said) == _LENGTH.size else len(rest)
    return rest[:n] if n <= len(rest) else rest


def _trace(client: "redis.Redis", keys: Collection[bytes]) -> Trace:
    n_fields = sum(_n_fields(client, key) for key in keys)
    return Trace(PLACE, n_fields, None, f"{len(keys)} keys; {_REMEDY}" if n_fields else "")


def _n_fields(client: "redis.Redis", key: bytes) -> int:
    """The fields of a hash; any other value is one."""
    kind = client.type(key)
    if kind == b"none":  # gone since it was found
        return 0
    return int(client.hlen(key)) if kind == b"hash" else 1


def _literally(part: bytes) -> bytes:
    """The bytes as Redis's patterns mean them."""
    return b"".join(b"\\" + bytes([one]) if one in b"*?[]\\^-" else bytes([one]) for one in part)


def of_guests(traces: Mapping[str, Trace], guest_ids: Collection[str]) -> list[Trace]:
    """What the store has under ids that became the shopper; a guest is erased by its own id."""
    found = [(guest_id, traces[guest_id]) for guest_id in guest_ids]
    return [
        Trace(f"{PLACE}, guest {guest_id!r}", one.n_found, None, "a shopper of its own: erase this id, too")
        for guest_id, one in found
        if one.n_found
    ]
