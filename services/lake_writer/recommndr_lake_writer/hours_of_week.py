"""What shoppers were served and did in an hour and in the same hours of earlier weeks, read from the lake."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from recommndr.drift.between_arms import Names
from recommndr.drift.mixes import Counts, MixName
from recommndr.drift.weeks import Hour, Seen
from recommndr_lake_writer.lake import events_dir
from recommndr_lake_writer.served_table import ColumnNames, stored_answers

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
N_WEEKS = 4
MAX_SHOPPERS = 2_000  # of an hour; beyond it chance hardly matters
_INSTANT = pa.timestamp("us", tz="UTC")
_ANSWERS = ["user_id", "arm", "model_version", "n_events", "drawn_inputs"]
_EVENTS = ["user_id", "kind", "country", "device", "item_id"]


KnownItems = Callable[[str], pa.Array | None]  # of a version of the bundle; None: not known


class Period(NamedTuple):
    """From `since` to before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class HoursOfWeek:
    """One hour and the same hours of earlier weeks, newest first."""

    now: Hour
    earlier: Sequence[Hour]
    mix_now: Mapping[MixName, Counts]
    mix_before: Mapping[MixName, Counts]


def same_hours(until: datetime, n_weeks: int = N_WEEKS) -> list[Period]:
    """The hour that ends at `until`, and those of earlier weeks."""
    return [Period(until - HOUR - back * WEEK, until - back * WEEK) for back in range(n_weeks + 1)]


def read(lake_dir: Path, tenant: str, until: datetime, known_items: KnownItems = lambda _version: None) -> HoursOfWeek:
    """Of a tenant; raises `deltalake.exceptions.DeltaError` or `OSError`.

    `known_items` tells the ids of the items that a bundle has; of the one that served most shoppers of the hour it is asked.
    """
    names, periods = ColumnNames(lake_dir), same_hours(until)
    answers = [_first_of_each_shopper(lake_dir, tenant, period) for period in periods]
    seen = [_seen(of_hour, names) for of_hour in answers]
    known = known_items(max(seen[0], key=lambda one: len(one.inputs)).version) if seen[0] else None
    mixes = [
        _of_events(lake_dir, tenant, period, known) | _of_answers(of_hour)
        for period, of_hour in zip(periods, answers, strict=True)
    ]
    return HoursOfWeek(seen[0], seen[1:], mixes[0], {name: _sum([mix[name] for mix in mixes[1:]]) for name in mixes[0]})


def _first_of_each_shopper(lake_dir: Path, tenant: str, period: Period) -> pa.Table:
    """One answer of the stable arm for each shopper, in time order."""
    rows = pa.concat_tables(
        [
            pa.table({name: pa.array([], kind) for name, kind in _EMPTY.items()}),
            *(day.select(_ANSWERS).cast(pa.schema(_EMPTY)) for day in stored_answers(lake_dir, tenant, *period, _ANSWERS)),
        ]
    )
    rows = rows.filter(pc.and_(pc.equal(rows["arm"], "stable"), pc.is_valid(rows["n_events"])))
    _, first = np.unique(rows["user_id"].combine_chunks().dictionary_encode().indices.to_numpy(), return_index=True)
    kept = np.sort(first)
    places = np.unique(np.linspace(0, len(kept) - 1, min(len(kept), MAX_SHOPPERS)).astype(int)) if len(kept) else kept
    return rows.take(pa.array(kept[places]))


_EMPTY = {
    "user_id": pa.string(),
    "arm": pa.string(),
    "model_version": pa.string(),
    "n_events": pa.int32(),
    "drawn_inputs": pa.list_(pa.float32()),
}


def _seen(answers: pa.Table, names: ColumnNames) -> Hour:
    found = []
    ranked = answers.filter(pc.and_(pc.is_valid(answers["drawn_inputs"]), pc.is_valid(answers["model_version"])))
    for version in sorted(ranked["model_version"].unique().to_pylist()):
        named = names.of(version)
        if named is None:
            continue
        n_columns, of_version = len(named.columns), ranked.filter(pc.equal(ranked["model_version"], version))
        inputs = of_version["drawn_inputs"].combine_chunks()
        inputs = inputs.filter(pc.equal(pc.list_value_length(inputs), n_columns))
        matrix = pc.list_flatten(inputs).to_numpy(zero_copy_only=False).astype(np.float32).reshape(-1, n_columns)
        found.append(Seen(version, Names(named.columns, named.retrievers), matrix))
    return found


def _of_answers(answers: pa.Table) -> dict[MixName, Counts]:
    n_unknown = pc.sum(pc.equal(answers["n_events"], 0)).as_py() or 0
    return {"unknown_shopper": _two("unknown", n_unknown, "known", answers.num_rows - n_unknown)}


def _of_events(lake_dir: Path, tenant: str, period: Period, known_items: pa.Array | None) -> dict[MixName, Counts]:
    rows = _events(lake_dir, tenant, period)
    found: dict[MixName, Counts] = {
        "country": _values(rows, "country"), "device": _values(rows, "device"), "kind": _values(rows, "kind"),
    }  # fmt: skip
    if known_items is not None:
        named = rows.filter(pc.is_valid(rows["item_id"]))
        is_known = pc.if_else(pc.is_in(named["item_id"], value_set=known_items), "known", "unknown")
        found["unknown_item"] = _values(named.append_column("item", is_known), "item")
    return found


def _events(lake_dir: Path, tenant: str, period: Period) -> pa.Table:
    path = events_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(path)):
        return pa.table({name: pa.array([], pa.string()) for name in _EVENTS})
    dataset = DeltaTable(path).to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])
    days = pa.array(sorted({period.since.date(), period.until.date()}), pa.date32())
    at = pc.field("received_at")
    wanted = (pc.field("tenant") == tenant) & pc.field("received_on").isin(days)
    wanted &= (at >= pa.scalar(period.since, _INSTANT)) & (at < pa.scalar(period.until, _INSTANT))
    return dataset.to_table(columns=_EVENTS, filter=wanted)


def _values(rows: pa.Table, column: str) -> Counts:
    """By value, the number of shoppers with it."""
    known = rows.filter(pc.is_valid(rows[column]))
    pairs = known.group_by(["user_id", column]).aggregate([])
    return {one["values"]: one["counts"] for one in pc.value_counts(pairs[column]).to_pylist()}


def _two(one: str, n: int, other: str, m: int) -> Counts:
    return {name: count for name, count in ((one, n), (other, m)) if count}


def _sum(counts: Sequence[Counts]) -> Counts:
    total: dict[str, int] = {}
    for of_hour in counts:
        for value, n in of_hour.items():
            total[value] = total.get(value, 0) + n
    return total


def tenants_with_answers(lake_dir: Path, since: date) -> list[str]:
    """Tenants that have answers since a day, by name; without reading them. Raises `deltalake.exceptions.DeltaError`."""
    path = lake_dir / "served"
    if not DeltaTable.is_deltatable(str(path)):
        return []
    files = pa.table(DeltaTable(path).get_add_actions(flatten=True))
    newer = files.filter(pc.greater_equal(files["partition.served_on"], pa.scalar(since, pa.date32())))
    return sorted(set(newer["partition.tenant"].to_pylist()))
