"""Compaction of the lake reads little and loses nothing that is added meanwhile."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from deltalake import DeltaTable

from recommndr.events import decode
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import delta
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import read_events, rows_of, table_of
from tests.lake_writer.topic import event_bytes


def rows(value: bytes, offset: int) -> list[dict[str, object]]:
    return rows_of(decode(value), TenantPolicy(), 0, offset)


def written(lake: Path, *values: bytes) -> EventsTable:
    table = EventsTable(lake)
    table.append(table_of([row for offset, value in enumerate(values) for row in rows(value, offset)]), {})
    return table


def test_compaction_opens_the_table_once_for_all_days_without_repeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = written(tmp_path, *(event_bytes(1 + day, received_s=86_400.0 * day) for day in range(5)))
    opened, really = [], DeltaTable.to_pyarrow_dataset

    def counted(self: DeltaTable, *arguments: Any, **options: Any) -> Any:
        opened.append(1)
        return really(self, *arguments, **options)

    monkeypatch.setattr(DeltaTable, "to_pyarrow_dataset", counted)
    assert (table.compact(), len(opened)) == (0, 1)


def test_what_is_added_to_a_later_day_while_an_earlier_one_is_rewritten_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = written(tmp_path, *(event_bytes(n, received_s=float(n)) for n in (1, 1, 86_401, 86_401)))
    really, others = delta.write_deltalake, [rows(event_bytes(86_402, received_s=86_402.0), 99)]

    def meanwhile(*arguments: Any, **options: Any) -> None:
        for other in [others.pop()] if others else []:
            EventsTable(tmp_path).append(table_of(other), {})
        really(*arguments, **options)

    monkeypatch.setattr(delta, "write_deltalake", meanwhile)
    assert table.compact() == 4
    assert {row["event_id"] for row in read_events(tmp_path, "grocer").to_pylist()} == {
        str(UUID(int=n)) for n in (1, 86_401, 86_402)
    }
