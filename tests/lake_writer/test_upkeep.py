"""Upkeep joins what changed, loses nothing that is added meanwhile, and deletes only what no reader needs."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from recommndr.events import decode
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import upkeep as module
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.files import event_files
from recommndr_lake_writer.lake import events_dir, read_events, rows_of, table_of
from recommndr_lake_writer.read_part import ReadPart
from recommndr_lake_writer.upkeep import FILE_BYTES, MANY_FILES, changed
from tests.lake_writer.housekeeping import upkeep
from tests.lake_writer.topic import NOW, TOPIC, event_bytes

RECEIVED_ON = (NOW + timedelta(days=1)).date()
DURING = datetime(RECEIVED_ON.year, RECEIVED_ON.month, RECEIVED_ON.day, 20, tzinfo=UTC)
TODAY = date(2026, 3, 9)


def rows(value: bytes, offset: int = 0) -> pa.Table:
    return table_of(rows_of(decode(value), TenantPolicy(), 0, offset))


def written(lake: Path, *values: bytes) -> EventsTable:
    """A commit for each event."""
    table = EventsTable(lake)
    for offset, value in enumerate(values):
        table.append(rows(value, offset), {(TOPIC, 0): ReadPart(offset - 1 if offset else None, offset)})
    return table


def test_offsets_and_events_stay_and_repeats_go(tmp_path: Path) -> None:
    written(tmp_path, *(event_bytes(n % 5 + 1) for n in range(12)))
    before = read_events(tmp_path, "grocer")
    assert upkeep(tmp_path).compact() == 2 * (12 - 5)
    table = EventsTable(tmp_path)
    assert (table.last_offset((TOPIC, 0)), table.last_offset((TOPIC, 1))) == (11, None)
    assert read_events(tmp_path, "grocer").equals(before)
    assert DeltaTable(events_dir(tmp_path)).to_pyarrow_table().num_rows == before.num_rows
    assert (upkeep(tmp_path).compact(), len(event_files(tmp_path))) == (0, 1)


def test_an_unchanged_partition_is_neither_read_nor_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = written(tmp_path, *(event_bytes(1 + n, received_s=86_400.0 * (n // 2)) for n in range(10)))
    upkeep(tmp_path).compact()
    at, opened, really = DeltaTable(events_dir(tmp_path)).version(), [], DeltaTable.to_pyarrow_dataset
    monkeypatch.setattr(DeltaTable, "to_pyarrow_dataset", lambda *a, **o: opened.append(1) or really(*a, **o))
    upkeep(tmp_path).compact()
    assert (DeltaTable(events_dir(tmp_path)).version(), opened) == (at, [])
    table.refresh()
    table.append(rows(event_bytes(50), 10), {(TOPIC, 0): ReadPart(9, 10)})
    upkeep(tmp_path).compact()
    added = {file.day for file in event_files(tmp_path)}
    assert (len(opened), len(added), len(event_files(tmp_path))) == (1, 5, 5)


def test_todays_files_are_joined_only_when_they_are_many_and_keep_repeats(tmp_path: Path) -> None:
    table = written(tmp_path, *(event_bytes(1 + n // 2) for n in range(MANY_FILES - 1)))
    upkeep(tmp_path, DURING).compact()
    assert len(event_files(tmp_path)) == MANY_FILES - 1
    last = MANY_FILES - 1
    table.append(rows(event_bytes(99), last), {(TOPIC, 0): ReadPart(last - 1, last)})
    assert upkeep(tmp_path, DURING).compact() == 0
    assert [file.n_rows for file in event_files(tmp_path)] == [2 * MANY_FILES]


def test_what_the_writer_adds_while_files_are_joined_stays_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = written(tmp_path, *(event_bytes(n) for n in range(1, 4)))
    really = module.first_of_each_event

    def meanwhile(records: pa.Table) -> pa.Table:
        offset = (table.last_offset((TOPIC, 0)) or 0) + 1
        table.append(rows(event_bytes(offset + 1), offset), {(TOPIC, 0): ReadPart(offset - 1, offset)})
        return really(records)

    monkeypatch.setattr(module, "first_of_each_event", meanwhile)
    upkeep(tmp_path).compact()
    assert set(read_events(tmp_path, "grocer")["event_id"].to_pylist()) == {str(UUID(int=n)) for n in range(1, 5)}


@pytest.mark.parametrize(("received_s", "n_removed"), [(0.0, 0), (86_400.0, 4)])
def test_repeats_stay_when_something_is_added_to_their_day_meanwhile_and_not_when_to_another(
    received_s: float, n_removed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, *(event_bytes(n) for n in (1, 1, 2, 2)))
    really, others = module.write_deltalake, [rows(event_bytes(9, received_s=received_s), 99)]

    def meanwhile(*arguments: Any, **options: Any) -> None:
        for other in [others.pop()] if others else []:
            EventsTable(tmp_path).append(other, {})
        really(*arguments, **options)

    monkeypatch.setattr(module, "write_deltalake", meanwhile)
    assert upkeep(tmp_path).compact() == n_removed
    assert {row["event_id"] for row in read_events(tmp_path, "grocer").to_pylist()} == {str(UUID(int=n)) for n in (1, 2, 9)}


def test_vacuum_deletes_replaced_and_orphaned_files_after_the_retention_only(tmp_path: Path) -> None:
    written(tmp_path, *(event_bytes(n) for n in range(1, 6)))
    orphan = tmp_path / "events/tenant=grocer/received_on=2026-03-02/part-of-a-commit-that-never-came.parquet"
    orphan.write_bytes(b"")
    keeper = upkeep(tmp_path)
    keeper.compact()
    stored = [*(tmp_path / "events").rglob("*.parquet")]
    keeper.vacuum()
    assert {path for path in stored if path.exists()} == set(stored)
    for path in stored:
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 200 * 3_600))
    before = read_events(tmp_path, "grocer")
    keeper.vacuum()
    assert not orphan.exists()
    assert read_events(tmp_path, "grocer").equals(before)
    assert EventsTable(tmp_path).last_offset((TOPIC, 0)) == 4


def test_who_does_not_lead_leaves_the_lake_alone(tmp_path: Path) -> None:
    written(tmp_path, event_bytes(1), event_bytes(2))
    keeper = upkeep(tmp_path)
    keeper.leads = lambda: False
    keeper.step()
    assert len(event_files(tmp_path)) == 2
    keeper.leads = lambda: True
    keeper.step()
    assert len(event_files(tmp_path)) == 1


partitions = st.tuples(st.sampled_from(["books", "grocer"]), st.integers(0, 3), st.booleans())


@given(st.lists(partitions, max_size=120))
def test_changed_are_days_that_are_over_with_two_small_files_and_open_ones_with_many(
    files: list[tuple[str, int, bool]],
) -> None:
    table = pa.table(
        {
            "tenant": pa.array([tenant for tenant, _, _ in files], pa.string()),
            "day": pa.array([TODAY - timedelta(days=ago) for _, ago, _ in files], pa.date32()),
            "size_bytes": pa.array([FILE_BYTES if large else 1 for _, _, large in files], pa.int64()),
        }
    )
    small = [(tenant, TODAY - timedelta(days=ago)) for tenant, ago, large in files if not large]
    expected = {part for part in small if small.count(part) >= (MANY_FILES if part[1] == TODAY else 2)}
    assert changed(table, TODAY) == sorted(expected)
