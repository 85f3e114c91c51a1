from pathlib import Path

import pyarrow.parquet as pq

from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.files import event_files, tenants_of
from tests.lake_writer.housekeeping import upkeep
from tests.lake_writer.lines import NOON, Said, lines


def test_live_files_are_those_of_the_log_with_their_tenant_and_day(tmp_path: Path) -> None:
    table = EventsTable(tmp_path)
    said = [Said("u1", "i1"), Said("u1", "i2", hour=24), Said("u2", "i1", tenant="books")]
    for _ in range(2):
        table.append(lines(said), {})
    assert [(file.tenant, file.day.day, file.n_rows) for file in event_files(tmp_path)] == [
        ("books", NOON.day, 1),
        ("books", NOON.day, 1),
        ("shop", NOON.day, 1),
        ("shop", NOON.day, 1),
        ("shop", NOON.day + 1, 1),
        ("shop", NOON.day + 1, 1),
    ]
    upkeep(tmp_path).compact()
    found = event_files(tmp_path)
    assert [(file.tenant, file.day.day) for file in found] == [("books", 1), ("shop", 1), ("shop", 2)]
    assert all(pq.read_metadata(file.path).num_rows == file.n_rows for file in found)
    assert tenants_of(found) == ["books", "shop"]


def test_without_a_lake_there_are_no_files(tmp_path: Path) -> None:
    assert event_files(tmp_path) == []
