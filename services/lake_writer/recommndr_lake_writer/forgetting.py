"""Deletes an erased shopper's rows from the tables, day by day, beside writers that go on.

Of events they are the rows under the shopper's id, and the logins of others that name it as a guest.
"""

import logging
from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import or_

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
    return _forget(table, erasure, "received_on", _before(erasure), ("user_id", "guest_id"))


def forget_answers(table: DeltaTable, erasure: Erasure) -> int:
    """Delete what the shopper was served before the erasure; likewise."""
    until = (erasure.received_at + CLOCKS_DIFFER).isoformat()
    return _forget(table, erasure, "served_on", f"at <= '{until}'", ("user_id",))


def _forget(table: DeltaTable, erasure: Erasure, day_column: str, before: str, ids: Sequence[str]) -> int:
    """Delete rows that have the shopper in one of the columns `ids`."""
    dataset = table.to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", erasure.tenant)])
    named = reduce(or_, (pc.field(name) == erasure.user_id for name in ids))
    theirs = (pc.field("tenant") == erasure.tenant) & named
    days: set[date] = set(dataset.to_table(columns=[day_column], filter=theirs)[day_column].to_pylist())
    predicate = f"{_theirs(erasure, ids)} AND {before}"
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
    return f"(received_at <= '{received_at}' OR {earlier})"


def _theirs(erasure: Erasure, ids: Sequence[str]) -> str:
    # tenants hold a-z, 0-9 and '-' only; in SQL a quote is written twice, and nothing else is special
    user_id = erasure.user_id.replace("'", "''")
    named = " OR ".join(f"{name} = '{user_id}'" for name in ids)
    return f"tenant = '{erasure.tenant}' AND ({named})"
