from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args
from uuid import UUID

import pyarrow as pa
import pytest
from deltalake.exceptions import DeltaError
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.events import Sender, decode, encode
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import fenced_table
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.files import event_files
from recommndr_lake_writer.lake import (
    EVER_SINCE,
    EVER_UNTIL,
    SCHEMA,
    first_of_each_event,
    iter_events,
    read_events,
    rows_of,
    table_of,
)
from recommndr_lake_writer.read_part import ReadPart
from recommndr_tail.record import PartitionId
from tests.lake_writer.housekeeping import upkeep
from tests.lake_writer.topic import NOW, TOPIC, event_bytes

POLICY = TenantPolicy(weights={"purchase": 7.0})
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def rows(value: bytes, partition: int = 0, offset: int = 0) -> list[dict[str, object]]:
    return rows_of(decode(value), POLICY, partition, offset)


def write(lake: Path, values: list[bytes], first_offset: int = 0) -> EventsTable:
    table = EventsTable(lake)
    found = [row for offset, value in enumerate(values, first_offset) for row in rows(value, 0, offset)]
    after = table.last_offset((TOPIC, 0))
    table.append(table_of(found), {(TOPIC, 0): ReadPart(after, first_offset + len(values) - 1)} if values else {})
    return table


def test_an_event_becomes_one_row_per_line_with_the_tenants_weight() -> None:
    found = rows(event_bytes(3, context={"device": "phone", "country": "DE", "region": "DE-BY"}, session_id="s"), 5, 8)
    assert [(row["line_no"], row["item_id"], row["quantity"], row["price_minor"]) for row in found] == [
        (0, "i3", 1, 199),
        (1, "bread", 2, None),
    ]
    for row in found:
        assert (row["tenant"], row["event_id"], row["kind"], row["user_id"]) == ("grocer", str(UUID(int=3)), "purchase", "u3")
        assert (row["received_on"], row["event_at"]) == (date(2026, 3, 2), NOW + timedelta(seconds=3))
        assert (row["weight"], row["device"], row["session_id"]) == (7.0, "phone", "s")
        assert (row["country"], row["region"]) == ("DE", "DE-BY")
        assert (row["partition"], row["offset"]) == (5, 8)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [({"kind": "search", "query": "milk"}, "query", "milk"), ({"kind": "identify", "guest_id": "g"}, "guest_id", "g")],
)
def test_an_event_without_lines_is_one_row_without_item(changes: dict[str, str], column: str, value: str) -> None:
    (row,) = rows(event_bytes(1, lines=(), **changes))
    assert (row.get("item_id"), row["line_no"], row[column], row["weight"]) == (None, 0, value, 0.0)
    assert table_of([row])["item_id"].to_pylist() == [None]


@pytest.mark.parametrize("sender", get_args(Sender))
def test_who_sent_an_event_stands_in_each_of_its_rows(sender: Sender, tmp_path: Path) -> None:
    write(tmp_path, [encode(decode(event_bytes(3)).model_copy(update={"sender": sender}))])
    assert read_events(tmp_path, "grocer")["sender"].to_pylist() == [sender, sender]


def test_every_column_but_those_of_lines_is_filled_by_name() -> None:
    (search,) = rows(event_bytes(1, lines=(), kind="search", query="q"))
    of_lines = {"item_id", "quantity", "price_minor", "currency", "position"}
    assert set(SCHEMA.names) - of_lines - {"guest_id"} == set(search)


def test_what_was_written_is_read_back_once_in_order(tmp_path: Path) -> None:
    write(tmp_path, [event_bytes(n) for n in (5, 3, 4, 3, 3)])
    found = read_events(tmp_path, "grocer")
    assert found.schema.equals(SCHEMA)
    assert [(row["event_id"], row["line_no"]) for row in found.to_pylist()] == [
        (str(UUID(int=n)), line) for n in (3, 4, 5) for line in (0, 1)
    ]


def test_one_tenant_never_reads_anothers_events(tmp_path: Path) -> None:
    write(tmp_path, [event_bytes(1), event_bytes(1, tenant="books"), event_bytes(2, tenant="books")])
    assert set(read_events(tmp_path, "grocer")["tenant"].to_pylist()) == {"grocer"}
    assert read_events(tmp_path, "books").num_rows == 4
    assert read_events(tmp_path, "nobody").num_rows == 0


def test_a_window_holds_its_beginning_and_not_its_end(tmp_path: Path) -> None:
    write(tmp_path, [event_bytes(n) for n in range(1, 6)])
    found = read_events(tmp_path, "grocer", NOW + timedelta(seconds=2), NOW + timedelta(seconds=4))
    assert sorted(set(found["event_id"].to_pylist())) == [str(UUID(int=2)), str(UUID(int=3))]


