"""The lake's table of events: its columns, the rows of an event, and the functions that read it.

One row per line of an event; an event without lines has one row with null item. Every record of the topic is written, repeats
too: they differ in `partition` and `offset`, and `read_events` and `iter_events` keep the first of each (tenant, event_id).

The table is partitioned by the day of `received_at`, the collector's clock. A client chooses `occurred_at`, so partitions by it
would let one request make thousands of files. Readers ask by `event_at`, as ever; the table's log knows which files to open.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from recommndr.events import MAX_CLOCK_AHEAD, Event, Line
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.stored_days import StoredDays, start_of

PARTITION_BY = ["tenant", "received_on"]
_INSTANT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        ("tenant", pa.string()),
        ("received_on", pa.date32()),  # the day of received_at in UTC
        ("event_id", pa.string()),
        ("kind", pa.string()),
        ("user_id", pa.string()),
        ("session_id", pa.string()),
        ("occurred_at", _INSTANT),
        ("received_at", _INSTANT),
        ("event_at", _INSTANT),
        ("line_no", pa.int32()),
        ("item_id", pa.string()),
        ("quantity", pa.int32()),
        ("price_minor", pa.int64()),
        ("currency", pa.string()),
        ("position", pa.int32()),
        ("weight", pa.float64()),
        ("device", pa.string()),
        ("os", pa.string()),
        ("country", pa.string()),
        ("region", pa.string()),
        ("referrer", pa.string()),
        ("page", pa.string()),
        ("attribution", pa.string()),
        ("sender", pa.string()),  # server or browser; null (imports, rows older than the column) means server
        ("doubt", pa.string()),  # repeated or robot; null (most, and rows older than the column): none
        ("query", pa.string()),
        ("guest_id", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
    ]
)
RECORD = ["tenant", "event_id", "received_at", "partition", "offset", "line_no"]  # distinguishes repeats
Row = dict[str, Any]

EVER_SINCE = datetime(1, 1, 2, tzinfo=UTC)
EVER_UNTIL = datetime(9999, 12, 31, tzinfo=UTC)
# A repeat may be filed later than the first by as much as a client's clock may run ahead: event_at is never after received_at.
_REPEAT_MARGIN = 2 * MAX_CLOCK_AHEAD


def events_dir(lake_dir: Path) -> Path:
    """The folder of the table."""
    return lake_dir / "events"


def rows_of(event: Event, policy: TenantPolicy, partition: int, offset: int) -> list[Row]:
    """The rows of one event at one position of the topic."""
    shared = event.model_dump(exclude={"lines", "context", "schema_version", "event_id"}) | event.context.model_dump()
    # An `identify` event is no evidence about items.
    weight = 0.0 if event.kind == "identify" else policy.weight(event.kind)
    shared |= {"event_id": str(event.event_id), "received_on": event.received_at.date(), "weight": weight}
    shared |= {"partition": partition, "offset": offset}
    lines: Sequence[Line | None] = event.lines or (None,)
    return [shared | {"line_no": line_no} | (line.model_dump() if line else {}) for line_no, line in enumerate(lines)]


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows as the table's columns; raises `pyarrow.ArrowException` for a value that does not fit."""
    return pa.Table.from_pylist(list(rows), SCHEMA)


def read_events(lake_dir: Path, tenant: str, since: datetime = EVER_SINCE, until: datetime = EVER_UNTIL) -> pa.Table:
    """All lines of a tenant's events with `since <= event_at < until`, each event once, ordered by time, event and line.

    Of repeated events the first received counts. The table is empty if there is no lake yet.
    """
    return pa.concat_tables([SCHEMA.empty_table(), *iter_events(lake_dir, tenant, since, until)])


def iter_events(
    lake_dir: Path, tenant: str, since: datetime = EVER_SINCE, until: datetime = EVER_UNTIL, version: int | None = None
) -> Iterator[pa.Table]:
    """The rows of `read_events`, one table for each day of `event_at` that has any, oldest first; as of the newest `version`.

    Holds two days' rows and those that came later than on their day. A repeat is recognised within the margin of a client's
    clock, also across midnight.
    """
    path = events_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(path)):
        return
    days = StoredDays(DeltaTable(path, version=version), tenant, _moved(since, -_REPEAT_MARGIN), _moved(until, _REPEAT_MARGIN))
    stored = ((day, as_schema(rows)) for day, rows in days)
    eve, ahead = SCHEMA.empty_table(), next(stored, None)
    while ahead is not None:
        (day, today), ahead = ahead, next(stored, None)
        start, end = _bounds(day)
        morrow = ahead[1] if ahead is not None else SCHEMA.empty_table()
        around = [_between(eve, start - _REPEAT_MARGIN, start), today, _between(morrow, end, end + _REPEAT_MARGIN)]
        each_once = first_of_each_event(pa.concat_tables(around))
        events = _between(each_once, max(start, since), min(end, until))
        if events.num_rows:
            yield _in_order(events)
        eve = today


