"""A file that is broken in any named way stops the run with its rows named; healthy variations do not."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from recommndr.tenancy import TenantPolicy
from recommndr_training.data import validate
from recommndr_training.params import DataParams
from recommndr_training.validation.checking import Failure
from recommndr_training.validation.limits import Limits
from recommndr_training.validation.verdict import failures_of
from tests.training.prepared_tables import DAY_S, ITEMS, N_DAYS, PER_DAY, START_S, event_id, history, item, items, line, lines

END_S = START_S + N_DAYS * DAY_S
NOW = datetime.fromtimestamp(END_S + 3 * DAY_S, UTC)
DATA = DataParams(
    tenant="grocer",
    policy=TenantPolicy(),
    currency="USD",
    since=datetime.fromtimestamp(START_S, UTC),
    until=datetime.fromtimestamp(END_S, UTC),
    gate_cut=datetime.fromtimestamp(END_S - 14 * DAY_S, UTC),
)
LAST_DAY = "2017-03-11"
FEW = 400  # rows of the tables that are broken row by row


def failures(
    rows: list[dict[str, Any]], of_items: list[dict[str, Any]] = ITEMS, data: DataParams = DATA, now: datetime = NOW
) -> list[Failure]:
    return failures_of(validate.validate(lines(rows), items(of_items), data, now))


def few() -> list[dict[str, Any]]:
    return [line(number, START_S + 60.0 * number) for number in range(FEW)]


# row, what is wrong there, what must be said
BROKEN_LINES: list[tuple[int, dict[str, Any], str]] = [
    (10, {"event_id": None}, "event_id: column values to not be null"),
    (11, {"event_id": "order 12"}, "event_id: column values to be uuids"),
    (20, {"user_id": None}, "user_id: column values to not be null"),
    (21, {"user_id": "a\x00b"}, "user_id: column values to be entity ids"),
    (22, {"user_id": "é" * 65}, "user_id: column values to be entity ids"),
    (30, {"item_id": None}, "item_id: column values to not be null"),
    (31, {"item_id": "i9"}, "item_id, item_id_of_catalogue: column pair values to be equal"),
    (40, {"kind": None}, "kind: column values to not be null"),
    (41, {"kind": "teleport"}, "kind: column values to be in set"),
    (50, {"at_s": None}, "at_s: column values to not be null"),
    (51, {"at_s": START_S - 1.0}, "at_s: column values to be between (min_value"),
    (52, {"at_s": (START_S + 60.0) * 1000.0}, "at_s: column values to be between (min_value"),
    (53, {"at_s": float("inf")}, "at_s: column values to be between (min_value"),
    (54, {"at_s": END_S + 9 * DAY_S}, "at_s: column values to be between (max_value"),
    (60, {"quantity": None}, "quantity: column values to not be null"),
    (61, {"quantity": 0}, "quantity: column values to be between"),
    (70, {"price_minor": -1}, "price_minor: column values to be between"),
    (72, {"price_minor": None, "kind": "purchase"}, "price_minor, kind: column values to not be null"),
    (81, {"event_id": event_id(80), "at_s": START_S + 4800.0, "kind": "purchase"}, "user_id, user_id_of_event"),
    (83, {"event_id": event_id(82), "user_id": "u8", "at_s": START_S + 4920.0, "kind": "purchase"}, "kind, kind_of_event"),
    (85, {"event_id": event_id(84), "user_id": "u10", "kind": "purchase"}, "at_s, at_s_of_event"),
    (90, {**line(89, START_S + 89 * 60.0)}, "event_no, item_id: compound columns to be unique"),
]


# A line or two with such a fault is a warning.
TOLERATED = (
    "item_id, item_id_of_catalogue",
    "quantity: column values to be between",
    "price_minor: column values to be between",
    "price_minor, kind",
)


@pytest.fixture(scope="module")
def broken() -> list[Failure]:
    rows = few()
    for row, wrong, _ in BROKEN_LINES:
        rows[row] |= wrong
    return failures(rows)


@pytest.mark.parametrize(("row", "wrong", "expected"), BROKEN_LINES)
def test_a_broken_line_is_named_with_its_row_its_event_a_cause_and_a_remedy(
    row: int, wrong: dict[str, Any], expected: str, broken: list[Failure]
) -> None:
    (found,) = [failure for failure in broken if failure.expected.startswith(expected)]
    named = {named.row: named for named in found.rows}
    assert row in named
    assert named[row].context["event_id"] == wrong.get("event_id", event_id(row))
    assert found.cause and found.cure and found.table == "events"
    assert found.stops == (not expected.startswith(TOLERATED))
    assert f"  row {row}: " in str(found)


def test_no_other_row_is_named(broken: list[Failure]) -> None:
    wrong = {row for row, _, _ in BROKEN_LINES} | {89}  # whose line is there twice
    assert {named.row for failure in broken for named in failure.rows} <= wrong


def test_values_are_reported_as_they_are(broken: list[Failure]) -> None:
    told = "\n".join(str(failure) for failure in broken)
    assert "row 31: ('i9', None)" in told
    assert "row 61: 0.0 " in told
    assert "at '2016-12-31T23:59:59+00:00'" in told


BROKEN_ITEMS: list[tuple[int, dict[str, Any], str]] = [
    (10, {"item_id": None}, "item_id: column values to not be null"),
    (11, {"item_id": ""}, "item_id: column values to be entity ids"),
    (12, {"item_id": "i13"}, "item_id: column values to be unique"),
    (14, {"title": ""}, "title: column value lengths"),
    (15, {"title": None}, "title: column values to not be null"),
    (16, {"category_path": [str(depth) for depth in range(9)]}, "category_depth: column values to be between"),
    (17, {"brand": ""}, "brand: column value lengths"),
    (18, {"price_minor": -5}, "price_minor: column values to be between"),
    (19, {"currency": "EUR"}, "currency: column values to be in set"),
]


@pytest.fixture(scope="module")
def broken_items() -> list[Failure]:
    rows = [item(number) for number in range(30)]
    for row, wrong, _ in BROKEN_ITEMS:
        rows[row] |= wrong
    return [failure for failure in failures(few(), rows) if failure.table == "items"]


@pytest.mark.parametrize(("row", "wrong", "expected"), BROKEN_ITEMS)
def test_a_broken_item_is_named_with_its_row(
    row: int, wrong: dict[str, Any], expected: str, broken_items: list[Failure]
) -> None:
    (found,) = [failure for failure in broken_items if expected in failure.expected]
    assert row in {named.row for named in found.rows}
    assert found.stops and found.cause and found.cure


def test_a_sound_history_passes() -> None:
    assert failures(history()) == []


def test_unknown_items_pass_up_to_the_share_that_the_data_set_names() -> None:
    rows = few()
    for row in range(100):
        rows[row]["item_id"] = "i9"
    wide = replace(DATA, limits=Limits(unknown_items_share=0.25))
    narrow = replace(DATA, limits=Limits(unknown_items_share=0.24))
    assert [failure.stops for failure in failures(rows, data=wide)] == [False]
    (found,) = failures(rows, data=narrow)
    assert found.stops
    assert (found.n_rows, found.n_checked, len(found.rows)) == (100, FEW, 10)
    assert str(found).splitlines()[-3] == "  …"


@pytest.mark.parametrize(("n_without", "stops"), [(1, False), (5, False), (6, True)])
def test_a_few_purchases_without_a_price_are_a_warning(n_without: int, stops: bool) -> None:
    rows = [row | {"price_minor": None if number < 4 * n_without else 250} for number, row in enumerate(few())]
    (found,) = failures(rows)
    assert (found.n_rows, found.stops) == (n_without, stops)
    assert str(found).startswith("warning: ") != stops


def test_of_many_purchases_a_share_may_lack_a_price() -> None:
    rows = [row | {"price_minor": None if number < 400 else 250} for number, row in enumerate(history())]
    shares = {share: failures(rows, data=replace(DATA, limits=Limits(wrong_amounts_share=share))) for share in (0.05, 0.07)}
    assert {share: [one.stops for one in found] for share, found in shares.items()} == {0.05: [True], 0.07: [False]}


def test_purchases_may_lack_prices_where_the_data_set_has_none() -> None:
    rows = [row | {"price_minor": None} for row in few()]
    assert failures(rows, data=replace(DATA, limits=Limits(purchases_have_prices=False))) == []


def test_a_tenants_own_kind_passes() -> None:
    rows = [row | {"kind": "tasting"} for row in few()]
    assert failures(rows, data=replace(DATA, policy=TenantPolicy(own_kinds=("tasting",), weights={"tasting": 2.0}))) == []


def test_more_lines_than_an_event_may_have_are_refused() -> None:
    catalogue = [item(number) for number in range(501)]
    rows = [line(1, START_S, item_id=f"i{number}") for number in range(501)]
    (found,) = failures(rows, catalogue)
    assert found.expected.startswith("lines_of_event") and found.n_rows == 501
    assert failures(rows[:500], catalogue) == []


def test_a_shop_whose_currency_has_large_numbers_says_so() -> None:
    dear = [*(row | {"price_minor": 250_000_000} for row in few()[:6]), *few()[6:]]
    catalogue = [item(0, price_minor=250_000_000), *ITEMS[1:]]
    found = failures(dear, catalogue)
    assert {failure.table for failure in found} == {"events", "items"}
    assert all("max_price_minor" in failure.cure for failure in found)
    assert failures(dear, catalogue, replace(DATA, limits=Limits(max_price_minor=1_000_000_000))) == []


@pytest.mark.parametrize(
    ("column", "type_", "told"),
    [("quantity", pa.float64(), "double"), ("user_id", pa.int64(), "int64"), ("at_s", pa.string(), "string")],
)
def test_a_column_of_another_type_is_named_with_its_type_and_nothing_else_is_read(
    column: str, type_: pa.DataType, told: str
) -> None:
    sound = lines([line(number, START_S, user_id=str(number)) for number in range(3)])
    place = sound.schema.get_field_index(column)
    wrong = sound.set_column(place, column, sound[column].cast(type_))
    (found,) = failures_of(validate.validate(wrong, items(ITEMS), DATA, NOW))
    assert found.table == "events types" and column in found.expected
    assert found.rows[0].value == told


def test_a_missing_column_is_named() -> None:
    (found,) = failures_of(validate.validate(lines(few()).drop_columns(["kind"]), items(ITEMS), DATA, NOW))
    assert "type: 'no such column'" in str(found) and found.expected.startswith("kind")


def test_an_empty_table_is_refused() -> None:
    assert [failure.expected for failure in failures([])] == ["the table: table row count to be between (min_value 1)"]


def per_day(last: int, days_before: int = 0) -> list[int]:
    """Events by day, of which one day of the last week has `last`."""
    days = [PER_DAY] * N_DAYS
    days[N_DAYS - 1 - days_before] = last
    return days


@pytest.mark.parametrize(("n_events", "column"), [(24, "usual_low"), (401, "usual_high"), (0, "usual_low")])
def test_a_day_of_sudden_volume_is_named(n_events: int, column: str) -> None:
    (found, *_) = failures(history(per_day(n_events)))
    assert found.table == "events by day" and column in found.expected
    assert found.rows[0].row == f"{LAST_DAY} all kinds"
    assert found.rows[0].context["usual_median"] == PER_DAY


def test_a_day_on_which_the_shop_was_shut_is_no_failure_where_it_is_named() -> None:
    days = per_day(0, days_before=2)
    assert failures(history(days)) != []
    assert failures(history(days), data=replace(DATA, limits=Limits(closed_days=("2017-03-09",)))) == []


def test_a_season_and_a_quiet_weekday_pass() -> None:
    growing = [int(PER_DAY * (1.0 + day / N_DAYS * 2.0)) for day in range(N_DAYS)]
    no_saturdays = [0 if day % 7 == 6 else n for day, n in enumerate(growing)]  # the history begins on a Sunday
    assert failures(history(no_saturdays)) == []


def test_a_kind_that_stops_is_named_by_day_and_kind() -> None:
    rows = history([400] * N_DAYS)
    kept = [row for row in rows if row["kind"] == "view" or row["at_s"] < END_S - 2 * DAY_S]
    found = [named.row for failure in failures(kept) for named in failure.rows]
    assert found == ["2017-03-10 purchase", f"{LAST_DAY} purchase"]


def test_a_sudden_change_of_mix_is_named_with_the_kinds_that_moved() -> None:
    rows = history([300] * N_DAYS)
    for row in rows:
        if row["at_s"] >= END_S - 7 * DAY_S and row["kind"] == "view" and row["user_id"] < "u3":
            row["kind"] = "purchase"
    (found,) = [failure for failure in failures(rows) if failure.table == "events by mix"]
    assert [named.row for named in found.rows][:2] == ["kind purchase", "kind view"]
    assert found.rows[0].context["share_before"] == 0.25
    assert failures(rows, data=replace(DATA, limits=Limits(max_mix_psi=2.0))) == []


def test_categories_that_swap_are_named() -> None:
    rows = history([300] * N_DAYS)
    for row in rows:
        if row["at_s"] >= END_S - 7 * DAY_S:
            row["item_id"] = "i1"
    found = [named.row for failure in failures(rows) for named in failure.rows]
    assert set(found) == {"category Pets", "category Garden"}


def test_what_lies_ahead_of_the_clock_is_refused_even_within_the_period() -> None:
    early = datetime.fromtimestamp(START_S + 60.0 * (FEW - 2) + 1.0, UTC)
    (found,) = failures(few(), now=early)
    assert [named.row for named in found.rows] == [FEW - 1]
    assert "in the future" in str(found)


@pytest.mark.parametrize(("price", "status"), [(100, 0), (-100, 1)])
def test_the_stage_stops_the_run_with_status_one_says_why_and_writes_data_docs(
    price: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = tmp_path / "var" / "tiny" / "prepared"
    prepared.mkdir(parents=True)
    rows = [*(row | {"price_minor": price} for row in few()[:6]), *few()[6:]]
    pq.write_table(lines(rows), prepared / "lines.parquet")
    pq.write_table(items(ITEMS), prepared / "items.parquet")
    (prepared / "rejected.json").write_text('{"rows": 400, "kept": 400}')
    monkeypatch.setattr(validate.params, "data", lambda _profile: DATA)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(validate.main)
    outcome = CliRunner().invoke(app, ["--profile", "tiny"])
    assert outcome.exit_code == status
    written = tmp_path / "var" / "tiny" / "validate"
    report = json.loads((written / "report.json").read_text())
    assert report["failed_expectations"] == status
    assert report["rows"] == {"events": FEW, "items": 6}
    pages = {page.stem: page.read_text() for page in written.glob("data_docs/validations/**/*.html")}
    assert set(pages) == {"left out", "items types", "items", "events types", "events", "events by day", "events by mix"}
    assert ("</i> Failed" in pages["events"]) is bool(status)


def test_a_file_that_is_no_parquet_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = tmp_path / "var" / "tiny" / "prepared"
    prepared.mkdir(parents=True)
    for name in ("lines", "items"):
        (prepared / f"{name}.parquet").write_bytes(b"half a file")
    monkeypatch.setattr(validate.params, "data", lambda _profile: DATA)
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(validate.main)
    outcome = CliRunner().invoke(app, ["--profile", "tiny"])
    assert outcome.exit_code == 1
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
