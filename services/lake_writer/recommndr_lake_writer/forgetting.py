"""Deletes an erased shopper's rows from the table, day by day, beside a writer that goes on."""

import logging
from datetime import date, timedelta

import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from recommndr_lake_writer.erasures import Erasure

_log = logging.getLogger(__name__)

# The writer commits to today's partition every few seconds, and a commit in between makes the deletion begin again.
_MAX_TRIES = 10
# Another collector's clock may be ahead of the one that received the erasure.
_CLOCKS_DIFFER = timedelta(minutes=5)


def forget(table: DeltaTable, erasure: Erasure) -> int:
    """Delete what lies before the erasure, imported rows too; returns the number of rows.

    Raises `deltalake.exceptions.DeltaError`; days that are done stay done.
    """
    return sum(_forget_day(table, erasure, day) for day in days_with(table, erasure.tenant, erasure.user_id))


def days_with(table: DeltaTable, tenant: str, user_id: str) -> list[date]:
    """The days of receipt on which the table has rows of a shopper."""
    dataset = table.to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
    wanted = (pc.field("tenant") == tenant) & (pc.field("user_id") == user_id)
    return sorted(set(dataset.to_table(columns=["received_on"], filter=wanted)["received_on"].to_pylist()))


def _forget_day(table: DeltaTable, erasure: Erasure, day: date) -> int:
    predicate = f"received_on = '{day}' AND {_before(erasure)}"
    for number in range(_MAX_TRIES):
        try:
            n_rows: int = table.delete(predicate)["num_deleted_rows"] or 0
        except CommitFailedError:
            if number + 1 == _MAX_TRIES:
                raise
            table.update_incremental()
        else:
            return n_rows
    raise AssertionError("unreachable")


def _before(erasure: Erasure) -> str:
    # tenants hold a-z, 0-9 and '-' only; in SQL a quote is written twice, and nothing else is special
    user_id = erasure.user_id.replace("'", "''")
    received_at, around = erasure.received_at.isoformat(), (erasure.received_at + _CLOCKS_DIFFER).isoformat()
    earlier = f"(partition = {erasure.partition} AND \"offset\" < {erasure.offset} AND received_at < '{around}')"
    return f"tenant = '{erasure.tenant}' AND user_id = '{user_id}' AND (received_at <= '{received_at}' OR {earlier})"
