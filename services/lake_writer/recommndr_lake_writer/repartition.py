"""Brings a table of an earlier release to today's partitions, in one commit."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from pyarrow.dataset import Dataset
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from recommndr_lake_writer.lake import PARTITION_BY, SCHEMA, as_schema

_log = logging.getLogger(__name__)


def repartition(table: DeltaTable, directory: Path) -> None:
    """Rewrite all rows by `PARTITION_BY` unless they are; raises `deltalake.exceptions.DeltaError` with nothing changed.

    Earlier releases partitioned by the day of `event_at`, which a client chooses. The offsets stay, and so do the old files
    until the lake is vacuumed. A writer or import that has the table open meanwhile fails, and must be started again.
    """
    found = table.metadata().partition_columns
    if found == PARTITION_BY:
        return
    began = time.monotonic()
    _log.warning("the lake is partitioned by %s; its rows are rewritten by %s, which takes minutes", found, PARTITION_BY)
    # Delta's own file system cannot be read from within a write.
    files = SubTreeFileSystem(str(directory), LocalFileSystem())
    rows = pa.RecordBatchReader.from_batches(SCHEMA, _batches(table.to_pyarrow_dataset(filesystem=files)))
    # Rows that somebody appended meanwhile would stay in the table under the old partitions and make it unreadable, and the
    # library does not notice. Without a second attempt the commit fails unless it is the very next one.
    alone = CommitProperties(max_commit_retries=0)
    write_deltalake(table, rows, mode="overwrite", schema_mode="overwrite", partition_by=PARTITION_BY, commit_properties=alone)
    table.update_incremental()
    _log.warning("the lake's rows were rewritten in %.0f s", time.monotonic() - began)


def _batches(stored: Dataset) -> Iterator[pa.RecordBatch]:
    for batch in stored.to_batches():
        yield from as_schema(pa.table(batch)).to_batches()
