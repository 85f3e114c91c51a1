"""The Delta table of events: what the lake writer appends, and what imports replace."""

from collections.abc import Collection
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, Transaction, write_deltalake

from recommndr_lake_writer.fenced_table import FencedTable
from recommndr_lake_writer.lake import PARTITION_BY, SCHEMA, events_dir
from recommndr_lake_writer.repartition import repartition


class EventsTable(FencedTable):
    """The lake's table of events."""

    def __init__(self, lake_dir: Path) -> None:
        self.directory = lake_dir
        path = events_dir(lake_dir)
        super().__init__(path, SCHEMA, PARTITION_BY)
        repartition(self._table, path)
        self._add_missing_columns(SCHEMA)

    def replace_imported(self, tenant: str, rows: pa.Table, after: date, until: date) -> None:
        """Replace a tenant's rows without an offset received `after < received_on <= until` by `rows`, in one commit.

        All `rows` must be in that range. Raises `deltalake.exceptions.DeltaError`; nothing has changed then.
        """
        # tenants hold a-z, 0-9 and '-' only
        predicate = f"tenant = '{tenant}' AND received_on > '{after}' AND received_on <= '{until}' AND \"offset\" IS NULL"
        if rows.num_rows:
            write_deltalake(self._table, rows, mode="overwrite", predicate=predicate)
        else:
            self._table.delete(predicate)

    def has_imported(self, tenant: str) -> bool:
        """Whether a tenant has rows without an offset (imports and simulations)."""
        of_tenant = self._table.to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
        wanted = (pc.field("tenant") == tenant) & pc.field("offset").is_null()
        return bool(of_tenant.head(1, columns=["offset"], filter=wanted).num_rows)

    def import_rules(self, tenant: str) -> int | None:
        """The version of the import's rules for a tenant's imported rows; None: not marked."""
        version: int | None = self._table.transaction_version(_rules_id(tenant))
        return version

    def mark_import_rules(self, tenant: str, version: int) -> None:
        """Store the version of the import's rules in the table's log; raises `deltalake.exceptions.DeltaError`."""
        marked = CommitProperties(app_transactions=[Transaction(_rules_id(tenant), version)])
        self._table.create_write_transaction([], mode="append", schema=self._table.schema(), commit_properties=marked)
        self.refresh()

    def lines_of_days(self, tenant: str, days: Collection[date]) -> pa.Table:
        """A tenant's lines without an offset (imports) received on these days: event_id, line_no, received_at."""
        names = ["event_id", "line_no", "received_at"]
        wanted = [("tenant", "=", tenant), ("received_on", "in", list(days))]
        stored = self._table.to_pyarrow_table(filters=wanted, columns=[*names, "offset"])
        return stored.filter(stored["offset"].is_null()).select(names)


def _rules_id(tenant: str) -> str:
    return f"import-rules-{tenant}"
