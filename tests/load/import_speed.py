"""How fast an import reads and writes: `python tests/load/import_speed.py json csv parquet --rows 1000000 --runs 3`.

Each run imports a generated log into an empty lake in a process of its own; the runs of the formats take turns, so that a busy
machine slows down all of them alike. The figures are medians; `cpu` counts all threads, imports of Python left out.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from recommndr.tenancy import TenantPolicy
from recommndr_importing.mapping import parse
from recommndr_importing.shop_import import Order, run

MAPPING = """
events:
  user_id: user
  item_id: item
  kind: {column: kind, values: {view: view, addtocart: add_to_cart, transaction: purchase}}
  time: {column: at, format: epoch_s}
  order_id: {column: order, optional: true}
  session_id: {column: session, optional: true}
  quantity: {column: quantity, optional: true}
  price: {column: price, currency: EUR, optional: true}
  device: {column: device, optional: true}
"""
ENDINGS = {"json": "jsonl", "csv": "csv", "parquet": "parquet"}
START_S, N_DAYS = 1_735_689_600, 90
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def log(n: int) -> pa.Table:
    """A shop's log in the order of time; one row in twenty is of an order, one in a thousand is of no known kind."""
    rng = np.random.default_rng(7)
    kind = rng.choice(4, n, p=[0.879, 0.07, 0.05, 0.001])
    user = (n // 10 * rng.random(n) ** 2).astype(np.int64)
    at = START_S + np.sort(rng.integers(0, N_DAYS * 86_400, n))
    orders = pa.array(10_000_000 + np.arange(n) // 3, mask=kind != 2)
    return pa.table(
        {
            "at": at,
            "user": pc.binary_join_element_wise("u", pa.array(user).cast(pa.string()), ""),
            "item": (200_000 * rng.random(n) ** 3).astype(np.int64),
            "kind": pa.array(["view", "addtocart", "transaction", "wishlist"]).take(pa.array(kind)),
            "session": pa.array(rng.integers(0, n // 5, n)).cast(pa.string()),
            "order": orders.cast(pa.string()),
            "quantity": rng.integers(1, 4, n),
            "price": np.round(rng.random(n) * 100, 2),
            "device": pa.array(["phone", "desktop", "tablet"]).take(pa.array(rng.integers(0, 3, n))),
        }
    )


def write(kind: str, rows: pa.Table, folder: Path) -> Path:
    """The log in a file of that kind."""
    path = folder / f"log.{ENDINGS[kind]}"
    if kind == "parquet":
        pq.write_table(rows, path)
    elif kind == "csv":
        pa_csv.write_csv(rows, path)
    else:
        with path.open("w") as file:
            for batch in rows.to_batches(10_000):
                file.writelines(json.dumps(row) + "\n" for row in batch.to_pylist())
    return path


def _silent(what: str, n: int | None) -> AbstractContextManager[Any]:
    return nullcontext(lambda _: None)


def measure(path: Path, results: "multiprocessing.Queue[dict[str, float]]") -> None:
    """One import."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder)
        order = Order(
            event_files=(path,),
            item_file=None,
            mapping=parse(MAPPING, "speed.yaml"),
            tenant="speed",
            policy=TenantPolicy(),
            lake_dir=lake,
            rejects_path=lake / "rejects.parquet",
            now=NOW,
        )
        wall, cpu = time.perf_counter(), time.process_time()
        outcome = run(order, _silent)
        took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    results.put(took | {"peak_mb": peak_mb, "rows": outcome.n_rows, "accepted": outcome.n_accepted})


def main() -> None:
    """Measure each format and print a line of JSON for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="+", choices=sorted(ENDINGS))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        rows = log(asked.rows)
        paths = {kind: write(kind, rows, Path(folder)) for kind in asked.formats}
        found: dict[str, list[dict[str, float]]] = {kind: [] for kind in paths}
        for _ in range(asked.runs):
            for kind, path in paths.items():
                results: multiprocessing.Queue[dict[str, float]] = context.Queue()
                worker = context.Process(target=measure, args=(path, results))
                worker.start()
                found[kind].append(results.get())
                worker.join()
        for kind, runs in found.items():
            medians = {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}
            print(json.dumps({"format": kind, "file_mb": paths[kind].stat().st_size >> 20} | medians), flush=True)


if __name__ == "__main__":
    main()