def test_windows_side_by_side_hold_every_event_once_even_when_a_repeat_is_filed_later(tmp_path: Path) -> None:
    """A client's clock may run ahead: then event_at is the time received, and a repeat has a later one."""
    ahead = NOW + timedelta(days=1, minutes=2)
    midnight = datetime.fromisoformat("2026-03-02T12:01:00+00:00")
    write(tmp_path, [event_bytes(1, occurred_at=ahead, received_s=s) for s in (0, 90)])
    windows = [read_events(tmp_path, "grocer", until=midnight), read_events(tmp_path, "grocer", since=midnight)]
    assert [window.num_rows for window in windows] == [2, 0]


def test_without_a_lake_there_are_no_events(tmp_path: Path) -> None:
    assert read_events(tmp_path, "grocer").equals(SCHEMA.empty_table())
    assert list(iter_events(tmp_path, "grocer")) == []


@st.composite
def deliveries(draw: st.DrawFn) -> list[bytes]:
    """Records of few events on five days, most of them close to a midnight, some by clocks that run ahead, some twice.

    They come in up to five minutes, or days later.
    """
    times = {
        n: MIDNIGHT + timedelta(days=draw(st.integers(0, 4)), seconds=draw(st.integers(-400, 400)))
        for n in range(1, 1 + draw(st.integers(1, 8)))
    }
    lateness_s = st.integers(-300, 300) | st.integers(1, 9).map(lambda days: days * 86_400)
    delivered = draw(st.lists(st.tuples(st.sampled_from(sorted(times)), lateness_s), max_size=16))
    return [
        event_bytes(n, occurred_at=times[n], received_s=(times[n] - NOW).total_seconds() - 86_400 + after_s)
        for n, after_s in delivered
    ]


def by_hand(values: list[bytes], since: datetime = EVER_SINCE, until: datetime = EVER_UNTIL) -> list[tuple[int, int]]:
    """Offset and line of the first record of each event in the window, ordered by time and event."""
    events = sorted(enumerate(map(decode, values)), key=lambda sent: (sent[1].received_at, sent[0]))
    firsts = {event.event_id: (offset, event) for offset, event in reversed(events)}.values()
    inside = [(event.event_at, str(event.event_id), offset) for offset, event in firsts if since <= event.event_at < until]
    return [(offset, line_no) for _, _, offset in sorted(inside) for line_no in (0, 1)]


@settings(max_examples=40, deadline=None)
@given(deliveries(), st.integers(-400, 400), st.integers(-400, 400), st.data())
def test_whatever_way_the_table_is_written_an_events_time_finds_it_once_and_in_order(
    values: list[bytes], since_s: int, until_s: int, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(values)))
    with TemporaryDirectory() as folder:
        for first_offset, part in ((0, values[:cut]), (cut, values[cut:])):
            write(Path(folder), part, first_offset)
        if data.draw(st.booleans()):
            upkeep(Path(folder)).compact()
        since = MIDNIGHT + timedelta(days=1, seconds=since_s)
        for window in [(), (since,), (since, MIDNIGHT + timedelta(days=2, seconds=until_s))]:
            streamed = list(iter_events(Path(folder), "grocer", *window))
            assert all(len(set(table["event_at"].cast(pa.date32()).to_pylist())) == 1 for table in streamed)
            found = pa.concat_tables([SCHEMA.empty_table(), *streamed])
            assert list(zip(found["offset"].to_pylist(), found["line_no"].to_pylist(), strict=True)) == by_hand(values, *window)
            assert found.equals(read_events(Path(folder), "grocer", *window))


def test_a_client_that_sends_two_thousand_days_makes_one_file_and_is_read_by_day(tmp_path: Path) -> None:
    write(tmp_path, [event_bytes(1 + day, occurred_at=NOW - timedelta(days=day), received_s=3.0) for day in range(2_000)])
    assert len(event_files(tmp_path)) == 1
    days = [table["event_at"][0].as_py().date() for table in iter_events(tmp_path, "grocer")]
    assert days == [date(2026, 3, 1) - timedelta(days=day) for day in reversed(range(2_000))]


