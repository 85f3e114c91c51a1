"""The floor: what the three unavoidable calls of one `/recommend` take, in a loop without any of our code around them.

The bundle's ranker at as many rows as a request ranks, an exact search for the best 100 items by ALS factors, and one read of a
shopper's row from Redis, each on one thread. Goals for `/recommend` are multiples of their sum, measured in the same run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import faiss
import numpy as np
import onnxruntime
import redis

from recommndr_engine.ranker import RANKER_FILE
from recommndr_engine.retrievers.als import FACTORS_FILE

_N_NEAREST = 100
_N_CALLS = 200


@dataclass(frozen=True, slots=True)
class Floor:
    """Medians, in milliseconds."""

    ranker_ms: float
    search_ms: float
    row_ms: float

    @property
    def sum_ms(self) -> float:
        """Of the three calls."""
        return self.ranker_ms + self.search_ms + self.row_ms


class FloorCalls:
    """The three calls, ready to be timed again between the rounds of a run."""

    def __init__(self, bundle: Path, n_rows: int, store: "redis.Redis[bytes]", row_keys: Sequence[bytes]) -> None:
        self._ranker = _ranker(bundle, n_rows)
        self._search = _search(bundle)
        self._store, self._row_keys = store, row_keys

    def measure(self) -> Floor:
        """Time each call; a fraction of a second each."""
        turn = iter(range(10**9))

        def read_row() -> None:
            self._store.hgetall(self._row_keys[next(turn) % len(self._row_keys)])

        return Floor(*map(_median_ms, (self._ranker, self._search, read_row)))


def _median_ms(call: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_N_CALLS):
        began_s = perf_counter()
        call()
        seconds.append(perf_counter() - began_s)
    return float(np.median(seconds)) * 1e3


def _ranker(bundle: Path, n_rows: int) -> Callable[[], object]:
    path = bundle / RANKER_FILE
    if not path.exists():  # a shop whose gate chose a single method has none
        return lambda: None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    read = session.get_inputs()[0]
    matrix = np.random.default_rng(0).normal(size=(n_rows, read.shape[1])).astype(np.float32)
    return lambda: session.run(None, {read.name: matrix})


def _search(bundle: Path) -> Callable[[], object]:
    path = bundle / FACTORS_FILE
    if not path.exists():
        return lambda: None
    faiss.omp_set_num_threads(1)
    factors = np.load(path, allow_pickle=False).astype(np.float32)
    index = faiss.IndexFlatIP(factors.shape[1])
    index.add(factors)
    vector = factors[:1].copy()
    return lambda: index.search(vector, _N_NEAREST)
