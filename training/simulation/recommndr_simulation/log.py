"""Writes the simulated log to the lake: merges chunks day by day, a few days per commit; rows do not depend on chunks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from deltalake import DeltaTable

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import events_dir
from recommndr_simulation.arrays import Lines
from recommndr_simulation.calendar import DAY_S
from recommndr_simulation.event_table import EventTable
from recommndr_simulation.world import World

# Lines per commit: about 300 bytes each as rows, so that a commit stays below half a gigabyte.
LINES_PER_COMMIT = 400_000


class AlreadyThere(ValueError):
    """The lake has events of this tenant; the message says what to do."""


@dataclass(frozen=True, slots=True)
class LogSizes:
    """Sizes of the written log as readers count them, bots included."""

    events: int
    lines: int
    users: int
    items_seen: int


def clear(lake_dir: Path, tenant: str, replace: bool) -> None:
    """Make sure that the lake has no events of `tenant`; raises `AlreadyThere` unless `replace` allows to delete them."""
    path = events_dir(lake_dir)
    if not DeltaTable.is_deltatable(str(path)):
        return
    table = DeltaTable(path)
    if not any(partition["tenant"] == tenant for partition in table.partitions()):
        return
    if not replace:
        raise AlreadyThere(
            f"{lake_dir}: the lake has events of {tenant!r}: --replace deletes them first, or choose another --tenant"
        )
    table.delete(f"tenant = '{tenant}'")  # tenants hold a-z, 0-9 and '-' only


def days(paths: list[Path], world: World) -> Iterator[Lines]:
    """The lines of one day after the other, in time order."""
    chunks = [np.load(path, mmap_mode="r", allow_pickle=False) for path in paths]
    opens_us = round(world.profile.start_s * 1e6)
    # Visits of the last day may end after midnight and are cut there; the opening day is the first day.
    edges_us = opens_us + np.arange(world.profile.days + 1) * round(DAY_S * 1e6)
    edges = [np.searchsorted(chunk["at_us"], edges_us) for chunk in chunks]
    for day in range(world.profile.days):
        lines = np.concatenate([chunk[edge[day] : edge[day + 1]] for chunk, edge in zip(chunks, edges, strict=True)])
        yield lines[np.lexsort((lines["line_no"], lines["event"], lines["at_us"]))]


def write(
    world: World, paths: list[Path], lake_dir: Path, tenant: str, policy: TenantPolicy, advance: Callable[[int], None]
) -> LogSizes:
    """Append the log to the lake's events; calls `advance` after every day."""
    table, lake = EventTable(world, tenant, policy), EventsTable(lake_dir)
    seen_users, seen_items, n_events, n_lines = set[int](), np.zeros(world.catalogue.n_items, bool), 0, 0
    waiting: list[Lines] = []
    for lines in days(paths, world):
        waiting.append(lines)
        if sum(map(len, waiting)) >= LINES_PER_COMMIT:
            lake.append(table.rows(np.concatenate(waiting)), {})
            waiting = []
        seen_users.update(np.unique(lines["user"]).tolist())
        seen_items[lines["item"][lines["item"] >= 0]] = True
        n_events += int((lines["line_no"] == 0).sum())
        n_lines += len(lines)
        advance(1)
    if waiting:
        lake.append(table.rows(np.concatenate(waiting)), {})
    return LogSizes(n_events, n_lines, len(seen_users), int(seen_items.sum()))
