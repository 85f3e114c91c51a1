"""How long validation of events takes, and how much memory: `python tests/load/validate_speed.py 100000 1000000 10000000`.

Each size is a process of its own that reads a Parquet file made beforehand; seconds are those of reading and of all suites
of events, without imports (some 8 s of CPU) and data docs; memory is the process's highest, imports and all (about 0.4 GB).
`--broken` gives every thousandth row a negative price and an unknown item.
"""

import argparse
import binascii
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from recommndr.events import KINDS
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.validate import read_lines
from recommndr_training.validation.checking import Checked
from recommndr_training.validation.events import Rules, check_events
from recommndr_training.validation.verdict import failures_of

DAY_S = 86_400.0
START_S = 1_735_689_600.0  # 2025-01-01
N_DAYS = 180
N_ITEMS = 50_000
KIND_SHARES = {"view": 0.85, "add_to_cart": 0.08, "purchase": 0.05, "favorite": 0.02}


def uuids(n: int, rng: np.random.Generator) -> pa.Array:
    """(n,) random UUID strings, straight into Arrow's buffers."""
    digits = np.frombuffer(binascii.hexlify(rng.bytes(16 * n)), np.uint8).reshape(n, 32)
    hyphen = np.full((n, 1), ord("-"), np.uint8)
    parts = [digits[:, :8], digits[:, 8:12], digits[:, 12:16], digits[:, 16:20], digits[:, 20:]]
    texts = np.concatenate([column for part in parts for column in (part, hyphen)][:-1], axis=1)
    offsets = np.arange(n + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(texts)))


def lines(n: int, broken: bool) -> pa.Table:
    """About 1.1 lines per event, in time order; shoppers and items by a power law."""
    rng = np.random.default_rng(7)
    event = np.maximum.accumulate(np.where(rng.random(n) < 0.9, np.arange(n), 0))  # row of the event's first line
    at_s = np.sort(START_S + rng.random(n) * N_DAYS * DAY_S)[event]
    n_users = max(n // 15, 10)
    user = (n_users * rng.random(n) ** 3).astype(np.int64)[event]
    kind = rng.choice(len(KIND_SHARES), n, p=list(KIND_SHARES.values()))[event]
    price = rng.integers(100, 10_000, n)
    item = spread(n, rng)
    if broken:
        price[::1_000] = -1
        item[::1_000] = N_ITEMS + 5
    columns: dict[str, Any] = {
        "event_id": uuids(n, rng).take(pa.array(event)),
        "user_id": named("u", user),
        "item_id": named("i", item),
        "kind": pa.DictionaryArray.from_arrays(kind.astype(np.int32), list(KIND_SHARES)),
        "at_s": at_s,
        "known_s": at_s,
        "n_lines": np.ones(n, np.int32),
        "quantity": np.ones(n, np.int32),
        "price_minor": price.astype(np.int32),
    }
    rest = {name: pa.nulls(n, pa.string()) for name in ("device", "os", "country", "region")}
    return pa.table(columns | rest).cast(LINES_SCHEMA)


def spread(n: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """(n,) items by a power law, none twice in three neighbouring rows, so that no event holds one twice (or hardly)."""
    item = (N_ITEMS // 8 * rng.random(n) ** 2).astype(np.int64)
    return item * 8 + np.arange(n) % 8


def named(prefix: str, places: npt.NDArray[np.int64]) -> pa.DictionaryArray:
    """Ids as texts, each distinct one made once."""
    return pa.DictionaryArray.from_arrays(
        places.astype(np.int32), [f"{prefix}{place}" for place in range(int(places.max()) + 1)]
    )


def checked(path: Path) -> list[Checked]:
    """All suites of events on one file."""
    root_category = {f"i{place}": f"category {place % 40}" for place in range(N_ITEMS)}
    end_s = START_S + N_DAYS * DAY_S
    return check_events(read_lines(path), root_category, Rules(LINES_SCHEMA, KINDS, START_S, end_s, end_s))


def measure(path: Path, results: "multiprocessing.Queue[dict[str, float]]") -> None:
    """Run in a process of its own, so that its peak memory contains nothing else."""
    started = time.perf_counter()
    cpu = time.process_time()
    outcomes = checked(path)
    results.put(
        {
            "seconds": round(time.perf_counter() - started, 1),
            "cpu_seconds": round(time.process_time() - cpu, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "failures": len(failures_of(outcomes)),
        }
    )


def main() -> None:
    """Measure each size and print a line of JSON for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+")
    parser.add_argument("--broken", action="store_true")
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        for size in asked.sizes:
            maker = context.Process(target=make, args=(path, size, asked.broken))
            maker.start()
            maker.join()
            results: multiprocessing.Queue[dict[str, float]] = context.Queue()
            worker = context.Process(target=measure, args=(path, results))
            worker.start()
            print(json.dumps({"rows": size, "file_mb": path.stat().st_size >> 20} | results.get()), flush=True)
            worker.join()


def make(path: Path, size: int, broken: bool) -> None:
    """Write a file of `size` lines."""
    pq.write_table(lines(size, broken), path, compression="zstd")


if __name__ == "__main__":
    main()
