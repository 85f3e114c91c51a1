"""A lake of an earlier release is read as it is, and rewritten once by whoever writes to it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from recommndr.events import decode
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import repartition as module
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import PARTITION_BY, SCHEMA, events_dir, iter_events, read_events, rows_of, table_of
from recommndr_lake_writer.read_part import ReadPart
from tests.lake_writer.earlier import earlier_lake
from tests.lake_writer.topic import NOW, TOPIC, event_bytes


def rows(*values: bytes, first_offset: int = 0) -> pa.Table:
    events = enumerate(map(decode, values), first_offset)
    return table_of([row for offset, event in events for row in rows_of(event, TenantPolicy(), 0, offset)])


def some_days() -> list[pa.Table]:
    """Events of six days, each received up to three days later, one of them twice."""
    values = [event_bytes(1 + n, occurred_at=NOW - timedelta(days=n), received_s=86_400.0 * (n % 3)) for n in range(6)]
    return [rows(*values), rows(values[2], event_bytes(9, tenant="books"), first_offset=6)]


def test_a_lake_partitioned_by_the_clients_days_gives_the_same_rows_as_one_of_today(tmp_path: Path) -> None:
    earlier_lake(tmp_path / "earlier", *some_days())
    for part in some_days():
        EventsTable(tmp_path / "today").append(part, {})
    for tenant in ("grocer", "books"):
        for window in ((), (NOW - timedelta(days=3),), (NOW - timedelta(days=3), NOW + timedelta(minutes=1))):
            found = read_events(tmp_path / "earlier", tenant, *window)
            assert found.num_rows
            assert found.equals(read_events(tmp_path / "today", tenant, *window))


def test_opening_it_for_writing_rewrites_it_and_keeps_rows_and_offsets(tmp_path: Path) -> None:
    earlier_lake(tmp_path, *some_days())
    before = read_events(tmp_path, "grocer")
    table = EventsTable(tmp_path)
    assert DeltaTable(events_dir(tmp_path)).metadata().partition_columns == PARTITION_BY
    assert table.last_offset((TOPIC, 0)) == 7
    assert read_events(tmp_path, "grocer").equals(before)
    table.append(rows(event_bytes(77)), {(TOPIC, 0): ReadPart(7, 8)})
    assert read_events(tmp_path, "grocer").num_rows == before.num_rows + 2
    version = DeltaTable(events_dir(tmp_path)).version()
    EventsTable(tmp_path)
    assert DeltaTable(events_dir(tmp_path)).version() == version


def test_a_lake_to_which_somebody_appends_meanwhile_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier_lake(tmp_path, *some_days())
    really, write = module._batches, module.write_deltalake

    def meanwhile(stored: Any) -> Any:
        late = rows(event_bytes(80))
        dated = late.append_column("date", late["event_at"].cast(pa.date32())).drop_columns("received_on")
        write(DeltaTable(events_dir(tmp_path)), dated, mode="append")
        return really(stored)

    with monkeypatch.context() as patched:
        patched.setattr(module, "_batches", meanwhile)
        with pytest.raises(DeltaError):
            EventsTable(tmp_path)
    before = read_events(tmp_path, "grocer")
    assert before.num_rows == 2 * 7
    EventsTable(tmp_path)
    assert read_events(tmp_path, "grocer").equals(before)


def test_columns_that_it_lacks_are_read_as_nulls_and_added_by_the_writer(tmp_path: Path) -> None:
    earlier_lake(tmp_path, rows(event_bytes(1, context={"country": "DE"}), event_bytes(1)), lacking=("region", "sender"))
    found = read_events(tmp_path, "grocer")
    assert found.schema.equals(SCHEMA)
    assert (found["region"].to_pylist(), found["country"].to_pylist()) == ([None, None], ["DE", "DE"])
    assert found["sender"].to_pylist() == [None, None]
    assert pa.concat_tables(iter_events(tmp_path, "grocer")).equals(found)
    table = EventsTable(tmp_path)
    assert table.last_offset((TOPIC, 0)) == 1
    table.append(
        rows(event_bytes(2, context={"region": "DE-BY"}), event_bytes(1), first_offset=2), {(TOPIC, 0): ReadPart(1, 3)}
    )
    found = read_events(tmp_path, "grocer")
    assert found.schema.equals(SCHEMA)
    ids = [(row["event_id"][-1], row["region"]) for row in found.to_pylist()]
    assert ids == [("1", None)] * 2 + [("2", "DE-BY")] * 2
