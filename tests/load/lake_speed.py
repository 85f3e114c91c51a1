"""How long commits to the lake take as it grows: appends batches as the lake writer does, prints one JSON line.

    python -m tests.load.lake_speed --history 10000000 --commits 2000

The history (`replay_speed.days`) is written first, a day at a time. `--compact N` compacts after every N commits, on a thread
of its own, as the lake writer does.
"""

import argparse
import json
import tempfile
import threading
import time
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from prometheus_client import CollectorRegistry

from recommndr import topics
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.files import event_files
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.read_part import ReadPart
from recommndr_lake_writer.upkeep import Upkeep
from tests.load.replay_speed import N_DAYS, SINCE, _day, write

_WINDOW = 50  # commits of one figure
_NOON = SINCE + timedelta(days=N_DAYS, hours=12)


def batches(n_rows: int) -> Any:
    """Endless batches of about `n_rows` lines, all of one day."""
    chance = np.random.default_rng(3)
    while True:
        yield _day(chance, _NOON.replace(hour=0, tzinfo=UTC), n_rows * 10 // 18, (100_000, 50_000))


def run(lake_dir: Path, n_commits: int, n_rows: int, compact_every: int | None) -> dict[str, Any]:
    """Commit, and tell milliseconds of a commit at the beginning, in the middle and at the end."""
    began = time.monotonic()
    table, source, took_ms = EventsTable(lake_dir), batches(n_rows), []
    opened_s = time.monotonic() - began
    keeper = Upkeep(lake_dir, timedelta(days=7), Metrics(CollectorRegistry()), lambda: _NOON)
    compacting: threading.Thread | None = None
    compactions_s: list[float] = []

    def compact() -> None:
        at = time.monotonic()
        keeper.compact()
        compactions_s.append(round(time.monotonic() - at, 2))

    for number in range(n_commits):
        rows: pa.Table = next(source)
        at = time.monotonic()
        table.append(rows, {(topics.EVENTS.name, number % 8): ReadPart(number - 8 if number >= 8 else None, number)})
        took_ms.append(1_000 * (time.monotonic() - at))
        if compact_every and number % compact_every == compact_every - 1 and not (compacting and compacting.is_alive()):
            compacting = threading.Thread(target=compact)
            compacting.start()
    if compacting is not None:
        compacting.join()
    at = time.monotonic()
    EventsTable(lake_dir)
    told = {f"after {first}": _quantiles(took_ms[first : first + _WINDOW]) for first in _firsts(n_commits)}
    return {
        "commits": n_commits,
        "open_s_before": round(opened_s, 2),
        "open_s_after": round(time.monotonic() - at, 2),
        "ms": told,
        "files": len(event_files(lake_dir)),
        "compactions_s": compactions_s,
    }


def _firsts(n_commits: int) -> list[int]:
    return [first for first in (0, n_commits // 2, n_commits - _WINDOW) if first >= 0]


def _quantiles(took_ms: list[float]) -> dict[str, float]:
    return {f"p{level}": round(float(np.percentile(took_ms, level)), 1) for level in (50, 95, 100)}


def main() -> None:
    """Write the history, commit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--history", type=int, default=0, help="events that the lake has already")
    parser.add_argument("--commits", type=int, default=2_000)
    parser.add_argument("--rows", type=int, default=1_000, help="lines of a commit")
    parser.add_argument("--compact", type=int, help="compact after every so many commits")
    parser.add_argument("--lake", type=Path, help="keep the lake here, and use the one that is there")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake_dir = chosen.lake or Path(folder) / "lake"
        if chosen.history and not lake_dir.exists():
            write(lake_dir, chosen.history, chosen.history // 10, 50_000)
        print(json.dumps({"history": chosen.history} | run(lake_dir, chosen.commits, chosen.rows, chosen.compact)))


if __name__ == "__main__":
    main()