def may_hold(first_at: datetime, last_at: datetime, since: datetime, until: datetime) -> bool:
    """Whether rows from `first_at` to `last_at` matter for events with `since <= event_at < until`, each once."""
    return last_at >= _moved(since, -_REPEAT_MARGIN) and first_at < _moved(until, _REPEAT_MARGIN)


def _moved(at: datetime, margin: timedelta) -> datetime:
    return min(max(at, EVER_SINCE), EVER_UNTIL - timedelta(days=1)) + margin


def _bounds(day: date) -> tuple[datetime, datetime]:
    """The first instant of a day and of the next; limited to `EVER_*`, around which no margin fits."""
    start = min(max(start_of(day), EVER_SINCE), EVER_UNTIL - timedelta(days=1))
    return start, start + timedelta(days=1)


def _between(events: pa.Table, since: datetime, until: datetime) -> pa.Table:
    at = events["event_at"]
    return events.filter(pc.and_(pc.greater_equal(at, pa.scalar(since, _INSTANT)), pc.less(at, pa.scalar(until, _INSTANT))))


def _in_order(events: pa.Table) -> pa.Table:
    """By time, event and line. Ids are compared only where events have the same time, because that is slow."""
    at, line_no, event = _ints(events["event_at"]), _ints(events["line_no"]), _codes(events["event_id"])
    order = np.lexsort((line_no, event, at))
    at, event = at[order], event[order]
    is_tied = (at[1:] == at[:-1]) & (event[1:] != event[:-1])
    if is_tied.any():
        return events.sort_by([(name, "ascending") for name in ("event_at", "event_id", "line_no")])
    return events.take(pa.array(order))


def as_schema(stored: pa.Table) -> pa.Table:
    """The stored table as `SCHEMA`; a column that an older table does not have is null, or the day that it stands for."""
    columns = [_column(stored, column) for column in SCHEMA]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _column(stored: pa.Table, column: pa.Field) -> pa.ChunkedArray | pa.Array:
    if column.name in stored.schema.names:
        return stored[column.name].cast(column.type)
    if column.name == "received_on":
        return stored["received_at"].cast(column.type)
    return pa.nulls(len(stored), column.type)


def first_of_each_event(events: pa.Table) -> pa.Table:
    """The rows of the first record of each (tenant, event_id), by time of receipt, then by offset.

    Rows without an offset (imports) with the same time of receipt are one record and have each line once, so overlapping files
    and repeated imports add nothing.
    """
    if events.num_rows == 0:
        return events
    tenants = _codes(events["tenant"])
    event = _codes(events["event_id"]) * (tenants.max() + 1) + tenants
    line_no = _ints(events["line_no"])
    record = [_ints(events[name]) for name in ("received_at", "partition", "offset")]
    if _are_once(event, line_no, record):
        return events
    order = np.lexsort((line_no, *reversed(record), event))
    new_event = _changes(event[order])
    first = order[np.maximum.accumulate(np.where(new_event, np.arange(len(order)), 0))]
    of_first_record = np.logical_and.reduce([column[order] == column[first] for column in record])
    kept = of_first_record & (new_event | _changes(line_no[order]))
    return events.take(pa.array(order[kept]))


def _are_once(event: npt.NDArray[np.int64], line_no: npt.NDArray[np.int64], record: list[npt.NDArray[np.int64]]) -> bool:
    """Whether every event's rows are neighbours, of one record and each line once: so it is unless something was repeated."""
    if (event[1:] < event[:-1]).any():  # codes are in the order of first rows
        return False
    goes_on = event[1:] == event[:-1]
    same = np.logical_and.reduce([column[1:] == column[:-1] for column in record]) & (line_no[1:] > line_no[:-1])
    return bool(same[goes_on].all())


def _codes(names: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    codes: npt.NDArray[np.int64] = names.combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    return codes


def _ints(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    # rows without an offset come after those with one
    numbers: npt.NDArray[np.int64] = column.cast(pa.int64()).fill_null(np.iinfo(np.int64).max).to_numpy()
    return numbers


def _changes(ordered: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    changes: npt.NDArray[np.bool_] = np.r_[True, ordered[1:] != ordered[:-1]]
    return changes


def policy_of(policies: Mapping[TenantId, TenantPolicy], tenant: str) -> TenantPolicy:
    """A tenant's policy; the default one for a tenant that was removed while its events were still in the topic."""
    return policies.get(TenantId(tenant), _DEFAULT_POLICY)


_DEFAULT_POLICY = TenantPolicy()
