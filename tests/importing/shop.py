"""A small shop whose log the tests import."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from recommndr.tenancy import TenantPolicy
from recommndr_importing import mapping
from recommndr_importing.shop_import import Order, Outcome, run
from recommndr_lake_writer.lake import read_events

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MAPPING = """
events:
  user_id: user
  item_id: item
  kind: {column: kind, values: {see: view, buy: purchase}}
  time: {column: at, format: epoch_s}
  order_id: {column: order, optional: true}
  quantity: {column: quantity, optional: true}
  price: {column: price, currency: EUR, optional: true}
"""
START_S = 1_700_000_000
COLUMNS = {"user": pa.string(), "item": pa.string(), "kind": pa.string(), "at": pa.int64(), "order": pa.string()}
COLUMNS |= {"quantity": pa.int64(), "price": pa.float64()}


def row(**changes: Any) -> dict[str, Any]:
    """A row of the shop's log that is an event."""
    return {"user": "u1", "item": "i1", "kind": "see", "at": START_S, "order": None, "quantity": 1, "price": 9.5} | changes


def log(*rows: dict[str, Any]) -> pa.Table:
    """The shop's log."""
    return pa.Table.from_pylist(list(rows), pa.schema(COLUMNS.items()))


def order(folder: Path, *logs: pa.Table, text: str = MAPPING, **changes: Any) -> Order:
    """An import of logs into a lake in `folder`."""
    files = []
    for number, table in enumerate(logs):
        pq.write_table(table, path := folder / f"log{number}.parquet")
        files.append(path)
    made = Order(
        event_files=tuple(files),
        item_file=None,
        mapping=mapping.parse(text, "shop.yaml"),
        tenant="boutique",
        policy=TenantPolicy(),
        lake_dir=folder / "lake",
        rejects_path=folder / "rejects.parquet",
        now=NOW,
    )
    return replace(made, **changes)


def silently(what: str, total: int | None) -> AbstractContextManager[Any]:
    """No progress bar."""
    return nullcontext(lambda _: None)


def imported(folder: Path, *logs: pa.Table, **changes: Any) -> Outcome:
    """Import logs into the lake in `folder`."""
    return run(order(folder, *logs, **changes), silently)


def lines(lake: Path) -> list[dict[str, Any]]:
    """The shop's lines in a lake."""
    stored: list[dict[str, Any]] = read_events(lake, "boutique").to_pylist()
    return stored
