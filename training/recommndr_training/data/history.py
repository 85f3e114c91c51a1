"""History as tables of events, oldest first: the input of a replay, from prepared lines or from the lake.

One row per event, ordered by `known_s`: the instant from which the shop knew it. An event is known when it is received, so
that late events are not used before that time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.events import kind_code
from recommndr.features.action import CONTEXT, IDENTIFY, Action
from recommndr_lake_writer.lake import EVER_UNTIL, events_dir, iter_events
from recommndr_training.data import coded_lines, logins
from recommndr_training.data.id_codes import coded
from recommndr_training.data.logins import IDENTIFY_KIND, NO_LOGINS

SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("user_id", pa.string()),
        ("kind", pa.int8()),
        ("at_s", pa.float64()),
        ("known_s", pa.float64()),
        *((name, pa.string()) for name in CONTEXT),
        ("doubted", pa.bool_()),  # null: no
        ("item_ids", pa.list_(pa.string())),
        ("guest_id", pa.string()),  # of logins, whose kind is `IDENTIFY`
    ]
)
_ORDER = [(name, "ascending") for name in ("known_s", "at_s", "event_id")]
_BY_TIME = [(name, "ascending") for name in ("at_s", "event_id")]


Codes = npt.NDArray[np.int64]
Instants = npt.NDArray[np.float64]


class NoHistory(LookupError):
    """There are no events to replay; the message says where they were looked for."""


def of_lines(
    lines: pd.DataFrame, own_kinds: Sequence[str] = (), shift_s: float = 0.0, identified: pa.Table = NO_LOGINS
) -> pa.Table:
    """Events of prepared lines, in any order and repeated or not; an item on two lines of an event (`n_lines`) counts twice.

    `identified` are the logins beside the lines. `shift_s` is added to every instant of the lines. Raises `ValueError` for an
    event of two shoppers, instants or kinds.
    """
    ids = {name: coded(lines[name]).codes for name in ("item_id", "event_id", "user_id", "kind")}
    at_s, known_s = (lines[name].to_numpy(np.float64) for name in ("at_s", "known_s"))
    once = _once(ids | {"at_s": at_s})
    ordered = once[_by_known(ids["item_id"][once], ids["event_id"][once], at_s[once], known_s[once])]
    ordered = np.repeat(ordered, lines["n_lines"].to_numpy()[ordered])
    names = [name for name in ("event_id", "user_id", "kind", "item_id", *CONTEXT) if name in lines]
    table = coded_lines.table_of(lines[names]).take(pa.array(ordered))
    instants = {"at_s": at_s[ordered] + shift_s, "known_s": known_s[ordered] + shift_s}
    for name, values in instants.items():
        table = table.append_column(name, pa.array(values))
    return _with(_events_of(table, own_kinds), identified, _ORDER)


def _once(columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.intp]:
    """Rows without those that repeat another one in all columns; compared are only the few that repeat an item of an event."""
    pair = columns["event_id"] * (int(columns["item_id"].max(initial=0)) + 1) + columns["item_id"]
    again = np.flatnonzero(pd.Series(pair).duplicated(keep=False))
    repeats = again[pd.DataFrame({name: values[again] for name, values in columns.items()}).duplicated()]
    return np.delete(np.arange(len(pair)), repeats)


def _by_known(
    items: Codes, events: Codes, at_s: npt.NDArray[np.float64], known_s: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Places of lines by when the shop knew the event, as its first line says, when it happened, event and item."""
    order = np.lexsort((items, events, at_s))
    first_known_s = np.empty(int(events.max(initial=-1)) + 1)
    first_known_s[events[order[::-1]]] = known_s[order[::-1]]  # the last one written is the first line's
    by_known: npt.NDArray[np.intp] = order[np.argsort(first_known_s[events[order]], kind="stable")]
    return by_known


