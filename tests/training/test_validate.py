import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from recommndr.tenancy import TenantPolicy
from recommndr_training import validate
from recommndr_training.params import DataParams
from tests.training.orders import CUT_S, Order, table

DATA = DataParams(
    tenant="grocer",
    policy=TenantPolicy(),
    currency="USD",
    since=datetime(2017, 1, 1, tzinfo=UTC),
    until=datetime(2018, 1, 2, tzinfo=UTC),
    gate_cut=datetime(2017, 12, 18, tzinfo=UTC),
)
LINES = table([Order("o1", "u1", CUT_S, ("i1", "i2")), Order("o2", "u2", CUT_S + 5.0, ("i1",))])
ITEMS = pd.DataFrame(
    {
        "item_id": ["i1", "i2"],
        "title": ["One", "Two"],
        "category_path": [["A"], ["A", "B"]],
        "brand": ["Maker 1", "Own brand"],
        "price_minor": [100.0, None],
        "currency": ["USD", None],
        "group_id": [None, None],
    }
)


def failures(lines: pd.DataFrame = LINES, items: pd.DataFrame = ITEMS) -> list[str]:
    return [str(failure) for failure in validate.validate(lines, items, DATA)]


def changed(frame: pd.DataFrame, row: int, column: str, value: object) -> pd.DataFrame:
    broken = frame.copy()
    if broken[column].dtype != object:
        broken[column] = broken[column].astype(type(value))
    broken.loc[row, column] = value
    return broken


def test_sound_tables_pass() -> None:
    assert failures() == []


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("item_id", "i9", "lines: item_id column_values_to_be_in_set (value_set ['i1', 'i2']): 1 rows fail: row 1: 'i9'"),
        ("user_id", None, "lines: user_id column_values_to_not_be_null: 1 rows fail: row 1: None"),
        ("user_id", "a\x00b", "lines: user_id column_values_to_match_regex"),
        ("at_s", CUT_S + 40 * 86_400, "lines: at_s column_values_to_be_between"),
        ("at_s", 5.0, "1 rows fail: row 1: 5.0"),
        ("price_minor", -1, "1 rows fail: row 1: -1"),
        ("quantity", 0, "1 rows fail: row 1: 0"),
    ],
)
def test_a_broken_line_is_named_with_row_and_value(column: str, value: object, expected: str) -> None:
    assert any(expected in failure for failure in failures(lines=changed(LINES, 1, column, value)))


def test_a_column_of_another_type_is_named_with_its_type() -> None:
    found = failures(lines=LINES.astype({"quantity": "int64"}))
    assert found == ["lines: quantity column_values_to_be_of_type (type_ int32): found int64"]


def test_a_line_that_is_there_twice_is_named_with_order_and_item() -> None:
    (found,) = failures(lines=pd.concat([LINES, LINES.iloc[[2]]], ignore_index=True))
    twice = (LINES["event_id"].iloc[2], "i1")
    assert found.startswith("lines: ['event_id', 'item_id'] compound_columns_to_be_unique")
    assert found.endswith(f"2 rows fail: row 2: {twice}, row 3: {twice}")


def test_an_order_of_two_shoppers_is_named() -> None:
    (found,) = failures(lines=changed(LINES, 1, "user_id", "u2"))
    assert found == "lines: shoppers_of_order column_values_to_be_between (max_value 1.0): 2 rows fail: row 0: 2, row 1: 2"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("item_id", "i1", "items: item_id column_values_to_be_unique: 2 rows fail: row 0: 'i1', row 1: 'i1'"),
        ("title", "", "items: title column_value_lengths_to_be_between"),
        ("currency", "EUR", "items: currency column_values_to_be_in_set (value_set ['USD']): 1 rows fail: row 1: 'EUR'"),
        ("price_minor", -5.0, "1 rows fail: row 1: -5.0"),
        ("category_path", [], "items: category_depth column_values_to_be_between"),
    ],
)
def test_a_broken_item_is_named_with_row_and_value(column: str, value: object, expected: str) -> None:
    broken = ITEMS.copy()
    broken.at[1, column] = value
    assert any(expected in failure for failure in failures(items=broken))


def test_many_broken_rows_are_counted_and_the_first_ten_named() -> None:
    lines = table([Order(f"o{number}", "u1", CUT_S + number, ("i1",)) for number in range(30)]).assign(price_minor=-1)
    (found,) = failures(lines=lines.astype({"price_minor": "int32"}))
    assert "30 rows fail: row 0: -1" in found
    assert found.endswith("row 9: -1, …")


def test_an_empty_table_fails() -> None:
    assert any(found.startswith("lines: the table") for found in failures(lines=LINES.iloc[:0]))


@pytest.mark.parametrize(("price", "status"), [(100, 0), (-100, 1)])
def test_the_stage_stops_the_run_with_status_one_and_says_why(
    price: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = tmp_path / "var" / "tiny" / "prepared"
    prepared.mkdir(parents=True)
    LINES.assign(price_minor=price).astype({"price_minor": "int32"}).to_parquet(prepared / "lines.parquet")
    ITEMS.to_parquet(prepared / "items.parquet")
    monkeypatch.setattr(validate.params, "data", lambda _profile: DATA)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(validate.main)
    outcome = CliRunner().invoke(app, ["--profile", "tiny"])
    assert outcome.exit_code == status
    report = json.loads((tmp_path / "var" / "tiny" / "validate" / "report.json").read_text())
    assert report["failed_expectations"] == status
    assert ("row 0: -100" in outcome.stderr) is bool(status)
