"""Lakes as earlier releases left them."""

from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from recommndr_lake_writer.lake import SCHEMA, events_dir
from tests.lake_writer.topic import TOPIC


def earlier_lake(lake: Path, *commits: pa.Table, lacking: tuple[str, ...] = ()) -> None:
    """Rows of today's columns, partitioned by the day of `event_at`, with the offset of the last row of each commit."""
    left = [pa.field("date", pa.date32()) if column.name == "received_on" else column for column in SCHEMA]
    schema = pa.schema([column for column in left if column.name not in lacking])
    DeltaTable.create(str(events_dir(lake)), schema, partition_by=["tenant", "date"])
    for rows in commits:
        dated = rows.append_column("date", rows["event_at"].cast(pa.date32())).select(schema.names)
        offsets = [offset for offset in rows["offset"].to_pylist() if offset is not None]
        read = [Transaction(f"{TOPIC}-0", max(offsets))] if offsets else []
        write_deltalake(events_dir(lake), dated, mode="append", commit_properties=CommitProperties(app_transactions=read))
