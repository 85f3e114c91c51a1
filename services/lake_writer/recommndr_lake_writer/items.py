"""The lake's table of items: each tenant's last imported or simulated catalogue, one row per item.

The live catalogue is in `recommndr.catalog.v1`; training, replays and reports read this table. Its columns are the fields of
`recommndr.catalog.CatalogItem`, and a tenant's rows are always replaced together.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake

from recommndr.identity import check_tenant

_INSTANT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        ("tenant", pa.string()),
        ("item_id", pa.string()),
        ("title", pa.string()),
        ("category_path", pa.list_(pa.string())),  # root first, leaf last; empty when not known
        ("brand", pa.string()),
        ("price_minor", pa.int64()),
        ("currency", pa.string()),
        ("image_url", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("group_id", pa.string()),
        ("available_from", _INSTANT),
        ("available_until", _INSTANT),
    ]
)
_LISTS = ("category_path", "tags")
_REQUIRED = ("item_id", "title")


def items_dir(lake_dir: Path) -> Path:
    """The folder of the table."""
    return lake_dir / "items"


def write_items(lake_dir: Path, tenant: str, items: pa.Table) -> None:
    """Replace all items of a tenant in one commit; other tenants' items are not changed.

    `items` has columns of `SCHEMA` in any order; `item_id` and `title` are required, missing columns become null (lists: empty)
    and `tenant` is set here. Raises `ValueError` for an invalid tenant, unknown columns, missing or repeated ids.
    """
    rows = _complete(check_tenant(tenant), items)
    path = items_dir(lake_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    table = DeltaTable.create(str(path), SCHEMA, mode="ignore", partition_by=["tenant"])
    predicate = f"tenant = '{tenant}'"  # tenants hold a-z, 0-9 and '-' only
    write_deltalake(table, rows, mode="overwrite", predicate=predicate)


def read_items(lake_dir: Path, tenant: str) -> pa.Table:
    """A tenant's items, ordered by `item_id`; an empty table when there are none or there is no lake yet."""
    path = items_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(path)):
        return SCHEMA.empty_table()
    stored = DeltaTable(path).to_pyarrow_table(filters=[("tenant", "=", tenant)])
    return stored.select(SCHEMA.names).cast(SCHEMA).sort_by("item_id")


def _complete(tenant: str, items: pa.Table) -> pa.Table:
    unknown = sorted(set(items.column_names) - set(SCHEMA.names))
    if unknown:
        raise ValueError(f"items of {tenant!r} have unknown columns {unknown}: expected some of {SCHEMA.names}")
    for name in _REQUIRED:
        if name not in items.column_names or items[name].null_count:
            raise ValueError(f"items of {tenant!r}: expected every row to have {name!r}")
    n_repeated = items.num_rows - pc.count_distinct(items["item_id"]).as_py()
    if n_repeated:
        raise ValueError(f"items of {tenant!r}: {n_repeated} rows repeat the item_id of another, expected each once")
    return pa.table([_column(items, field, tenant) for field in SCHEMA], schema=SCHEMA)


def _column(items: pa.Table, field: pa.Field, tenant: str) -> pa.ChunkedArray | pa.Array:
    if field.name == "tenant":
        return pa.repeat(pa.scalar(tenant, pa.string()), items.num_rows)
    if field.name not in items.column_names:
        column = pa.nulls(items.num_rows, field.type)
    else:
        column = items[field.name].cast(field.type)
    return pc.fill_null(column, pa.scalar([], field.type)) if field.name in _LISTS else column
