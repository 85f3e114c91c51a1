"""What each retriever costs of a request, measured on real requests. For people to read: times differ from run to run."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.related_scores import RelatedScores
from recommndr_engine.retrievers import BY_NAME
from recommndr_training.examples.examples import Answered

_N_REQUESTS = 30  # of one cut; less than a second


def measure(pipeline: Pipeline, asked: Sequence[Answered], clock: Callable[[], float] = time.thread_time) -> dict[str, float]:
    """By retriever: median milliseconds of computing to open it, propose, and score all candidates. Empty without requests."""
    taken: dict[str, list[float]] = {}
    for request, row in asked[:_N_REQUESTS]:
        shopper = pipeline.shopper(row, request.at_s)
        allowed = pipeline.allowed(ListRequest(), request.at_s, row)
        rows = pipeline.retrieve(pipeline.open(shopper), allowed).candidates.rows
        opened = pipeline.open(shopper)
        for name in opened:
            began_s = clock()
            scores = opened[name]
            scores.top(BY_NAME[name].quota, allowed)
            scores.for_rows(rows)
            if isinstance(scores, RelatedScores):
                scores.to_recent(rows)
            taken.setdefault(name, []).append(clock() - began_s)
    return {name: float(np.median(each)) * 1_000.0 for name, each in taken.items()}
