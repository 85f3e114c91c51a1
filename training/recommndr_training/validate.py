"""Stage validate: what must hold of the prepared tables (Great Expectations).

A failed suite stops the run and says which rows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import typer

from recommndr.events import MAX_LINES
from recommndr.identity import MAX_ID_BYTES
from recommndr_training import params
from recommndr_training.params import DataParams

_ROWS_NAMED = 10  # of each failed expectation; the count says how many there are
_ID = rf"^[^\x00-\x1f\x7f-\x9f]{{1,{MAX_ID_BYTES}}}$"  # no control characters, as `recommndr.identity` wants it
_MAX_PRICE_MINOR = 10_000_000  # a price above that is a mistake of units in any shop


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that does not hold, and where."""

    table: str
    expected: str
    n_rows: int
    rows: tuple[tuple[int, Any], ...]  # row of the table and its value, the first few
    cause: str = ""

    def __str__(self) -> str:
        named = ", ".join(f"row {row}: {value!r}" for row, value in self.rows)
        more = ", …" if self.n_rows > len(self.rows) else ""
        where = f"{self.n_rows} rows fail: {named}{more}" if self.n_rows else self.cause
        return f"{self.table}: {self.expected}: {where}"


def lines_suite(data: DataParams, item_ids: Sequence[str]) -> list[gxe.Expectation]:
    """What must hold of order lines; `item_ids` are those the catalogue knows."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1),
        *_ids("user_id", "item_id", "event_id"),
        gxe.ExpectColumnValuesToBeInSet(column="item_id", value_set=list(item_ids)),
        gxe.ExpectColumnValuesToBeOfType(column="at_s", type_="float64"),
        gxe.ExpectColumnValuesToNotBeNull(column="at_s"),
        gxe.ExpectColumnValuesToBeBetween(
            column="at_s", min_value=data.since.timestamp(), max_value=data.until.timestamp(), strict_max=True
        ),
        gxe.ExpectColumnValuesToBeOfType(column="quantity", type_="int32"),
        gxe.ExpectColumnValuesToBeBetween(column="quantity", min_value=1, max_value=1_000_000),
        gxe.ExpectColumnValuesToBeOfType(column="price_minor", type_="int32"),
        gxe.ExpectColumnValuesToBeBetween(column="price_minor", min_value=0, max_value=_MAX_PRICE_MINOR),
        gxe.ExpectCompoundColumnsToBeUnique(column_list=["event_id", "item_id"]),
        gxe.ExpectColumnValuesToBeBetween(column="lines_of_order", max_value=MAX_LINES),
        gxe.ExpectColumnValuesToBeBetween(column="shoppers_of_order", max_value=1),
        gxe.ExpectColumnValuesToBeBetween(column="instants_of_order", max_value=1),
    ]


def items_suite(currency: str) -> list[gxe.Expectation]:
    """What must hold of the catalogue's items."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1),
        *_ids("item_id"),
        gxe.ExpectColumnValuesToBeUnique(column="item_id"),
        gxe.ExpectColumnValuesToBeOfType(column="title", type_="str"),
        gxe.ExpectColumnValueLengthsToBeBetween(column="title", min_value=1, max_value=512),
        gxe.ExpectColumnValuesToBeBetween(column="category_depth", min_value=1, max_value=8),
        gxe.ExpectColumnValueLengthsToBeBetween(column="brand", min_value=1, max_value=128),
        gxe.ExpectColumnValuesToBeBetween(column="price_minor", min_value=0, max_value=_MAX_PRICE_MINOR),
        gxe.ExpectColumnValuesToBeInSet(column="currency", value_set=[currency]),
    ]


def _ids(*columns: str) -> list[gxe.Expectation]:
    return [
        expectation
        for column in columns
        for expectation in (
            gxe.ExpectColumnValuesToNotBeNull(column=column),
            gxe.ExpectColumnValuesToBeOfType(column=column, type_="str"),
            gxe.ExpectColumnValuesToMatchRegex(column=column, regex=_ID),
        )
    ]


