"""Turns a client's bytes into records of the catalogue, or into a problem for the client. No I/O."""

from pydantic import ValidationError

from recommndr import topics
from recommndr.catalog import Availability, CatalogItem
from recommndr.identity import check_entity_id, entity_key
from recommndr.tenancy import TenantPolicy
from recommndr_collector.event_log import Record
from recommndr_http.json_shape import JsonList, Member, Shape, json_list, measure
from recommndr_http.problem import refused_field, refused_model

MAX_ITEMS = 1_000
# An item has 11 fields, at most 64 tags and 8 categories; slightly more, so that the problem can name the extra one.
ITEM_SHAPE = Shape(depth=3, n_keys=24, n_commas=128)
_AVAILABILITY_SHAPE = Shape(depth=2, n_keys=4, n_commas=4)


def items(payload: bytes) -> JsonList:
    """The members of a list of items, none of them decoded yet; raises `Problem`."""
    return json_list(payload, MAX_ITEMS, f"a list of 1-{MAX_ITEMS} items")


def item(tenant: str, policy: TenantPolicy, sent: Member) -> Record:
    """The record of one whole item; raises `Problem`."""
    sent.shape.check(ITEM_SHAPE)
    try:
        parsed = CatalogItem.model_validate_json(sent.payload, strict=True)
    except ValidationError as cause:
        raise refused_model(cause) from None
    if parsed.price_minor is not None and parsed.price_minor > policy.max_price_minor:
        expected = f"at most {policy.max_price_minor}, the shop's max_price_minor"
        raise refused_field("price_minor", parsed.price_minor, expected)
    value = parsed.model_dump_json(exclude_none=True).encode()
    return Record(topics.CATALOG.name, entity_key(tenant, parsed.item_id), value)


def availability(tenant: str, item_id: str, payload: bytes) -> Record:
    """The record of one item's availability; raises `Problem`."""
    key = _item_key(tenant, item_id)
    measure(payload).check(_AVAILABILITY_SHAPE)
    try:
        parsed = Availability.model_validate_json(payload, strict=True)
    except ValidationError as cause:
        raise refused_model(cause) from None
    return Record(topics.AVAILABILITY.name, key, parsed.model_dump_json().encode())


def deletion(tenant: str, item_id: str) -> tuple[Record, Record]:
    """Tombstones of one item, to be written in this order: availability falls back to *available* when its record goes,
    so the item has to be gone before; raises `Problem`.
    """
    key = _item_key(tenant, item_id)
    return Record(topics.CATALOG.name, key, None), Record(topics.AVAILABILITY.name, key, None)


def _item_key(tenant: str, item_id: str) -> bytes:
    try:
        return entity_key(tenant, check_entity_id(item_id))
    except ValueError as cause:
        raise refused_field("item_id", item_id, str(cause).partition("expected ")[2]) from None
