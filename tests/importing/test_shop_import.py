from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.events import MAX_LINES
from recommndr_importing import batch
from recommndr_importing.shop_import import TooManyRejects
from recommndr_lake_writer.items import read_items, write_items
from recommndr_lake_writer.lake import SCHEMA, read_events
from tests.importing.shop import MAPPING, START_S, imported, lines, log, row

ROWS = st.fixed_dictionaries(
    {
        "user": st.sampled_from(["u1", "u2", "", None, "x" * 129]),
        "item": st.sampled_from(["i1", "i2", "i3", None, "bad\x07id"]),
        "kind": st.sampled_from(["see", "buy", "shrug", None]),
        "at": st.sampled_from([START_S, START_S + 1, START_S + 86_400, 0, 2_000_000_000, None]),
        "order": st.sampled_from(["o1", "o2", None]),
        "quantity": st.sampled_from([1, 2, 0, -1, None]),
        "price": st.sampled_from([9.5, 0.0, -1.0, None]),
    }
)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=12), data=st.data())
def test_every_row_is_taken_or_rejected_and_neither_order_of_rows_nor_another_import_changes_the_lake(
    rows: list[dict[str, Any]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    table = log(row(user="sure", order=None), *rows)
    outcome = imported(first, table, max_rejects=1.0)
    assert outcome.n_accepted + outcome.rejects.n == outcome.n_rows == table.num_rows
    assert outcome.written.n_lines + outcome.written.n_repeats == outcome.n_accepted
    before = lines(first / "lake")
    assert len(before) == outcome.written.n_lines
    assert len({line["event_id"] for line in before}) == outcome.written.n_events
    again = imported(first, table, max_rejects=1.0)
    assert lines(first / "lake") == before
    assert again.written.n_lines == 0 and again.written.n_known == len(before)
    clean = [accepted for accepted in rows if accepted["order"] is None]  # an order belongs to the user of its first line
    table = log(row(user="sure", order=None), *clean)
    imported(second, table, max_rejects=1.0)
    imported(first := tmp_path_factory.mktemp("shuffled"), log(*data.draw(st.permutations(table.to_pylist()))), max_rejects=1.0)
    assert lines(first / "lake") == lines(second / "lake")


def test_a_row_becomes_a_line_of_the_lake(tmp_path: Path) -> None:
    imported(tmp_path, log(row(kind="buy", quantity=3, price=9.99)))
    stored = read_events(tmp_path / "lake", "boutique")
    assert stored.schema.equals(SCHEMA)
    (line,) = stored.to_pylist()
    assert (line["user_id"], line["item_id"], line["kind"], line["weight"]) == ("u1", "i1", "purchase", 5.0)
    assert (line["quantity"], line["price_minor"], line["currency"]) == (3, 999, "EUR")
    assert line["occurred_at"] == line["received_at"] == line["event_at"]
    assert (line["event_at"].timestamp(), line["received_on"]) == (START_S, line["event_at"].date())
    assert line["partition"] is line["offset"] is None
    assert UUID(line["event_id"]).version == 8


def test_an_order_is_one_event(tmp_path: Path) -> None:
    imported(tmp_path, log(*(row(kind="buy", order="o-7", item=item) for item in ("i1", "i2", "i3"))))
    stored = lines(tmp_path / "lake")
    assert len({line["event_id"] for line in stored}) == 1
    assert len({line["line_no"] for line in stored}) == 3


def test_an_order_torn_between_files_and_minutes_is_one_event_at_its_earliest_line(tmp_path: Path) -> None:
    torn = [row(kind="buy", order="o", item="i1", at=START_S + 60), row(kind="buy", order="o", item="i2")]
    imported(tmp_path, log(torn[0]), log(torn[1]))
    stored = lines(tmp_path / "lake")
    assert {line["event_at"].timestamp() for line in stored} == {START_S}
    assert {line["item_id"] for line in stored} == {"i1", "i2"}


def test_batches_of_any_size_make_the_same_lake(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = [row(kind="buy", order=f"o{n % 3}", item=f"i{n}", at=START_S + 40_000 * (n % 4)) for n in range(12)]
    table = log(*bought, row(), row(kind="shrug"), row(user=None), row(at=START_S + 1))
    found = []
    for size in (1, 5, 100):
        monkeypatch.setattr(batch, "BATCH_ROWS", size)
        outcome = imported(folder := tmp_path_factory.mktemp("shop"), table)
        found.append((lines(folder / "lake"), outcome.rejects.counts, pq.read_table(folder / "rejects.parquet").to_pylist()))
    assert found[0] == found[1] == found[2]
    assert [rejected["_row"] for rejected in found[0][2]] == [14, 15]


def test_files_that_overlap_add_nothing_twice(tmp_path: Path) -> None:
    whole = [row(kind="buy", order="o", item=item) for item in ("i1", "i2", "i3")] + [row(at=START_S + 5)]
    imported(tmp_path, log(*whole))
    before = lines(tmp_path / "lake")
    imported(tmp_path, log(*whole[2:0:-1], whole[3]))
    assert lines(tmp_path / "lake") == before


def test_an_order_has_no_more_lines_than_an_event_may_have_and_always_the_same_ones(tmp_path: Path) -> None:
    long = [row(kind="buy", order="o", item=f"i{n}") for n in range(MAX_LINES + 3)]
    outcome = imported(tmp_path, log(*long, row()))
    assert (outcome.written.n_over, outcome.written.n_lines) == (3, MAX_LINES + 1)
    before = lines(tmp_path / "lake")
    assert imported(tmp_path, log(*long[::-1], row())).written.n_lines == 0
    assert lines(tmp_path / "lake") == before


@pytest.mark.parametrize("turned", [False, True])
def test_an_order_number_of_two_shoppers_is_an_order_of_each(tmp_path: Path, turned: bool) -> None:
    mixed = [row(kind="buy", order="o", user=user, item=item) for user, item in (("u1", "i1"), ("u2", "i2"))]
    outcome = imported(tmp_path, *(log(line) for line in (mixed[::-1] if turned else mixed)))
    assert outcome.rejects.n == 0
    stored = lines(tmp_path / "lake")
    assert sorted((line["user_id"], line["item_id"]) for line in stored) == [("u1", "i1"), ("u2", "i2")]
    assert len({line["event_id"] for line in stored}) == 2


def test_an_order_number_that_is_used_again_years_later_is_another_order_at_its_own_time(tmp_path: Path) -> None:
    years_later = START_S + 2 * 365 * 86_400
    bought = [
        row(kind="buy", order="1", item=item, at=at)
        for item, at in (("i1", START_S), ("i2", years_later), ("i3", START_S + 60))
    ]
    imported(tmp_path, log(*bought), log(bought[1]))
    stored = [(line["item_id"], line["event_at"].timestamp()) for line in lines(tmp_path / "lake")]
    assert sorted(stored) == [("i1", START_S), ("i2", years_later), ("i3", START_S)]
    assert len({line["event_id"] for line in lines(tmp_path / "lake")}) == 2
    assert imported(tmp_path, log(*bought)).written.n_lines == 0


def test_of_rows_that_say_the_same_event_the_same_one_is_kept_in_any_order_of_files(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = MAPPING + "  session_id: {column: session, optional: true}\n"
    logs = [log(row(), row(kind="buy", order="o")).append_column("session", pa.array([name] * 2)) for name in ("s1", "s2")]
    found = []
    for order_of_files in (logs, logs[::-1]):
        imported(folder := tmp_path_factory.mktemp("shop"), *order_of_files, text=text)
        found.append(lines(folder / "lake"))
    assert found[0] == found[1]


def test_tenants_have_other_events_and_keep_their_own(tmp_path: Path) -> None:
    imported(tmp_path, log(row()))
    imported(tmp_path, log(row(), row(item="i2")), tenant="books")
    (mine,) = lines(tmp_path / "lake")
    theirs = read_events(tmp_path / "lake", "books")["event_id"].to_pylist()
    assert len(theirs) == 2
    assert mine["event_id"] not in theirs


def test_a_rejected_row_is_in_the_rejects_file_as_it_was_with_number_and_reason(tmp_path: Path) -> None:
    imported(tmp_path, log(row(), row(kind="shrug", price=1.25), row()))
    (rejected,) = pq.read_table(tmp_path / "rejects.parquet").to_pylist()
    assert (rejected["_file"], rejected["_row"], rejected["_reason"]) == ("log0.parquet", 2, "kind_unknown")
    assert (rejected["kind"], rejected["price"], rejected["at"]) == ("shrug", "1.25", str(START_S))


def test_rejects_may_be_csv(tmp_path: Path) -> None:
    imported(tmp_path, log(row(), row(kind="shrug")), rejects_path=tmp_path / "rejects.csv")
    assert '"log0.parquet",2,"kind_unknown"' in (tmp_path / "rejects.csv").read_text()


@pytest.mark.parametrize("bad", [2, 3])
def test_too_many_rejects_write_nothing_and_say_why(tmp_path: Path, bad: int) -> None:
    rows = [row(kind="shrug")] * bad + [row(item=f"i{n}") for n in range(3 - bad)]
    with pytest.raises(TooManyRejects, match=rf"{bad} of 3 rows rejected .* kind_unknown {bad}"):
        imported(tmp_path, log(*rows))
    assert lines(tmp_path / "lake") == []
    assert pq.read_table(tmp_path / "rejects.parquet").num_rows == bad
    assert not list((tmp_path / "lake").glob(".import-*"))


def test_files_without_rows_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(TooManyRejects, match="no rows"):
        imported(tmp_path, log())


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    outcome = imported(tmp_path, log(row(), row(item="i2"), row(kind="shrug")), dry_run=True)
    assert (outcome.n_accepted, outcome.rejects.counts) == (2, {"kind_unknown": 1})
    assert outcome.rejects.first[0]["kind"] == "shrug"
    assert {path.name for path in tmp_path.iterdir()} == {"log0.parquet"}


ITEMS = "items: {from_events: true, item_id: item, title: title, price: {column: price, currency: EUR}}"


def test_items_are_read_off_the_events_title_by_majority_and_median_price(tmp_path: Path) -> None:
    rows = [row(at=START_S + n, price=price) for n, price in enumerate((1.0, 2.0, 9.0))] + [row(item="i2", price=None)]
    table = log(*rows, row(kind="shrug", item="rejected"))
    table = table.append_column("title", pa.array(["Bread", "Bread ", "Bred", None, "Never"]))
    outcome = imported(tmp_path, table, text=MAPPING + ITEMS)
    assert outcome.n_items == 2
    found = [
        (item["item_id"], item["title"], item["price_minor"], item["currency"])
        for item in read_items(tmp_path / "lake", "boutique").to_pylist()
    ]
    assert found == [("i1", "Bread", 200, "EUR"), ("i2", "i2", None, None)]


def titled(*titles: str | None) -> pa.Table:
    """A log of the items i0, i1, … in which each has a title."""
    table = log(*(row(item=f"i{n}") for n in range(len(titles))))
    return table.append_column("title", pa.array(titles, pa.string()))


def test_items_of_a_part_of_the_log_join_those_of_the_parts_before_and_what_is_said_last_counts(tmp_path: Path) -> None:
    imported(tmp_path, titled("Bread", "Milk", None), text=MAPPING + ITEMS)
    february = titled("Rye bread", None).set_column(6, "price", pa.array([None, 1.0], pa.float64()))
    assert imported(tmp_path, february, text=MAPPING + ITEMS).n_items == 3
    found = read_items(tmp_path / "lake", "boutique").select(["item_id", "title", "price_minor", "currency"]).to_pylist()
    assert [tuple(item.values()) for item in found] == [
        ("i0", "Rye bread", 950, "EUR"),
        ("i1", "Milk", 100, "EUR"),
        ("i2", "i2", 950, "EUR"),
    ]
    imported(tmp_path, february, text=MAPPING + ITEMS, replace=True)
    assert read_items(tmp_path / "lake", "boutique")["title"].to_pylist() == ["Rye bread", "i1"]


def test_an_item_file_goes_before_what_events_say_and_replaces_the_catalogue(tmp_path: Path) -> None:
    write_items(tmp_path / "lake", "boutique", pa.table({"item_id": ["old"], "title": ["Old"]}))
    (tmp_path / "items.csv").write_text("item,title,price\ni1,Bread,1.50\n,Nothing,1\ni1,Rye bread,2.50\n")
    outcome = imported(tmp_path, log(row(), row(item="i2")), text=MAPPING + ITEMS, item_file=tmp_path / "items.csv")
    assert outcome.rejects.counts == {"item_id_missing": 1}
    (item,) = read_items(tmp_path / "lake", "boutique").to_pylist()
    assert (item["item_id"], item["title"], item["price_minor"]) == ("i1", "Rye bread", 250)


def test_an_item_whose_price_does_not_fit_is_kept_without_one_and_counted(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("item,title,price\ni1,Bread,dear\ni2,Roll,-3\ni3,Cake,2.50\n")
    outcome = imported(tmp_path, log(row()), text=MAPPING + ITEMS, item_file=tmp_path / "items.csv")
    found = read_items(tmp_path / "lake", "boutique").sort_by("item_id").select(["item_id", "price_minor", "currency"])
    assert [tuple(item.values()) for item in found.to_pylist()] == [("i1", None, None), ("i2", None, None), ("i3", 250, "EUR")]
    assert outcome.rejects.n == 0 and outcome.noticed.emptied["price of items"] == 2


def test_without_a_word_on_items_the_catalogue_stays(tmp_path: Path) -> None:
    write_items(tmp_path / "lake", "boutique", pa.table({"item_id": ["old"], "title": ["Old"]}))
    assert imported(tmp_path, log(row())).n_items is None
    assert read_items(tmp_path / "lake", "boutique")["item_id"].to_pylist() == ["old"]


@pytest.mark.parametrize(
    ("repeated", "expected"),
    [
        ("first", ("Shirt", "Acme", 3900, ["red"])),
        ("last", ("Linen shirt", "Acme", 2900, ["blue"])),
        ("join", ("Shirt", "Acme", 3900, ["red", "blue"])),
    ],
)
def test_rows_of_one_item_say_it_together_and_what_is_empty_says_nothing(
    tmp_path: Path, repeated: str, expected: tuple[Any, ...]
) -> None:
    (tmp_path / "items.csv").write_text(
        "item,title,brand,price,tags\ni1,Shirt,,39.00,red\ni2,Hat,,,\ni1,,Acme,,red|blue\ni1,Linen shirt,,29.00,blue\ni1,,,,\n"
    )
    text = f"""{MAPPING}
items:
  item_id: item
  title: title
  brand: brand
  price: {{column: price, currency: EUR}}
  tags: {{column: tags, separator: "|"}}
  repeated: {repeated}
"""
    outcome = imported(tmp_path, log(row()), text=text, item_file=tmp_path / "items.csv")
    assert outcome.rejects.n == 0
    shirt, hat = read_items(tmp_path / "lake", "boutique").to_pylist()
    assert (shirt["title"], shirt["brand"], shirt["price_minor"], shirt["tags"]) == expected
    assert (hat["title"], hat["price_minor"], hat["currency"]) == ("Hat", None, None)


def test_items_are_read_off_files_that_call_their_columns_differently(tmp_path: Path) -> None:
    text = MAPPING.replace("item_id: item", "item_id: [item, sku]") + "items: {from_events: true, item_id: [item, sku]}\n"
    other = log(row(item="i2")).rename_columns([name if name != "item" else "sku" for name in log(row()).column_names])
    assert imported(tmp_path, log(row()), other, text=text).n_items == 2


def test_a_catalogue_out_of_events_has_the_usual_price_in_the_usual_currency(tmp_path: Path) -> None:
    text = MAPPING.replace("currency: EUR", "currency: {column: currency}")
    text += "items: {from_events: true, item_id: item, price: {column: price, currency: {column: currency}}}\n"
    prices, currencies = [10.0, 12.0, 1500.0, 1600.0, 11.0], ["EUR", "EUR", "JPY", "JPY", "EUR"]
    table = log(*(row(price=price, at=START_S + n) for n, price in enumerate(prices)))
    imported(tmp_path, table.append_column("currency", pa.array(currencies)), text=text)
    stored = sorted((line["currency"], line["price_minor"]) for line in lines(tmp_path / "lake"))
    assert stored == [("EUR", 1000), ("EUR", 1100), ("EUR", 1200), ("JPY", 1500), ("JPY", 1600)]
    (item,) = read_items(tmp_path / "lake", "boutique").to_pylist()
    assert (item["price_minor"], item["currency"]) == (1100, "EUR")
