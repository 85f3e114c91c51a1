"""The Parquet files of the lake's events, listed from the table's log without reading the files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from recommndr_lake_writer.lake import events_dir


@dataclass(frozen=True, slots=True)
class EventsFile:
    """One live file with its tenant and day."""

    tenant: str
    day: date
    path: Path
    n_rows: int


def event_files(lake_dir: Path) -> list[EventsFile]:
    """The live files, ordered by tenant, day and path; none when there is no lake yet."""
    root = events_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(root)):
        return []
    added = pa.table(DeltaTable(root).get_add_actions(flatten=True)).select(
        ["path", "partition.tenant", "partition.date", "num_records"]
    )
    found = (
        # The log has paths in URL encoding.
        EventsFile(row["partition.tenant"], row["partition.date"], root / unquote(row["path"]), row["num_records"])
        for row in added.to_pylist()
    )
    return sorted(found, key=lambda file: (file.tenant, file.day, file.path))


def tenants_of(files: Iterable[EventsFile]) -> list[str]:
    """Tenants that have events, by name."""
    return sorted({file.tenant for file in files})