def test_a_clock_at_the_end_of_time_does_not_stop_the_stream(tmp_path: Path) -> None:
    ancient = datetime(1, 1, 1, 5, tzinfo=UTC)
    write(tmp_path, [event_bytes(1), event_bytes(2, occurred_at=ancient)])
    assert pa.concat_tables(iter_events(tmp_path, "grocer")).equals(read_events(tmp_path, "grocer"))


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3), st.integers(1, 3)), max_size=20), st.data())
def test_the_first_record_of_each_event_is_kept_whole_in_any_order(
    sent: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    found = []
    for offset, (n, received_s, n_lines) in enumerate(sent):
        lines = tuple({"item_id": f"i{offset}-{line}"} for line in range(n_lines))
        found.append(rows(event_bytes(n, received_s=received_s, lines=lines), offset % 2, offset))
    first: dict[int, tuple[int, int, int, int]] = {}
    for offset, (n, received_s, n_lines) in enumerate(sent):
        first[n] = min(first.get(n, (99, 9, 0, 0)), (received_s, offset % 2, offset, n_lines))
    shuffled = data.draw(st.permutations([row for event in found for row in event]))
    kept = first_of_each_event(table_of(shuffled)).to_pylist()
    assert sorted((row["offset"], row["line_no"]) for row in kept) == sorted(
        (offset, line) for _, _, offset, n_lines in first.values() for line in range(n_lines)
    )


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=20), st.data())
def test_rows_without_a_place_hold_each_line_once_however_often_they_are_written(
    written: list[tuple[int, int]], data: st.DataObject
) -> None:
    """An import has no offsets: orders may be torn between files, and files may overlap."""
    found = [rows(event_bytes(n))[0] | {"partition": None, "offset": None, "line_no": line} for n, line in written]
    again = data.draw(st.permutations(found)) if found else []
    kept = first_of_each_event(table_of([*found, *again])).to_pylist()
    assert sorted((row["event_id"], row["line_no"]) for row in kept) == sorted(
        {(str(UUID(int=n)), line) for n, line in written}
    )


def test_of_an_event_imported_with_two_instants_the_earlier_counts_whole() -> None:
    early, late = ([row | {"partition": None, "offset": None} for row in rows(event_bytes(1, received_s=s))] for s in (0, 60))
    kept = first_of_each_event(table_of([*late, *early[:1]])).to_pylist()
    assert [(row["received_at"], row["line_no"]) for row in kept] == [(NOW + timedelta(days=1), 0)]


def test_an_event_of_a_kind_the_tenant_does_not_have_has_no_weight_and_is_refused_by_name() -> None:
    policy = TenantPolicy(own_kinds=("apply",), weights={"apply": 8.0})
    assert {row["weight"] for row in rows_of(decode(event_bytes(1, kind="apply")), policy, 0, 0)} == {8.0}
    with pytest.raises(ValueError, match="kind 'stare': expected one of"):
        rows_of(decode(event_bytes(1, kind="stare")), policy, 0, 0)


def test_lines_of_days_are_those_of_imports_of_one_tenant(tmp_path: Path) -> None:
    table = write(tmp_path, [event_bytes(1)])
    imports = [row | {"partition": None, "offset": None} for row in rows(event_bytes(2)) + rows(event_bytes(3, tenant="books"))]
    table.append(table_of(imports), {})
    found = table.lines_of_days("grocer", [date(2026, 3, 2)])
    assert found.select(["event_id", "line_no"]).to_pylist() == [{"event_id": str(UUID(int=2)), "line_no": n} for n in (0, 1)]
    assert table.lines_of_days("grocer", [date(2026, 3, 1)]).num_rows == 0


def test_a_value_no_column_can_hold_is_refused() -> None:
    (row, _) = rows(event_bytes(1))
    with pytest.raises(pa.ArrowException):
        table_of([row | {"quantity": "many"}])


def test_a_commit_that_is_there_for_good_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = write(tmp_path, [event_bytes(1)])
    really = fenced_table.write_deltalake

    def committed_then_failed(*arguments: object, **options: object) -> None:
        really(*arguments, **options)  # type: ignore[arg-type, call-overload]
        raise DeltaError("the checkpoint of the log could not be written")

    monkeypatch.setattr(fenced_table, "write_deltalake", committed_then_failed)
    table.append(table_of(rows(event_bytes(2), 0, 1)), {(TOPIC, 0): ReadPart(0, 1)})
    monkeypatch.undo()
    table.append(table_of(rows(event_bytes(3), 0, 2)), {(TOPIC, 0): ReadPart(1, 2)})
    assert table.last_offset((TOPIC, 0)) == 2
    stored = read_events(tmp_path, "grocer", NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert len(set(stored["event_id"].to_pylist())) == 3


@pytest.mark.parametrize("read", [{(TOPIC, 0): ReadPart(0, 1)}, {}])
def test_a_commit_that_is_not_there_raises(
    read: dict[PartitionId, ReadPart], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = write(tmp_path, [event_bytes(1)])

    def failed(*_: object, **__: object) -> None:
        raise DeltaError("the disk is full")

    monkeypatch.setattr(fenced_table, "write_deltalake", failed)
    with pytest.raises(DeltaError, match="full"):
        table.append(table_of(rows(event_bytes(2), 0, 1)), read)
