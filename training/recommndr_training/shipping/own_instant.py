"""The scores of a version's lists at the instant where its data end: shoppers and item counters as they were known then.

Two versions of one shop are compared by them. Asked at another instant, or without item counters, a sound ranker would answer
for a shop that it has never seen.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from recommndr.list_scope import Scope
from recommndr_engine.list_request import ListRequest
from recommndr_lake_writer.interest import IMPRESSION
from recommndr_training.data import coded_lines
from recommndr_training.examples import rolling
from recommndr_training.judging.version import Version
from recommndr_training.params import DataParams
from recommndr_training.shipping.score_range import Scores
from recommndr_training.stage_files import TRAIN_LINES

N_SHOPPERS = 200
_K = 10


def newest_shoppers(lines: pd.DataFrame, n: int = N_SHOPPERS) -> list[str]:
    """At most `n` shoppers, those who acted last; of two at the same instant the smaller id."""
    last_s = lines[lines["kind"] != IMPRESSION].groupby("user_id", observed=True)["at_s"].max()
    order = np.lexsort((last_s.index.astype(str), -last_s.to_numpy()))
    return sorted(str(user_id) for user_id in last_s.index[order[:n]])


def scores(directory: Path, data: DataParams, methods: Mapping[Scope, str]) -> dict[Scope, list[Scores]]:
    """By scope, the scores of the lists of the newest shoppers, best first; each scope's lists are ordered by its method.

    The version below `directory` has learnt what was known before the gate cut of `data`.
    """
    lines = coded_lines.read(directory / TRAIN_LINES)
    (moment,) = rolling.moments(lines, data, {data.gate_cut_s: newest_shoppers(lines)})
    pipeline = Version.read(directory, data).at(moment)
    found: dict[Scope, list[Scores]] = {scope: [] for scope in methods}
    with threadpool_limits(1), rolling.one_faiss_thread():
        for opened in pipeline.open_many(pipeline.shopper(row, data.gate_cut_s) for _, row in moment.asked):
            for scope, method in methods.items():
                found[scope].append(pipeline.lists(opened, ListRequest(_K, scope), [method])[0].scores)
    return found
