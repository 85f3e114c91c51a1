"""Applies tailed records to the live item tables of their tenants."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from recommndr.identity import TenantId
from recommndr_engine.live_items import LiveItems
from recommndr_serving.live.item_records import (
    AvailabilityRecord,
    CatalogRecord,
    FeatureRecord,
    ItemRecord,
    SegmentRecord,
)
from recommndr_serving.tenant_slot import TenantSlot


def apply(tenants: Mapping[TenantId, TenantSlot], records: Sequence[ItemRecord]) -> None:
    """Apply records, in order per item and topic. Records of unknown tenants are skipped."""
    by_place = sorted(records, key=lambda record: (record.tenant, type(record).__name__))  # stable: keeps order per item
    for tenant, of_tenant in groupby(by_place, key=lambda record: record.tenant):
        slot = tenants.get(tenant)
        if slot is not None:
            for _, of_kind in groupby(of_tenant, key=type):
                _apply_kind(slot.items, of_kind)


def _apply_kind(items: LiveItems, records: Iterable[ItemRecord]) -> None:
    newest: dict[tuple[str, str], ItemRecord] = {(record.item_id, _segment_of(record)): record for record in records}
    in_segments = [record for record in newest.values() if isinstance(record, SegmentRecord)]
    catalog = {item_id: r.item for (item_id, _), r in newest.items() if isinstance(r, CatalogRecord)}
    available = {item_id: r.available for (item_id, _), r in newest.items() if isinstance(r, AvailabilityRecord)}
    states = {item_id: r.state for (item_id, _), r in newest.items() if isinstance(r, FeatureRecord)}
    if catalog:
        items.apply_catalog(catalog)
    if available:
        items.apply_availability(available)
    if states:
        items.apply_features(list(states), list(states.values()))
    if in_segments:
        items.apply_segments(*zip(*((one.segment, one.item_id, one.state) for one in in_segments), strict=True))


def _segment_of(record: ItemRecord) -> str:
    return record.segment if isinstance(record, SegmentRecord) else ""
