"""A tenant's catalogue as its installation knows it now, kept in the lake, so that a training can be made again from there.

Topics keep only the newest value of an item. The lake's table of items keeps every version, and its commits have instants.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable

from recommndr.catalog import CatalogItem, stored_item
from recommndr.identity import TenantId, entity_key
from recommndr.topics import CATALOG
from recommndr_lake_writer.items import SCHEMA, items_dir, read_items, write_items
from recommndr_lake_writer.lake import events_dir
from recommndr_training.live import live_catalogue
from recommndr_training.retraining.installation import Installation

_AFTER = "}"  # the character behind `|`


def newest(installation: Installation, tenant: str) -> list[CatalogItem]:
    """The catalogue now; raises `sqlite3.Error`, or `KafkaError` and `OSError`."""
    if installation.database is None:
        return live_catalogue.catalogue(installation.settings.kafka, TenantId(tenant))
    with closing(sqlite3.connect(installation.database)) as connection:
        ends = entity_key(tenant, ""), f"{tenant}{_AFTER}".encode()
        asked = "SELECT value FROM newest WHERE topic = ? AND key >= ? AND key < ?"
        return [stored_item(bytes(value)) for (value,) in connection.execute(asked, (CATALOG.name, *ends))]


def keep(lake_dir: Path, tenant: str, items: Sequence[CatalogItem]) -> None:
    """Write the catalogue to the lake unless it is what the lake has already, or nothing."""
    table = table_of(tenant, items)
    if table.num_rows and not table.equals(read_items(lake_dir, tenant)):
        write_items(lake_dir, tenant, table)


def table_of(tenant: str, items: Sequence[CatalogItem]) -> pa.Table:
    """The catalogue as rows of the lake's table."""
    rows = [item.model_dump() | {"tenant": tenant} for item in sorted(items, key=lambda item: item.item_id)]
    return pa.Table.from_pylist(rows, SCHEMA)


def as_of(lake_dir: Path, tenant: str, version: int) -> pa.Table:
    """The catalogue that was kept last while `version` of the events was the newest one."""
    path = items_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(path)):
        return SCHEMA.empty_table()
    table, end = DeltaTable(path), _replaced_at(lake_dir, version)
    if end is not None:
        kept = [one["version"] for one in table.history() if _instant(one) < end]
        if not kept:
            return SCHEMA.empty_table()
        table.load_as_version(max(kept))
    stored = table.to_pyarrow_table(filters=[("tenant", "=", tenant)])
    return stored.select(SCHEMA.names).cast(SCHEMA).sort_by("item_id")


def _replaced_at(lake_dir: Path, version: int) -> datetime | None:
    """When the next version of the events came; None for the newest."""
    later = [one for one in DeltaTable(events_dir(lake_dir)).history() if one["version"] == version + 1]
    return _instant(later[0]) if later else None


def _instant(commit: dict[str, int]) -> datetime:
    return datetime.fromtimestamp(commit["timestamp"] / 1e3, UTC)
