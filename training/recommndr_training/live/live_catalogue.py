"""A tenant's catalogue and stock as the slots know them now, from their topics."""

from collections.abc import Iterable
from typing import Any

from recommndr.catalog import Availability, CatalogItem, stored_item
from recommndr.identity import TenantId, split_key
from recommndr.kafka_access import KafkaAccess
from recommndr.tenancy import TenantPolicy
from recommndr.topics import AVAILABILITY, CATALOG
from recommndr_engine.live_items import LiveItems
from recommndr_engine.shop_rules import ShopRules
from recommndr_training.live.topic_reader import open_reader, records


def read(kafka: KafkaAccess, tenant: TenantId, policy: TenantPolicy) -> LiveItems:
    """The live item table without counters; raises `KafkaError` or `OSError`."""
    consumer = open_reader(kafka)
    try:
        items = {
            item_id: None if value is None else stored_item(value)
            for item_id, value in _newest(records(consumer, CATALOG), tenant).items()
        }
        stock = {
            item_id: None if value is None else Availability.model_validate_json(value).available
            for item_id, value in _newest(records(consumer, AVAILABILITY), tenant).items()
        }
    finally:
        consumer.close()
    return live_items(items, stock, policy)


def catalogue(kafka: KafkaAccess, tenant: TenantId) -> list[CatalogItem]:
    """The items of the catalogue; raises `KafkaError` or `OSError`."""
    consumer = open_reader(kafka)
    try:
        return [stored_item(value) for value in _newest(records(consumer, CATALOG), tenant).values() if value is not None]
    finally:
        consumer.close()


def live_items(items: dict[str, CatalogItem | None], stock: dict[str, bool | None], policy: TenantPolicy) -> LiveItems:
    """The same of what the topics hold."""
    live = LiveItems(rules=ShopRules(policy.blocked_categories, policy.unnamed_brand_prefix))
    live.apply_catalog(items)
    live.apply_availability(stock)
    return live


def _newest(found: Iterable[Any], tenant: TenantId) -> dict[str, bytes | None]:
    values: dict[str, bytes | None] = {}
    for record in found:
        owner, item_id = split_key(record.key or b"")
        if owner == tenant:
            values[item_id] = record.value
    return values