def of_lake(
    lake_dir: Path, tenant: str, own_kinds: Sequence[str] = (), until: datetime = EVER_UNTIL, version: int | None = None
) -> Iterator[pa.Table]:
    """A tenant's events before `until`, a table for about each day, as of a version of the table (None: the newest).

    Raises `NoHistory` when there is no lake or no event.
    """
    if not events_dir(lake_dir).is_dir():
        raise NoHistory(f"{lake_dir}: no lake; import or simulate a shop, or name another folder (--lake DIR)")
    yield from in_known_order(_lake_days(lake_dir, tenant, own_kinds, until, version))


def _lake_days(
    lake_dir: Path, tenant: str, own_kinds: Sequence[str], until: datetime, version: int | None
) -> Iterator[pa.Table]:
    found = False
    for day in iter_events(lake_dir, tenant, until=until, version=version):
        found = True
        at_s, known_s = instants_s(day)
        lines = day.select(["event_id", "user_id", "kind", "item_id", *CONTEXT])
        lines = lines.append_column("at_s", at_s).append_column("known_s", known_s)
        lines = lines.append_column("doubted", pc.if_else(pc.is_valid(day["doubt"]), True, pa.scalar(None, pa.bool_())))
        identified = logins.of_rows(lines.append_column("guest_id", day["guest_id"]))
        acts = lines.filter(pc.not_equal(lines["kind"], IDENTIFY_KIND))
        yield _with(_events_of(acts, own_kinds), identified, _BY_TIME)
    if not found:
        when = "" if until == EVER_UNTIL else f" before {until.isoformat()}"
        raise NoHistory(f"{lake_dir}: no events of tenant {tenant!r}{when}; import or simulate that shop first")


