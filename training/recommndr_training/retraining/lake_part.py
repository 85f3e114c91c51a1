"""What one version of an installation's lake knows of a tenant: its events, each once, without erased shoppers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from recommndr_lake_writer.erasures import Erasures
from recommndr_lake_writer.lake import events_dir, iter_events
from recommndr_training.data import coded_lines, logins
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.history import instants_s

_MORE = ("event_at", "received_at", "sender", "doubt", "currency", "offset")


@dataclass(frozen=True, slots=True)
class LakePart:
    """The events and logins of a tenant in one version of the table, and the instant of its first live event."""

    version: int
    events: pa.Table  # rows as `read_lake.prepare` takes them
    logins: pa.Table
    live_since_s: float  # epoch seconds; inf without a live event

    @property
    def n_live(self) -> int:
        """Rows that came through the collector; all others were imported into this lake."""
        return int(self.events.num_rows - self.events["offset"].null_count)


def newest_version(lake_dir: Path) -> int | None:
    """The number of the newest version; None if there is no lake. Raises `DeltaError` of deltalake."""
    path = str(events_dir(lake_dir))
    version: int | None = DeltaTable(path).version() if DeltaTable.is_deltatable(path) else None
    return version


def rows_by_tenant(lake_dir: Path) -> dict[str, int]:
    """How many rows the newest version has of each tenant, by the table's log; none without a lake. Raises `DeltaError`."""
    path = str(events_dir(lake_dir))
    if not DeltaTable.is_deltatable(path):
        return {}
    files = pa.table(DeltaTable(path).get_add_actions(flatten=True))
    counted = (
        pa.table({"tenant": files["partition.tenant"], "n": files["num_records"]}).group_by("tenant").aggregate([("n", "sum")])
    )
    return dict(zip(counted["tenant"].to_pylist(), counted["n_sum"].to_pylist(), strict=True))


def erased(lake_dir: Path, tenant: str) -> dict[str, datetime]:
    """When each erased shopper of a tenant was erased last."""
    found: dict[str, datetime] = {}
    for one in Erasures(lake_dir).all():
        if one.tenant == tenant:
            found[one.user_id] = max(one.received_at, found.get(one.user_id, one.received_at))
    return found


def read(lake_dir: Path, tenant: str, version: int, gone: Mapping[str, datetime]) -> LakePart:
    """The part in `version`; `gone` are shoppers and when they were erased, because an old version still has their events."""
    days, identified = [], [logins.NO_LOGINS]
    for day in iter_events(lake_dir, tenant, version=version):
        kept = _without(day, gone)
        days.append(
            coded_lines.encoded(kept.select([name for name in (*LINES_SCHEMA.names, *_MORE) if name in kept.schema.names]))
        )
        at_s, known_s = instants_s(kept)
        identified.append(logins.of_rows(kept.append_column("at_s", at_s).append_column("known_s", known_s)))
    events = pa.concat_tables(days) if days else _no_events()
    is_live = events["offset"].is_valid()
    first = pc.min(events["received_at"].filter(is_live)).as_py()
    return LakePart(version, events, pa.concat_tables(identified), np.inf if first is None else first.timestamp())


def _without(day: pa.Table, gone: Mapping[str, datetime]) -> pa.Table:
    """Without what erased shoppers did before, and without logins that name one as a guest."""
    kept = np.ones(day.num_rows, np.bool_)
    received_us = day["received_at"].cast(pa.int64()).to_numpy()
    for name in ("user_id", "guest_id"):
        for place in _places(day[name], gone):
            at = gone[day[name][int(place)].as_py()]
            kept[place] &= received_us[place] > at.timestamp() * 1e6
    return day if kept.all() else day.filter(pa.array(kept))


def _places(ids: pa.ChunkedArray, gone: Mapping[str, datetime]) -> npt.NDArray[np.int64]:
    is_theirs = pc.is_in(ids, value_set=pa.array(sorted(gone), pa.string()))
    return np.flatnonzero(is_theirs.to_numpy())


def _no_events() -> pa.Table:
    instant = pa.timestamp("us", tz="UTC")
    types = {"event_at": instant, "received_at": instant, "sender": pa.string(), "doubt": pa.string(), "currency": pa.string()}
    schema = pa.schema([*(one for one in LINES_SCHEMA if one.name not in ("at_s", "known_s", "n_lines")), *types.items()])
    return coded_lines.encoded(schema.append(pa.field("offset", pa.int64())).empty_table())
