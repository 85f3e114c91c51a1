"""How fast and how large a replay is: makes a log of any size, replays it through a lake, prints one JSON line.

    python -m tests.load.replay_speed --events 1000000

The log is of plausible shape, not of a plausible shop (`recommndr simulate` makes those): items follow a Zipf law, shoppers are
unequally active, one event in ten is an impression of eight items. It is written to a lake first, a day at a time, and that is
not part of the figures; the replay runs as `recommndr replay` does, in processes of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recommndr.counting import DEFAULT_COUNTING
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import SCHEMA
from recommndr_training.data import history
from recommndr_training.examples.replay import Replay, Request
from recommndr_training.examples.shard_pool import ShardPool

TENANT = "grocer"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
N_DAYS = 90
SHARES = {"view": 0.75, "impression": 0.10, "add_to_cart": 0.09, "purchase": 0.04, "favorite": 0.02}
N_IMPRESSIONS = 8
N_BOUGHT = 3
_COUNTRIES = np.array(["DE", "PT", "FR", "US"])
_DEVICES = np.array(["phone", "desktop", "tablet"])


def days(n_events: int, n_users: int, n_items: int, seed: int = 1) -> Iterator[pa.Table]:
    """The log as the lake's rows, a table a day."""
    chance = np.random.default_rng(seed)
    for number in range(N_DAYS):
        n = n_events * (number + 1) // N_DAYS - n_events * number // N_DAYS
        yield _day(chance, SINCE + timedelta(days=number), n, (n_users, n_items))


def _day(chance: np.random.Generator, start: datetime, n: int, sizes: tuple[int, int]) -> pa.Table:
    n_users, n_items = sizes
    kinds = np.array(list(SHARES))[chance.choice(len(SHARES), n, p=list(SHARES.values()))]
    n_lines = np.where(kinds == "impression", N_IMPRESSIONS, np.where(kinds == "purchase", N_BOUGHT, 1))
    users = (n_users * chance.beta(0.6, 1.4, n)).astype(np.int64)  # some shoppers are thirty times as active as others
    line_of = np.repeat(np.arange(n), n_lines)
    items = (n_items * chance.random(len(line_of)) ** 3).astype(np.int64)
    at = int(start.timestamp() * 1e6) + np.sort(chance.integers(0, 86_400_000_000, n))
    instants = pa.array(at[line_of]).cast(pa.timestamp("us", tz="UTC"))
    columns = {
        "tenant": pa.repeat(TENANT, len(line_of)),
        "received_on": pa.repeat(start.date(), len(line_of)),
        "event_id": pa.array(_uuids(chance, n)).take(pa.array(line_of)),
        "kind": pa.array(kinds[line_of]),
        "user_id": _ids("u", users[line_of]),
        "item_id": _ids("i", items),
        "line_no": pa.array(np.arange(len(line_of)) - np.repeat(np.cumsum(n_lines) - n_lines, n_lines), pa.int32()),
        "quantity": pa.repeat(pa.scalar(1, pa.int32()), len(line_of)),
        "weight": pa.array(_weights(kinds)[line_of]),
        "device": pa.array(_DEVICES[users % 3][line_of]),
        "country": pa.array(_COUNTRIES[users % 4][line_of]),
        **dict.fromkeys(("occurred_at", "received_at", "event_at"), instants),
    }
    missing = {field.name: pa.nulls(len(line_of), field.type) for field in SCHEMA if field.name not in columns}
    return pa.table([(columns | missing)[field.name].cast(field.type) for field in SCHEMA], schema=SCHEMA)


def _weights(kinds: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
    policy = TenantPolicy()
    return np.select([kinds == kind for kind in SHARES], [policy.weight(kind) for kind in SHARES])


def _uuids(chance: np.random.Generator, n: int) -> list[str]:
    digits = chance.bytes(16 * n).hex()
    whole = (digits[start : start + 32] for start in range(0, 32 * n, 32))
    return [f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in whole]


def _ids(letter: str, numbers: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(np.char.add(letter, numbers.astype(str)))


def write(lake_dir: Path, n_events: int, n_users: int, n_items: int) -> None:
    """The log as a lake."""
    table = EventsTable(lake_dir)
    for day in days(n_events, n_users, n_items):
        table.append(day, {})


def by_command(lake_dir: Path, processes: int) -> dict[str, Any]:
    """The output of `recommndr replay` with seeds written."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "recommndr_training.cli", "replay", "--tenant", TENANT, "--lake", str(lake_dir)]
        command += ["--processes", str(processes), "--out", str(Path(folder) / "seeds.parquet")]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(told) | {"cpu_seconds": round(spent.ru_utime + spent.ru_stime, 1)}


def with_questions(lake_dir: Path, processes: int, n_asked: int, n_users: int) -> dict[str, Any]:
    """The same pass with requests for `n_asked` shoppers at instants spread over it."""
    chance = np.random.default_rng(2)
    instants_s = SINCE.timestamp() + np.sort(chance.random(n_asked)) * N_DAYS * 86_400.0
    users = chance.integers(0, n_users, n_asked)
    requests = [Request(f"u{user}", at_s) for user, at_s in zip(users.tolist(), instants_s.tolist(), strict=True)]
    began = time.monotonic()
    pool = ShardPool.start(DEFAULT_COUNTING, processes)
    with Replay(history.of_lake(lake_dir, TENANT), pool) as going:
        n_known = sum(row is not None for _, row in going.rows_at(requests))
        seconds = time.monotonic() - began
        return {"asked": n_asked, "known": n_known, "seconds": round(seconds, 1), "peak_mb": round(pool.peak_mb())}


def main() -> None:
    """Write, replay, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, help="default: a tenth of the events")
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--asked", type=int, default=0, help="ask for so many shoppers on the way, and write no seeds")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--lake", type=Path, help="keep the log here, and use the one that is there")
    chosen = parser.parse_args()
    n_users = chosen.users or max(1, chosen.events // 10)
    with tempfile.TemporaryDirectory() as folder:
        lake_dir = chosen.lake or Path(folder) / "lake"
        if not lake_dir.exists():
            write(lake_dir, chosen.events, n_users, chosen.items)
        if chosen.asked:
            told = with_questions(lake_dir, chosen.processes, chosen.asked, n_users)
        else:
            told = by_command(lake_dir, chosen.processes)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
