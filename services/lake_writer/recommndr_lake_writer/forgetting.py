"""Deletes an erased shopper's rows from the tables, day by day, beside writers that go on.

Of events they are the rows under the shopper's id, and the logins of others that name it as a guest.
"""

import logging
from datetime import date

import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from recommndr_lake_writer.erasures import CLOCKS_DIFFER, Erasure

_log = logging.getLogger(__name__)

# The writer commits to today's partition every few seconds, and a commit in between makes the deletion begin again.
_MAX_TRIES = 10


def forget(table: DeltaTable, erasure: Erasure) -> int:
    """Delete the events that lie before the erasure, imported ones too; returns the number of rows.

    Raises `deltalake.exceptions.DeltaError`; days that are done stay done.
    """
    return _forget(table, erasure, "received_on", _before(erasure), guests=True)


def forget_answers(table: DeltaTable, erasure: Erasure) -> int:
    """Delete what the shopper was served before the erasure; likewise."""
    until = (erasure.received_at + CLOCKS_DIFFER).isoformat()
    return _forget(table, erasure, "served_on", f"{_theirs(erasure)} AND at <= '{until}'")


def _forget(table: DeltaTable, erasure: Erasure, day_column: str, predicate: str, guests: bool = False) -> int:
    dataset = table.to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", erasure.tenant)])
    theirs = pc.field("user_id") == erasure.user_id
    if guests:
        theirs |= pc.field("guest_id") == erasure.user_id
    wanted = (pc.field("tenant") == erasure.tenant) & theirs
    days: set[date] = set(dataset.to_table(columns=[day_column], filter=wanted)[day_column].to_pylist())
    return sum(_delete(table, f"{day_column} = '{day}' AND {predicate}") for day in sorted(days))


def _delete(table: DeltaTable, predicate: str) -> int:
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
    received_at, around = erasure.received_at.isoformat(), (erasure.received_at + CLOCKS_DIFFER).isoformat()
    earlier = f"(partition = {erasure.partition} AND \"offset\" < {erasure.offset} AND received_at < '{around}')"
    theirs = f"(user_id = '{_sql(erasure.user_id)}' OR guest_id = '{_sql(erasure.user_id)}')"
    return f"tenant = '{erasure.tenant}' AND {theirs} AND (received_at <= '{received_at}' OR {earlier})"


def _theirs(erasure: Erasure) -> str:
    return f"tenant = '{erasure.tenant}' AND user_id = '{_sql(erasure.user_id)}'"


def _sql(text: str) -> str:
    """A text of a predicate: a quote is written twice, and nothing else is special."""
    return text.replace("'", "''")