def in_known_order(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Reorder events from `at_s` order (then by event) to `known_s` order; holds back late events only."""
    held = SCHEMA.empty_table()
    for table in tables:
        if table.num_rows == 0:
            continue
        read_to_s = table["at_s"][-1].as_py()  # whatever comes later is known later
        both = pa.concat_tables([held, table]) if held.num_rows else table
        known_s = both["known_s"].to_numpy()
        # Of the same `known_s`, the order so far is that of `at_s` and event.
        order = np.argsort(known_s, kind="stable")
        n_known = int(np.searchsorted(known_s[order], read_to_s, "right"))
        yield _taken(both, order[:n_known])
        held = both.take(pa.array(np.sort(order[n_known:])))
    if held.num_rows:
        yield held.sort_by(_ORDER)


def _taken(table: pa.Table, places: npt.NDArray[np.intp]) -> pa.Table:
    """These rows; the table itself where they are its rows as they are."""
    as_it_is = len(places) == len(table) and bool((places[1:] > places[:-1]).all())
    return table if as_it_is else table.take(pa.array(places))


def iter_actions(events: pa.Table) -> Iterator[Action]:
    """The actions of a table of events, in its order."""
    item_ids = events["item_ids"].combine_chunks()
    flat, stops = _values(item_ids.flatten()), np.cumsum(pc.list_value_length(item_ids).to_numpy()).tolist()
    items = (tuple(flat[start:stop]) for start, stop in pairwise([0, *stops]))
    kind, at_s, event_id, user_id, *context = (
        _values(events[name].combine_chunks()) for name in ("kind", "at_s", "event_id", "user_id", *CONTEXT)
    )
    doubted = pc.fill_null(events["doubted"].combine_chunks(), False)
    guest_id = _values(events["guest_id"].combine_chunks())
    return map(Action, kind, at_s, event_id, user_id, items, *context, repeat("server"), _values(doubted), guest_id)


def _values(array: pa.Array) -> list[Any]:
    values: list[Any] = array.to_numpy(zero_copy_only=False).tolist()  # ten times quicker than to_pylist
    return values


def instants_s(events: pa.Table) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Epoch seconds of lake rows: when each event happened, and when it was known (received, but not before it happened)."""
    at_s, received_s = (
        pc.divide(events[name].cast(pa.int64()).cast(pa.float64()), 1e6) for name in ("event_at", "received_at")
    )
    return at_s, pc.max_element_wise(at_s, received_s)


def _events_of(lines: pa.Table, own_kinds: Sequence[str]) -> pa.Table:
    """One row per event from lines that are adjacent; raises `ValueError` for an event whose lines differ."""
    lines = lines.combine_chunks()
    event_ids, user_ids = lines["event_id"], lines["user_id"]
    kinds, at_s = _kind_codes(lines["kind"], own_kinds), lines["at_s"].to_numpy()
    starts = np.flatnonzero(_changes(event_ids))
    _check_one_each(event_ids, [_changes(user_ids), _steps(kinds), _steps(at_s)], starts)
    first = lines.take(pa.array(starts))
    item_ids = lines["item_id"].combine_chunks()
    there = item_ids.is_valid().to_numpy(zero_copy_only=False)
    offsets = np.r_[0, np.cumsum(there)][np.r_[starts, len(lines)]].astype(np.int32)
    columns = {
        "kind": pa.array(kinds[starts], pa.int8()),
        "item_ids": pa.ListArray.from_arrays(pa.array(offsets), item_ids.drop_null()),
    }
    columns |= {name: first[name] for name in first.column_names if name not in columns}
    missing = pa.nulls(len(first), pa.string())
    return pa.Table.from_arrays([columns.get(field.name, missing).cast(field.type) for field in SCHEMA], schema=SCHEMA)


def _with(events: pa.Table, identified: pa.Table, order: list[tuple[str, str]]) -> pa.Table:
    """The events and the logins in one order."""
    if identified.num_rows == 0:
        return events
    n = identified.num_rows
    columns = {name: identified[name] for name in identified.column_names}
    columns |= {"kind": pa.array(np.full(n, IDENTIFY, np.int8)), "item_ids": pa.array([[]] * n, pa.list_(pa.string()))}
    missing = pa.nulls(n, pa.string())
    theirs = [columns.get(field.name, missing).cast(field.type) for field in SCHEMA]
    return pa.concat_tables([events, pa.Table.from_arrays(theirs, schema=SCHEMA)]).sort_by(order).combine_chunks()


def _kind_codes(kinds: pa.ChunkedArray, own_kinds: Sequence[str]) -> npt.NDArray[np.int8]:
    encoded = kinds.combine_chunks().dictionary_encode()
    codes = np.array([kind_code(kind, own_kinds) for kind in encoded.dictionary.to_pylist()], np.int8)
    of_rows: npt.NDArray[np.int8] = codes[encoded.indices.to_numpy()]
    return of_rows


def _changes(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    if pa.types.is_dictionary(column.type):
        return _steps(coded(column).codes)
    values = column.combine_chunks()
    changed: npt.NDArray[np.bool_] = pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False).astype(bool)
    return _begun(changed, len(values))


def _steps(values: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    return _begun(np.asarray(values[1:] != values[:-1]), len(values))


def _begun(changed: npt.NDArray[np.bool_], n: int) -> npt.NDArray[np.bool_]:
    """`changed` with the first of `n` values added, which always differs from its predecessor."""
    return np.concatenate([np.ones(min(n, 1), bool), changed])


def _check_one_each(
    event_ids: pa.ChunkedArray, changes: Sequence[npt.NDArray[np.bool_]], starts: npt.NDArray[np.int64]
) -> None:
    """Check that all lines of an event agree with its first line and that events are contiguous."""
    differing = np.logical_or.reduce(changes)
    differing[starts] = False
    first_ids = event_ids.take(pa.array(starts))
    if differing.any():
        wrong = event_ids[int(np.argmax(differing))].as_py()
    elif pc.count_distinct(first_ids).as_py() < len(first_ids):
        counts = first_ids.value_counts()
        wrong = counts.field("values")[int(np.argmax(counts.field("counts").to_numpy()))].as_py()
    else:
        return
    raise ValueError(f"event {wrong!r}: expected lines of one shopper, one instant and one kind")
