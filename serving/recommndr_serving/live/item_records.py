"""Records of the tailed topics, decoded into changes of one tenant's item."""

from dataclasses import dataclass

from recommndr.catalog import Availability, CatalogItem, stored_item
from recommndr.features import item, segment
from recommndr.identity import ItemId, TenantId, check_entity_id, check_tenant, split_key
from recommndr.topics import AVAILABILITY, CATALOG, ITEM_FEATURES, SEGMENT_FEATURES

TAILED = (CATALOG.name, AVAILABILITY.name, ITEM_FEATURES.name, SEGMENT_FEATURES.name)


@dataclass(frozen=True, slots=True)
class CatalogRecord:
    """The shop's current description of the item; None: deleted."""

    tenant: TenantId
    item_id: ItemId
    item: CatalogItem | None


@dataclass(frozen=True, slots=True)
class AvailabilityRecord:
    """Whether the item is in stock; no record means it is."""

    tenant: TenantId
    item_id: ItemId
    available: bool


@dataclass(frozen=True, slots=True)
class FeatureRecord:
    """The item group's state bytes, checked for their format; None: deleted."""

    tenant: TenantId
    item_id: ItemId
    state: bytes | None


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """The segment group's state bytes of an item in a segment, checked for their format; None: deleted."""

    tenant: TenantId
    segment: str
    item_id: ItemId
    state: bytes | None


ItemRecord = CatalogRecord | AvailabilityRecord | FeatureRecord | SegmentRecord


def decode(topic: str, key: bytes | None, value: bytes | None) -> ItemRecord:
    """One Kafka record of a topic in `TAILED`; raises `ValueError` (pydantic's is one) when it cannot be read."""
    if key is None:
        raise ValueError("record without key: expected tenant|item")
    tenant_text, entity = split_key(key)
    tenant = check_tenant(tenant_text)
    if topic == SEGMENT_FEATURES.name:
        return _segment_record(tenant, entity, value)
    item_id = ItemId(check_entity_id(entity))
    if topic == CATALOG.name:
        return CatalogRecord(tenant, item_id, None if value is None else _catalog_item(item_id, value))
    if topic == AVAILABILITY.name:
        return AvailabilityRecord(tenant, item_id, value is None or Availability.model_validate_json(value).available)
    if topic == ITEM_FEATURES.name:
        if value is not None:
            item.read([value])
        return FeatureRecord(tenant, item_id, value)
    raise ValueError(f"topic {topic!r}: expected one of {TAILED}")


def _segment_record(tenant: TenantId, entity: str, value: bytes | None) -> SegmentRecord:
    name, item_id = segment.split_entity(entity)
    if value is not None:
        segment.read([value])
    return SegmentRecord(tenant, name, ItemId(check_entity_id(item_id)), value)


def _catalog_item(item_id: str, value: bytes) -> CatalogItem:
    found = stored_item(value)
    if found.item_id != item_id:
        raise ValueError(f"item_id {found.item_id!r} has the key of {item_id!r}: expected the same")
    return found
