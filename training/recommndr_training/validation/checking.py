"""Runs a suite of Great Expectations on a table and reports failures: rows, values, usual cause and remedy.

An expectation only reads its own columns, but Great Expectations copies the whole table for each one. So each group of columns
is a batch of its own: on ten million rows that takes a third of the time and a fraction of the memory of one wide batch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults, ProgressBarsConfig

# So many rows may fail where a share is tolerated: in a small table, one row of chance is a large share.
FEW_ROWS = 5
ROWS_NAMED = 10  # listed for each failed expectation; the count covers all
_NARROW_FROM = 100_000  # rows; a batch costs some 50 ms, which does not pay for small tables
_RESULT_FORMAT = {
    "result_format": "SUMMARY",
    "partial_unexpected_count": ROWS_NAMED,
    "return_unexpected_index_query": False,
}
_TOLERATED = "tolerated_share"
_NOT_BOUNDS = {"batch_id", "column", "column_A", "column_B", "column_list", "row_condition", "ignore_row_if", "or_equal"}
Row = int | str  # a row of the file, or the name of what the row stands for: an entity, a day, a column
Context = Mapping[str, Any]  # further values that identify a row


@dataclass(frozen=True, slots=True)
class Table:
    """The table that a suite checks; the index of `frame` names its rows."""

    name: str
    frame: pd.DataFrame
    context: Callable[[Any], Context] = lambda _: {}  # of one row, so that its owner can find it in the source


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A failing row and its value."""

    row: Row
    value: Any
    context: Context

    def __str__(self) -> str:
        known = ", ".join(f"{name} {value!r}" for name, value in self.context.items())
        name = f"row {self.row}" if isinstance(self.row, int) else self.row
        return f"{name}: {self.value!r}" + (f" ({known})" if known else "")


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that fails, and where."""

    table: str
    expected: str
    n_rows: int  # failing rows; 0 if the expectation is about the table as a whole
    n_checked: int
    rows: tuple[NamedRow, ...]  # the first few
    found: str  # the observed value, for expectations about the table as a whole
    cause: str
    cure: str
    stops: bool  # False: a warning

    def __str__(self) -> str:
        count = f"{self.n_rows:,} of {self.n_checked:,} rows fail" if self.n_rows else self.found
        more = ["  …"] if self.n_rows > len(self.rows) else []
        why = [f"  cause: {self.cause}", f"  cure: {self.cure}"] if self.cause else []
        head = f"{'' if self.stops else 'warning: '}{self.table}: {self.expected}: {count}"
        return "\n".join([head, *(f"  {row}" for row in self.rows), *more, *why])


@dataclass(frozen=True, slots=True)
class Checked:
    """A suite's outcome: as Great Expectations' result for data docs, and as failures for people."""

    suite: gx.ExpectationSuite
    result: Any  # gx ExpectationSuiteValidationResult
    failures: tuple[Failure, ...]


def because(cause: str, cure: str) -> dict[str, Any]:
    """The usual cause of a failure and its remedy, as a keyword of an expectation; data docs and reports show both."""
    return {"notes": [cause, cure]}


def tolerating(share: float) -> dict[str, Any]:
    """Failures of up to this share of the rows are a warning, as a keyword of an expectation."""
    return {"meta": {_TOLERATED: share}}


def check(table: Table, expectations: Sequence[gxe.Expectation], narrow_from: int = _NARROW_FROM) -> Checked:
    """Run `expectations` on `table`; with `narrow_from` rows or more, each group of columns is a batch of its own."""
    source = quiet_context().data_sources.add_pandas(table.name)
    batches = source.add_dataframe_asset(table.name).add_batch_definition_whole_dataframe(table.name)
    parts = []
    for columns, members in _groups(expectations, len(table.frame) >= narrow_from).items():
        frame = table.frame[[column for column in columns if column in table.frame]] if columns else table.frame
        suite = gx.ExpectationSuite(table.name, expectations=members)
        parts.append(batches.get_batch({"dataframe": frame}).validate(suite, result_format=_RESULT_FORMAT))
    result = _together(table.name, parts)
    failures = tuple(_failure(table, one) for one in result.results if not one.success)
    suite = gx.ExpectationSuite(table.name, expectations=[one.expectation_config.to_domain_obj() for one in result.results])
    return Checked(suite, result, failures)


def quiet_context() -> Any:
    """A Great Expectations context in memory without progress bars."""
    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)  # otherwise each context makes a folder under /tmp
    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=stores))
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _groups(expectations: Iterable[gxe.Expectation], narrow: bool) -> dict[tuple[str, ...], list[gxe.Expectation]]:
    """Expectations by the columns they read; unless `narrow`, all in one group without columns, which means the whole table."""
    groups: dict[tuple[str, ...], list[gxe.Expectation]] = {}
    for expectation in expectations:
        columns = _columns(expectation.configuration.kwargs) if narrow else ()
        groups.setdefault(columns, []).append(expectation)
    return groups


def _columns(kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    named = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    condition = kwargs.get("row_condition")
    conditional = [condition["column"]["name"]] if condition else []
    return tuple(dict.fromkeys([*named, *kwargs.get("column_list", ()), *conditional]))


def _together(name: str, parts: Sequence[Any]) -> Any:
    """The results of all parts merged into one; their figures are not changed."""
    results = [one for part in parts for one in part.results]
    n_met = sum(one.success for one in results)
    statistics = {
        "evaluated_expectations": len(results),
        "successful_expectations": n_met,
        "unsuccessful_expectations": len(results) - n_met,
        "success_percent": 100.0 * n_met / len(results) if results else None,
    }
    return gx.core.ExpectationSuiteValidationResult(
        success=n_met == len(results), results=results, suite_name=name, statistics=statistics, meta=dict(parts[0].meta)
    )


def _failure(table: Table, result: Any) -> Failure:
    config, figures = result.expectation_config, result.result
    rows = figures.get("partial_unexpected_index_list") or []
    values = figures.get("partial_unexpected_list") or []
    cause, cure = config.notes or ("", "")
    n_rows, n_checked = figures.get("unexpected_count") or 0, figures.get("element_count") or len(table.frame)
    return Failure(
        table=table.name,
        expected=_expected(config),
        n_rows=n_rows,
        n_checked=n_checked,
        rows=tuple(NamedRow(row, _plain(value), table.context(row)) for row, value in zip(rows, values, strict=False)),
        found=_first_message(result.exception_info) or f"found {figures.get('observed_value')}",
        cause=cause,
        cure=cure,
        stops=_stops(config, n_rows, n_checked),
    )


def _stops(config: Any, n_rows: int, n_checked: int) -> bool:
    if str(getattr(config.severity, "value", config.severity)) == "warning":
        return False
    share = (config.meta or {}).get(_TOLERATED)
    return share is None or not n_rows or n_rows > max(FEW_ROWS, share * n_checked)


def _expected(config: Any) -> str:
    kwargs = config.kwargs
    columns = _columns(kwargs)
    shown = {key: _short(value) for key, value in kwargs.items() if key not in _NOT_BOUNDS}
    if condition := kwargs.get("row_condition"):
        shown["where"] = f"{condition['column']['name']} {condition['operator']} {condition['parameter']}"
    bounds = ", ".join(f"{key} {value}" for key, value in shown.items())
    what = config.type.removeprefix("expect_").replace("_", " ")
    return f"{', '.join(columns) or 'the table'}: {what}" + (f" ({bounds})" if bounds else "")


def _short(value: Any) -> Any:
    return f"of {len(value)} values" if isinstance(value, list) and len(value) > ROWS_NAMED else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return tuple(_plain(part) for part in value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    plain = value.item() if hasattr(value, "item") else value
    return None if pd.api.types.is_scalar(plain) and pd.isna(plain) else plain


def _first_message(info: Mapping[str, Any] | None) -> str:
    for value in [info, *(info or {}).values()]:
        if isinstance(value, Mapping) and value.get("exception_message"):
            return str(value["exception_message"])
    return ""
