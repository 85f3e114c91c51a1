from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake.exceptions import DeltaError
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_importing import lake_rows
from recommndr_importing.shop_import import TooManyRejects
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import SCHEMA, read_events
from tests.importing.shop import START_S, imported, lines, log, row


def mended(rows: list[dict[str, Any]]) -> pa.Table:
    """The log when the mapping had an hour and a currency wrong."""
    return log(*({**said, "at": said["at"] + 3600, "price": said["price"] * 2} for said in rows))


@settings(max_examples=15, deadline=None)
@given(
    days=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["o1", "o2", None])), min_size=1, max_size=8),
    more_days=st.lists(st.integers(0, 6), max_size=4),
    chunk=st.sampled_from([1, 100]),
)
def test_replacing_leaves_what_an_import_into_an_empty_lake_makes_and_nobody_elses_events(
    days: list[tuple[int, str | None]], more_days: list[int], chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [row(kind="buy", item=f"i{n}", order=o, at=START_S + 86_400 * day) for n, (day, o) in enumerate(days)]
    folder, anew = tmp_path_factory.mktemp("mended"), tmp_path_factory.mktemp("anew")
    imported(folder, log(row()), tenant="books")
    EventsTable(folder / "lake").append(live := from_the_topic(), {})
    imported(folder, log(*rows, *(row(at=START_S + 86_400 * day) for day in more_days)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake_rows, "_CHUNK_LINES", chunk)
        imported(folder, mended(rows), replace=True)
    imported(anew, mended(rows))
    assert [line for line in lines(folder / "lake") if line["offset"] is None] == lines(anew / "lake")
    assert [line for line in lines(folder / "lake") if line["offset"] is not None] == live.to_pylist()
    assert read_events(folder / "lake", "books").num_rows == 1


def from_the_topic() -> pa.Table:
    """A row that the lake's writer brought on a day of the log."""
    at = datetime.fromtimestamp(START_S + 86_400, UTC)
    said: dict[str, Any] = dict.fromkeys(SCHEMA.names) | {"tenant": "boutique", "event_id": "live", "kind": "view"}
    said |= {
        "received_on": at.date(),
        "received_at": at,
        "event_at": at,
        "occurred_at": at,
        "line_no": 0,
        "partition": 0,
        "offset": 7,
    }
    return pa.Table.from_pylist([said], SCHEMA)


def test_an_import_that_is_rejected_replaces_nothing(tmp_path: Path) -> None:
    imported(tmp_path, log(row()))
    before = lines(tmp_path / "lake")
    with pytest.raises(TooManyRejects):
        imported(tmp_path, log(row(kind="shrug")), replace=True)
    assert lines(tmp_path / "lake") == before


def test_a_replacement_that_stops_half_way_loses_nothing_and_is_mended_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(at=START_S + 86_400 * day) for day in range(4)]
    imported(tmp_path, log(*rows))
    written = EventsTable.replace_imported
    calls: list[date] = []

    def fails_at_last(self: EventsTable, tenant: str, rows: pa.Table, after: date, until: date) -> None:
        calls.append(until)
        if len(calls) == 3:
            raise DeltaError("the disk is full")
        written(self, tenant, rows, after, until)

    with monkeypatch.context() as patch:
        patch.setattr(lake_rows, "_CHUNK_LINES", 1)
        patch.setattr(EventsTable, "replace_imported", fails_at_last)
        with pytest.raises(DeltaError):
            imported(tmp_path, mended(rows), replace=True)
    assert [line["price_minor"] for line in lines(tmp_path / "lake")] == [1900, 1900, 950, 950]
    imported(tmp_path, mended(rows), replace=True)
    assert [line["price_minor"] for line in lines(tmp_path / "lake")] == [1900] * 4
