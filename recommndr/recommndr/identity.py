"""Ids of tenants, users and items, and the format of their keys.

A key is `tenant|entity`. Tenants cannot contain `|`, so the first one separates; entity ids may contain any.
"""

import re
from typing import Annotated, NewType

from pydantic import AfterValidator

TenantId = NewType("TenantId", str)
UserId = NewType("UserId", str)
ItemId = NewType("ItemId", str)

MAX_ID_BYTES = 128
_TENANT = re.compile(r"[a-z0-9-]{1,32}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_tenant(tenant: str) -> TenantId:
    """Return `tenant` when it is 1-32 of a-z, 0-9 and '-'; raises `ValueError` otherwise."""
    if not _TENANT.fullmatch(tenant):
        raise ValueError(f"tenant {tenant!r}: expected 1-32 characters of a-z, 0-9 and '-'")
    return TenantId(tenant)


def check_entity_id(entity: str) -> str:
    """Return `entity` when it is 1-128 bytes of UTF-8 without control characters; raises `ValueError` otherwise."""
    try:
        n_bytes = len(entity.encode())
    except UnicodeEncodeError:
        raise ValueError("id holds a lone surrogate: expected valid UTF-8") from None
    if not 1 <= n_bytes <= MAX_ID_BYTES:
        raise ValueError(f"id of {n_bytes} bytes: expected 1-{MAX_ID_BYTES} bytes of UTF-8")
    if _CONTROL.search(entity):
        raise ValueError(f"id {entity!r}: expected no control characters")
    return entity


Tenant = Annotated[TenantId, AfterValidator(check_tenant)]
User = Annotated[UserId, AfterValidator(check_entity_id)]
Item = Annotated[ItemId, AfterValidator(check_entity_id)]


def entity_key(tenant: str, entity: str) -> bytes:
    """Kafka and state key of an entity of a tenant.

    >>> entity_key("grocer", "a|b")
    b'grocer|a|b'
    """
    return f"{tenant}|{entity}".encode()


def split_key(key: bytes) -> tuple[TenantId, str]:
    """Inverse of `entity_key`; raises `ValueError` for a key without '|' or that is not UTF-8.

    >>> split_key(b"grocer|a|b")
    ('grocer', 'a|b')
    """
    tenant, bar, entity = key.decode().partition("|")
    if not bar:
        raise ValueError(f"key {key!r}: expected tenant|entity")
    return TenantId(tenant), entity
