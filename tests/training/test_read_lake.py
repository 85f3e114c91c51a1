"""What a lake holds of a shop becomes the prepared tables: nothing of the future, nothing lost without a count."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.items import SCHEMA as ITEMS
from recommndr_lake_writer.items import write_items
from recommndr_lake_writer.lake import SCHEMA as EVENTS
from recommndr_training import params
from recommndr_training.data import claims, read_lake, split
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.prepared import ITEMS_SCHEMA, write
from recommndr_training.data.read_lake import prepare
from recommndr_training.judging import evaluation_report
from recommndr_training.params import DataParams
from tests.lake_writer.earlier import earlier_lake

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
    rows = [line("1", "a"), line("2", None, kind="search"), line("3", None, kind="search"), line("4", None)]
    prepared = prepare(events(*rows), items("a"), DATA)
    assert prepared.lines["event_id"].tolist() == ["1"]
    found = {name: n for name, n in prepared.counts.items() if name.startswith("rejected_without_item")}
    assert found == {
        "rejected_without_item": 3,
        "rejected_without_item_search": 2,
        "rejected_without_item_view": 1,
    }


def test_what_robots_do_is_left_out_and_counted_by_doubt() -> None:
    rows = [line("1", "a"), line("2", "a", doubt="robot"), line("3", "a", doubt="robot"), line("4", "a", doubt="repeated")]
    prepared = prepare(events(*rows), items("a"), DATA)
    assert prepared.lines["event_id"].tolist() == ["1"]
    assert {name: n for name, n in prepared.counts.items() if "doubt" in name} == {
        "rejected_in_doubt": 3,
        "rejected_in_doubt_repeated": 1,
        "rejected_in_doubt_robot": 2,
    }
    assert not any("doubt" in name for name in prepare(events(rows[0]), items("a"), DATA).counts)


def test_what_lies_outside_the_period_is_counted_with_its_first_and_last_instant() -> None:
    rows = [line("1", "a", days=-365), line("2", "a", days=-366), line("3", "a", days=365), line("4", None, days=9_999)]
    prepared = prepare(events(*rows), items("a"), DATA)
    assert prepared.lines["event_id"].tolist() == ["1"]
    assert (prepared.counts["rejected_outside_period"], prepared.counts["rejected_without_item"]) == (3, 0)
    ends = [prepared.counts[f"outside_period_{end}_s"] for end in ("earliest", "latest")]
    assert ends == [(CUT + timedelta(days=days)).timestamp() for days in (-366, 9_999)]


@pytest.mark.parametrize("rule", ["drop", "keep"])
def test_a_log_that_lies_outside_altogether_is_prepared_as_an_empty_one(rule: Any) -> None:
    prepared = prepare(events(line("1", "a", days=999)), items("a"), replace(DATA, unknown_items=rule))
    assert (len(prepared.lines), prepared.counts["rejected_outside_period"], prepared.counts["kept"]) == (0, 1, 0)


def test_the_stage_reads_the_whole_lake_the_future_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(read_lake.params, "data", lambda _profile: DATA)
    rows = [line("1", "a"), line("2", "a", days=366), line("3", "a", days=-4_000)]
    rows.append(line("4", "a", kind="purchase", sender="browser"))
    dated = [row | {"received_on": row["received_at"].date(), "line_no": 0} for row in rows]
    EventsTable(Path("var/tiny/lake")).append(events(*dated), {})
    write_items(Path("var/tiny/lake"), "bakery", items("a", tenant="bakery"))
    read_lake.main("tiny")
    counts = json.loads(Path("var/tiny/prepared/rejected.json").read_text())
    assert (counts["rows"], counts["rejected_outside_period"], counts["kept"]) == (4, 2, 1)
    assert counts["rejected_from_browsers"] == 1  # DATA's policy takes no orders from browsers


def test_logins_of_the_period_have_a_table_of_their_own_and_are_split_by_when_they_were_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(params, "data", lambda _profile: DATA)
    login = {"kind": "identify", "guest_id": "g", "quantity": None}
    rows = [line("1", "a"), line("2", None, **login), line("3", None, days=-4_000, **login)]
    rows += [line("4", None, days=-0.5, **login | {"received_at": CUT}), line("5", None, kind="search")]
    dated = [row | {"received_on": row["received_at"].date(), "line_no": 0} for row in rows]
    EventsTable(Path("var/tiny/lake")).append(events(*dated), {})
    write_items(Path("var/tiny/lake"), "bakery", items("a", tenant="bakery"))
    read_lake.main("tiny")
    split.main("tiny")
    found = {name: pa.parquet.read_table(f"var/tiny/{name}/logins.parquet").to_pylist() for name in ("prepared", "split")}
    assert [one["event_id"] for one in found["prepared"]] == ["2", "4"]
    assert [(one["event_id"], one["user_id"], one["guest_id"]) for one in found["split"]] == [("2", "u", "g")]


def test_equal_logs_give_equal_tables_however_the_lake_is_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a lake of an earlier release, in one of today, in files of any size: lines come in the order of their events."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(read_lake.params, "data", lambda _profile: DATA)
    late = [
        line(f"{n:03}", f"i{n % 7}", days=-0.3 * n, user_id=f"u{n % 5}", received_at=CUT - timedelta(days=0.3 * n - n % 11))
        for n in range(60)
    ]
    rows = events(*(row | {"received_on": row["received_at"].date(), "line_no": 0} for row in late))
    earlier_lake(Path("var/earlier/lake"), rows)
    EventsTable(Path("var/today/lake")).append(rows, {})
    for start in range(0, 60, 7):
        EventsTable(Path("var/split/lake")).append(rows.slice(start, 7), {})
    found = []
    for name in ("earlier", "today", "split"):
        write_items(Path(f"var/{name}/lake"), "bakery", items(*(f"i{n}" for n in range(7)), tenant="bakery"))
        read_lake.main(name)
        found.append({path.name: path.read_bytes() for path in Path(f"var/{name}/prepared").iterdir()})
    assert len(pa.parquet.read_table("var/today/prepared/lines.parquet")) == 60
    assert found[0] == found[1] == found[2]


def orders(*senders: str | None, kind: str = "purchase") -> list[dict[str, Any]]:
    """An order of each sender, and a view that a browser sent."""
    rows = [line(f"{kind} {n}", "a", kind=kind, sender=sender) for n, sender in enumerate(senders)]
    return [*rows, line("view", "a", sender="browser")]


ALLOWED = TenantPolicy(extra_browser_kinds=("purchase",))


@pytest.mark.parametrize("policy", [TenantPolicy(), ALLOWED])
@pytest.mark.parametrize("told", ["server", None])  # None: imports, and rows older than the column
def test_where_the_shops_server_sends_orders_those_of_browsers_are_neither_trained_on_nor_judged_by(
    policy: TenantPolicy, told: str | None
) -> None:
    prepared = prepare(events(*orders("browser", told, "browser")), items("a"), replace(DATA, policy=policy))
    assert sorted(prepared.lines["event_id"]) == ["purchase 1", "view"]
    assert prepared.counts["rejected_from_browsers"] == prepared.counts["rejected_from_browsers_purchase"] == 2
    assert (
        claims.note(prepared.counts, "purchase")
        == "2 lines of kind purchase that only shoppers' browsers reported are left out."
    )


def test_a_shop_that_has_only_what_browsers_report_is_judged_by_it_and_the_table_says_so() -> None:
    rows = events(*orders("browser", "browser"))
    prepared = prepare(rows, items("a"), replace(DATA, policy=ALLOWED))
    assert sorted(prepared.lines["event_id"]) == ["purchase 0", "purchase 1", "view"]
    assert prepared.counts["rejected_from_browsers"] == 0
    table = evaluation_report.table({}, claims.note(prepared.counts, "purchase"))
    assert table.splitlines()[-1].startswith("All 2 lines of kind purchase were reported by shoppers' browsers")
    assert claims.note(prepared.counts, "favorite") is None


def test_orders_that_browsers_may_not_report_are_left_out_even_when_there_are_no_others() -> None:
    prepared = prepare(events(*orders("browser")), items("a"), DATA)
    assert prepared.lines["event_id"].tolist() == ["view"]
    assert prepared.counts["rejected_from_browsers_purchase"] == 1


def test_each_kind_that_a_shop_lets_browsers_report_is_decided_by_itself() -> None:
    policy = TenantPolicy(own_kinds=("apply",), weights={"apply": 3.0}, extra_browser_kinds=("apply", "purchase"))
    rows = [*orders("browser", "server"), *orders("browser", kind="apply")[:1]]
    prepared = prepare(events(*rows), items("a"), replace(DATA, policy=policy))
    assert sorted(prepared.lines["event_id"]) == ["apply 0", "purchase 1", "view"]
    assert (prepared.counts["kept_from_browsers_apply"], prepared.counts["rejected_from_browsers"]) == (1, 1)


def test_without_claims_nothing_is_said_of_them() -> None:
    prepared = prepare(events(*orders("server")), items("a"), DATA)
    assert claims.note(prepared.counts, "purchase") is None
    assert evaluation_report.table({}, None) == evaluation_report.table({})


def test_lines_of_one_event_and_item_are_joined_and_their_quantities_added() -> None:
    rows = [line("1", "a", quantity=2, line_no=0), line("1", "b", line_no=1), line("1", "a", quantity=3, line_no=2)]
    prepared = prepare(events(*rows), items("a", "b"), DATA)
    columns = ["item_id", "quantity", "n_lines"]
    assert prepared.lines[columns].to_numpy().tolist() == [["a", 5, 2], ["b", 1, 1]]
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


def test_an_event_is_known_when_it_was_received_and_not_before_it_happened() -> None:
    received = CUT + timedelta(hours=1)
    lines = prepare(events(line("1", "a", received_at=received), line("2", "a", event_at=CUT)), items("a"), DATA).lines
    assert lines.set_index("event_id")["known_s"].to_dict() == {"1": received.timestamp(), "2": CUT.timestamp()}
