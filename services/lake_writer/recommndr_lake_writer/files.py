"""The Parquet files of the lake's events, listed from the table's log without reading the files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from recommndr_lake_writer.lake import EVER_SINCE, EVER_UNTIL, events_dir


@dataclass(frozen=True, slots=True)
class EventsFile:
    """One live file: its tenant, the day on which its events were received, and when the first and last of them happened."""

    tenant: str
    day: date
    path: Path
    n_rows: int
    first_at: datetime
    last_at: datetime


def event_files(lake_dir: Path) -> list[EventsFile]:
    """The live files, ordered by tenant, day and path; none when there is no lake yet."""
    root = events_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(root)):
        return []
    table = DeltaTable(root)
    day = f"partition.{table.metadata().partition_columns[1]}"
    names = ["path", "partition.tenant", day, "num_records", "min.event_at", "max.event_at"]
    added = pa.table(table.get_add_actions(flatten=True)).select(names)
    found = (
        # The log has paths in URL encoding.
        EventsFile(tenant, day, root / unquote(path), n_rows, first_at or EVER_SINCE, last_at or EVER_UNTIL)
        for path, tenant, day, n_rows, first_at, last_at in zip(*(column.to_pylist() for column in added.columns), strict=True)
    )
    return sorted(found, key=lambda file: (file.tenant, file.day, file.path))


def tenants_of(files: Iterable[EventsFile]) -> list[str]:
    """Tenants that have events, by name."""
    return sorted({file.tenant for file in files})
