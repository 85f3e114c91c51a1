"""Writes converted lines to the lake as rows."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.events import MAX_LINES
from recommndr.tenancy import TenantPolicy
from recommndr_importing.order_times import OrderTimes
from recommndr_importing.row_ids import US_PER_DAY, order_event_lanes, uuids
from recommndr_importing.rules import RULES_VERSION
from recommndr_importing.spool import Spool
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import SCHEMA, first_of_each_event

# Lines per commit: enough for few commits, few enough for memory (about four copies of 250 bytes per line).
_CHUNK_LINES = 300_000


@dataclass(frozen=True)
class Written:
    """Counts of the lines that were written to the lake and of those that were skipped."""

    n_events: int = 0
    n_lines: int = 0
    n_repeats: int = 0  # another line of the files says the same
    n_known: int = 0  # already in the lake
    n_over: int = 0  # above the limit of lines per order

    def __add__(self, other: "Written") -> "Written":
        return Written(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Written)))


@dataclass(frozen=True)
class Destination:
    """The tenant and the lake of an import."""

    lake: EventsTable
    tenant: str
    policy: TenantPolicy
    replace: bool = False  # replace the tenant's rows that did not come from a topic


def write(spool: Spool, orders: OrderTimes, to: Destination, advance: Callable[[int], None]) -> Written:
    """Write the lines of a spool to the lake, day by day; raises `deltalake.exceptions.DeltaError`.

    Replacing swaps the days of a chunk in one commit: whenever it stops, the lake has the new log up to a day and the earlier
    one after it, and replacing again mends it.
    """
    written = Written()
    if not to.replace and to.lake.import_rules(to.tenant) is None:
        to.lake.mark_import_rules(to.tenant, RULES_VERSION)
    done = date.min  # the last day that is replaced
    for lines in spool.chunks(_CHUNK_LINES):
        distinct = _distinct(lake_rows(lines, orders, to.tenant, to.policy), lines["context"])
        known = _known(to, distinct, done)
        new = _not_in(known, distinct)
        rows = _at_most(MAX_LINES, new, known).sort_by([("event_at", "ascending"), ("event_id", "ascending")])
        until = pc.max(lines["at"].cast(pa.date32())).as_py()
        _put(to, rows, done, until)
        done = until
        written += Written(
            n_events=pc.count_distinct(rows["event_id"]).as_py(),
            n_lines=rows.num_rows,
            n_repeats=lines.num_rows - distinct.num_rows,
            n_known=distinct.num_rows - new.num_rows,
            n_over=new.num_rows - rows.num_rows,
        )
        advance(lines.num_rows)
    if to.replace:
        to.lake.replace_imported(to.tenant, SCHEMA.empty_table(), done, date.max)
        to.lake.mark_import_rules(to.tenant, RULES_VERSION)  # Last: until here the lake may hold rows of other rules.
    return written


def _known(to: Destination, rows: pa.Table, done: date) -> pa.Table:
    """Return the lines that the lake has on the days of `rows` and that this import does not replace."""
    days = pc.unique(rows["received_on"]).to_pylist()
    return to.lake.lines_of_days(to.tenant, [day for day in days if day <= done or not to.replace])


def _put(to: Destination, rows: pa.Table, done: date, until: date) -> None:
    """Append `rows`, or replace the days after `done` up to `until` by them. Older rows, of split orders, are appended."""
    if to.replace:
        is_late = pc.less_equal(rows["received_on"], pa.scalar(done))
        to.lake.replace_imported(to.tenant, rows.filter(pc.invert(is_late)), done, until)
        rows = rows.filter(is_late)
    if rows.num_rows:
        to.lake.append(rows, {})


def _at_most(n: int, rows: pa.Table, known: pa.Table) -> pa.Table:
    """Keep the lines with the lowest numbers of each event, at most `n` with the known ones, in whatever order they come."""
    counts = pa.chunked_array([*rows["event_id"].chunks, *known["event_id"].chunks], pa.string()).value_counts()
    long = counts.field("values").filter(pc.greater(counts.field("counts"), n))
    is_long = pc.is_in(rows["event_id"], long)
    if not pc.any(is_long).as_py():
        return rows
    ordered = rows.filter(is_long).sort_by([("event_id", "ascending"), ("line_no", "ascending")])
    events = ordered["event_id"].combine_chunks().dictionary_encode()
    codes = events.indices.to_numpy()
    places_known = pc.index_in(known["event_id"].combine_chunks(), events.dictionary).drop_null().to_numpy()
    n_known = np.bincount(places_known, minlength=len(events.dictionary))
    place = np.arange(len(codes)) - np.searchsorted(codes, codes) + n_known[codes]
    return pa.concat_tables([rows.filter(pc.invert(is_long)), ordered.filter(pa.array(place < n))])


def _not_in(known: pa.Table, rows: pa.Table) -> pa.Table:
    if known.num_rows == 0:
        return rows
    return rows.filter(pc.invert(pc.is_in(_line_keys(rows), _line_keys(known))))


def _line_keys(rows: pa.Table) -> pa.ChunkedArray:
    # The time received tells which record of an event a line belongs to.
    parts = [rows["event_id"], *(rows[name].cast(pa.int64()).cast(pa.string()) for name in ("line_no", "received_at"))]
    return pc.binary_join_element_wise(*parts, "|")


def _distinct(rows: pa.Table, context: pa.ChunkedArray) -> pa.Table:
    """Keep each line once. Which one of several lines with different context stays does not depend on their order."""
    numbered = rows.append_column("place", pa.array(np.arange(rows.num_rows)))
    distinct = first_of_each_event(numbered)
    if distinct.num_rows == rows.num_rows:
        return distinct.drop_columns("place")
    is_repeat = np.ones(rows.num_rows, np.bool_)
    is_repeat[distinct["place"].to_numpy()] = False
    repeated = pc.unique(rows["event_id"].filter(pa.array(is_repeat)))
    of_repeated = pc.is_in(rows["event_id"], repeated)
    in_order = pc.sort_indices(context.filter(of_repeated))
    once = first_of_each_event(rows.filter(of_repeated).take(in_order))
    others = distinct.filter(pc.invert(pc.is_in(distinct["event_id"], repeated))).drop_columns("place")
    return pa.concat_tables([others, once])


def lake_rows(lines: pa.Table, orders: OrderTimes, tenant: str, policy: TenantPolicy) -> pa.Table:
    """Give lines the columns of the lake. All lines of an order get the time at which it began."""
    at_us = lines["at"].cast(pa.int64()).to_numpy().copy()
    ordered = lines["order_0"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)
    lanes = np.column_stack([lines[name].combine_chunks().drop_null().to_numpy() for name in ("order_0", "order_1")])
    at_us[ordered] = orders.starts(lanes, at_us[ordered])
    event_ids = lines["event_id"].combine_chunks()
    if ordered.any():
        of_orders = uuids(order_event_lanes(lanes, at_us[ordered] // US_PER_DAY))
        event_ids = pc.replace_with_mask(event_ids, pa.array(ordered), of_orders)
    at = pa.array(at_us).cast(SCHEMA.field("event_at").type)
    kinds = lines["kind"].combine_chunks().dictionary_encode()
    weights = np.array([policy.weight(kind) for kind in kinds.dictionary.to_pylist()])
    made = {
        "tenant": pa.repeat(pa.scalar(tenant, pa.string()), len(at)),
        "event_id": event_ids,
        "received_on": at.cast(pa.date32()),
        "weight": pa.array(weights[kinds.indices.to_numpy()]),
        **dict.fromkeys(("occurred_at", "received_at", "event_at"), at),
    }
    found = {name: lines[name] for name in lines.column_names} | made
    return pa.table([found.get(field.name, pa.nulls(len(at), field.type)) for field in SCHEMA], schema=SCHEMA)