def with_order_figures(lines: pd.DataFrame) -> pd.DataFrame:
    """`lines` with what their order says as a whole, so that an expectation can name its rows."""
    orders = lines.groupby("event_id", sort=False)
    return lines.assign(
        lines_of_order=orders["item_id"].transform("size"),
        shoppers_of_order=orders["user_id"].transform("nunique"),
        instants_of_order=orders["at_s"].transform("nunique"),
    )


def check(table: str, frame: pd.DataFrame, suite: Sequence[gxe.Expectation]) -> list[Failure]:
    """Every expectation of `suite` that `frame` does not meet."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
    batch = context.data_sources.add_pandas(table).add_dataframe_asset(table).add_batch_definition_whole_dataframe(table)
    outcome = batch.get_batch({"dataframe": frame.reset_index(drop=True)}).validate(
        gx.ExpectationSuite(table, expectations=list(suite)), result_format={"result_format": "COMPLETE"}
    )
    return [_failure(table, frame, result) for result in outcome.results if not result.success]


def _failure(table: str, frame: pd.DataFrame, result: Any) -> Failure:
    kwargs = {key: value for key, value in result.expectation_config.kwargs.items() if key != "batch_id"}
    columns = kwargs.pop("column", None) or kwargs.pop("column_list", None) or "the table"
    bounds = ", ".join(f"{key} {_short(value)}" for key, value in kwargs.items())
    expected = f"{columns} {result.expectation_config.type.removeprefix('expect_')}" + (f" ({bounds})" if bounds else "")
    rows = result.result.get("unexpected_index_list") or []
    values = frame[columns] if isinstance(columns, list) or columns in frame else frame
    return Failure(
        table=table,
        expected=expected,
        n_rows=len(rows),
        rows=tuple((row, _value(values, row)) for row in rows[:_ROWS_NAMED]),
        cause=_cause(result),
    )


def _short(value: Any) -> Any:
    return f"of {len(value)} values" if isinstance(value, list) and len(value) > _ROWS_NAMED else value


def _value(values: Any, row: int) -> Any:
    value = values.iloc[row]
    return tuple(value) if isinstance(value, pd.Series) else getattr(value, "item", lambda: value)()


def _cause(result: Any) -> str:
    raised = _first_message(result.exception_info)
    return raised or f"found {result.result.get('observed_value')}"


def _first_message(info: Mapping[str, Any] | None) -> str:
    for value in [info, *(info or {}).values()]:
        if isinstance(value, Mapping) and value.get("exception_message"):
            return str(value["exception_message"])
    return ""


def validate(lines: pd.DataFrame, items: pd.DataFrame, data: DataParams) -> list[Failure]:
    """All failures of both tables; none means they may be trained on."""
    depth = items.assign(category_depth=[0 if path is None else len(path) for path in items["category_path"]])
    return check("items", depth, items_suite(data.currency)) + check(
        "lines", with_order_figures(lines), lines_suite(data, items["item_id"].tolist())
    )


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Check the prepared tables of a profile; exit status 1 and the rows when they must not be trained on."""
    directory = params.profile_dir(profile)
    lines = pd.read_parquet(directory / "prepared" / "lines.parquet")
    items = pd.read_parquet(directory / "prepared" / "items.parquet")
    failures = validate(lines, items, params.data(profile))
    write_report(directory / "validate" / "report.json", failures, {"lines": len(lines), "items": len(items)})
    for failure in failures:
        typer.echo(str(failure), err=True)
    if failures:
        typer.echo(f"{len(failures)} expectations failed: the run stops; mend the source or the import", err=True)
        raise typer.Exit(1)


def write_report(path: Path, failures: Sequence[Failure], n_rows: Mapping[str, int]) -> None:
    """Write how many rows were checked and what failed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {"rows": dict(n_rows), "failed_expectations": len(failures), "failures": [str(failure) for failure in failures]}
    path.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
