"""What a lake holds of a shop becomes the prepared tables: nothing of the future, nothing lost without a count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.items import SCHEMA as ITEMS
from recommndr_lake_writer.lake import SCHEMA as EVENTS
from recommndr_training.params import DataParams
from recommndr_training.prepared import ITEMS_SCHEMA, LINES_SCHEMA, write
from recommndr_training.read_lake import prepare

CUT = datetime(2026, 3, 1, tzinfo=UTC)
DATA = DataParams(
    tenant="bakery",
    policy=TenantPolicy(),
    currency="EUR",
    since=CUT - timedelta(days=365),
    until=CUT + timedelta(days=365),
    gate_cut=CUT,
)


def line(event_id: str, item_id: str | None, days: float = -1.0, **more: Any) -> dict[str, Any]:
    at = CUT + timedelta(days=days)
    row = {"tenant": "bakery", "event_id": event_id, "kind": "view", "user_id": "u", "item_id": item_id, "quantity": 1}
    return row | dict.fromkeys(("occurred_at", "received_at", "event_at"), at) | more


def events(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), EVENTS)


def items(*item_ids: str, **more: Any) -> pa.Table:
    return pa.Table.from_pylist([{"item_id": item_id, "title": item_id.upper()} | more for item_id in item_ids], ITEMS)


def test_a_search_stays_in_the_lake_and_is_counted() -> None:
    prepared = prepare(events(line("1", "a"), line("2", None, kind="search")), items("a"), DATA)
    assert prepared.lines["event_id"].tolist() == ["1"]
    assert prepared.counts["rejected_without_item"] == 1


def test_lines_of_one_event_and_item_are_joined_and_their_quantities_added() -> None:
    rows = [line("1", "a", quantity=2, line_no=0), line("1", "b", line_no=1), line("1", "a", quantity=3, line_no=2)]
    prepared = prepare(events(*rows), items("a", "b"), DATA)
    assert prepared.lines[["item_id", "quantity"]].to_numpy().tolist() == [["a", 5], ["b", 1]]
    assert prepared.counts["joined_same_item_of_an_event"] == 1


@pytest.mark.parametrize(("rule", "kept"), [("drop", ["a"]), ("keep", ["a", "z"])])
def test_items_the_catalogue_lacks_are_dropped_or_named_by_their_id(rule: Any, kept: list[str]) -> None:
    prepared = prepare(events(line("1", "a"), line("2", "z")), items("a"), replace(DATA, unknown_items=rule))
    assert prepared.lines["item_id"].tolist() == kept
    assert prepared.items["item_id"].tolist() == kept
    assert prepared.items["title"].tolist() == ["A", "Item z"][: len(kept)]
    assert prepared.counts["of_items_the_catalogue_lacks"] == 1


def test_where_the_log_tells_prices_none_comes_from_what_is_judged_or_from_the_catalogue() -> None:
    rows = [line("1", "a", price_minor=100), line("2", "a", price_minor=300), line("3", "a", days=1.0, price_minor=900)]
    prepared = prepare(events(*rows, line("4", "b", days=1.0, price_minor=50)), items("a", "b", price_minor=777), DATA)
    assert prepared.items["price_minor"].tolist()[0] == 200
    assert prepared.items["price_minor"].isna().tolist() == [False, True]
    assert prepared.items["currency"].tolist() == ["EUR", None]


def test_where_the_log_tells_none_the_catalogues_price_stands() -> None:
    assert prepare(events(line("1", "a")), items("a", price_minor=777), DATA).items["price_minor"].tolist() == [777]


def test_the_tables_have_the_agreed_columns(tmp_path: Any) -> None:
    write(prepare(events(line("1", "a", device="phone")), items("a", category_path=["x"]), DATA), tmp_path)
    assert pa.parquet.read_schema(tmp_path / "lines.parquet") == LINES_SCHEMA
    assert pa.parquet.read_schema(tmp_path / "items.parquet") == ITEMS_SCHEMA
    (row,) = pa.parquet.read_table(tmp_path / "lines.parquet").to_pylist()
    assert (row["at_s"], row["device"], row["price_minor"]) == ((CUT - timedelta(days=1)).timestamp(), "phone", None)
