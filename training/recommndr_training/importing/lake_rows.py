"""Converted lines -> rows of the lake."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import SCHEMA, first_of_each_event
from recommndr_training.importing.order_book import OrderBook
from recommndr_training.importing.spool import Spool

# One commit of the lake: large enough for few files, small enough for memory (about 300 bytes a line).
_CHUNK_LINES = 500_000


@dataclass(frozen=True)
class Written:
    """What reached the lake."""

    n_events: int
    n_lines: int
    n_repeats: int  # lines that said what another had said


def write(
    spool: Spool, orders: OrderBook, tenant: str, policy: TenantPolicy, lake: EventsTable, advance: Callable[[int], None]
) -> Written:
    """Append all lines of a spool to the lake, day by day; raises `deltalake.exceptions.DeltaError`."""
    n_events = n_lines = n_repeats = 0
    for lines in spool.chunks(_CHUNK_LINES):
        rows = first_of_each_event(lake_rows(lines, orders, tenant, policy)).sort_by(
            [("event_at", "ascending"), ("event_id", "ascending")]
        )
        lake.append(rows, {})
        n_events += pc.count_distinct(rows["event_id"]).as_py()
        n_lines += rows.num_rows
        n_repeats += lines.num_rows - rows.num_rows
        advance(lines.num_rows)
    return Written(n_events, n_lines, n_repeats)


def lake_rows(lines: pa.Table, orders: OrderBook, tenant: str, policy: TenantPolicy) -> pa.Table:
    """Lines with the columns of the lake; an order's lines are all at the time of its earliest one."""
    at_us = lines["at"].cast(pa.int64()).to_numpy().copy()
    keys = lines["order_key"].combine_chunks()
    ordered = keys.is_valid().to_numpy(zero_copy_only=False)
    at_us[ordered] = orders.time_of(keys.drop_null().to_numpy())
    at = pa.array(at_us).cast(SCHEMA.field("event_at").type)
    kinds = lines["kind"].combine_chunks().dictionary_encode()
    weights = np.array([policy.weight(kind) for kind in kinds.dictionary.to_pylist()])
    made = {
        "tenant": pa.repeat(pa.scalar(tenant, pa.string()), len(at)),
        "date": at.cast(pa.date32()),
        "weight": pa.array(weights[kinds.indices.to_numpy()]),
        **dict.fromkeys(("occurred_at", "received_at", "event_at"), at),
    }
    found = made | {name: lines[name] for name in lines.column_names}
    return pa.table([found.get(field.name, pa.nulls(len(at), field.type)) for field in SCHEMA], schema=SCHEMA)
