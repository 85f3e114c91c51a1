from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.catalog import CatalogItem
from recommndr_lake_writer.items import SCHEMA, read_items, write_items

IDS = st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20), unique=True, max_size=8)


def catalogue(*item_ids: str, title: str = "Bread") -> pa.Table:
    return pa.table({"item_id": pa.array(item_ids, pa.string()), "title": pa.array([title] * len(item_ids), pa.string())})


def test_an_item_is_read_back_as_it_was_described(tmp_path: Path) -> None:
    item = CatalogItem(
        item_id="i1",  # type: ignore[arg-type]
        title="Bread",
        category_path=("food", "bakery"),
        brand="Own",
        price_minor=199,
        currency="EUR",
        image_url="https://example.org/i1.png",
        tags=("fresh",),
        group_id="g",
        available_from=datetime(2026, 1, 1, tzinfo=UTC),
    )
    write_items(tmp_path, "grocer", pa.Table.from_pylist([item.model_dump()], SCHEMA.remove(0)))
    (row,) = read_items(tmp_path, "grocer").drop_columns("tenant").to_pylist()
    assert CatalogItem.model_validate(row) == item


def test_the_columns_are_the_fields_of_a_catalogue_item() -> None:
    assert set(SCHEMA.names) == {"tenant", *CatalogItem.model_fields}


def test_what_an_item_does_not_say_is_null_and_lists_are_empty(tmp_path: Path) -> None:
    write_items(tmp_path, "grocer", catalogue("i1"))
    stored = read_items(tmp_path, "grocer")
    assert stored.schema.equals(SCHEMA)
    (row,) = stored.to_pylist()
    assert (row["tenant"], row["category_path"], row["tags"]) == ("grocer", [], [])
    assert row["price_minor"] is row["available_from"] is None


@settings(max_examples=10, deadline=None)
@given(first=IDS, second=IDS, others=IDS)
def test_a_tenants_items_are_replaced_together_and_nobody_elses(
    tmp_path_factory: pytest.TempPathFactory, first: list[str], second: list[str], others: list[str]
) -> None:
    lake = tmp_path_factory.mktemp("lake")
    write_items(lake, "books", catalogue(*others))
    for item_ids in (first, second):
        write_items(lake, "grocer", catalogue(*item_ids))
        assert read_items(lake, "grocer")["item_id"].to_pylist() == sorted(item_ids, key=str.encode)
        assert read_items(lake, "books")["item_id"].to_pylist() == sorted(others, key=str.encode)


def test_without_a_lake_there_are_no_items(tmp_path: Path) -> None:
    assert read_items(tmp_path, "grocer").equals(SCHEMA.empty_table())


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (catalogue("i1", "i2", "i1"), "1 rows repeat the item_id"),
        (catalogue("i1").append_column("colour", pa.array(["red"])), r"unknown columns \['colour'\]"),
        (catalogue("i1").drop_columns("title"), "every row to have 'title'"),
        (pa.table({"item_id": [None], "title": ["Bread"]}), "every row to have 'item_id'"),
    ],
)
def test_a_broken_catalogue_is_refused_and_the_old_one_stays(tmp_path: Path, items: pa.Table, said: str) -> None:
    write_items(tmp_path, "grocer", catalogue("old"))
    with pytest.raises(ValueError, match=said):
        write_items(tmp_path, "grocer", items)
    assert read_items(tmp_path, "grocer")["item_id"].to_pylist() == ["old"]


def test_a_tenant_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected 1-32 characters"):
        write_items(tmp_path, "o'reilly", catalogue("i1"))
