"""The scores of a version's lists at the instant where its data end: shoppers and item counters as they were known then.

Two versions of one shop are compared by them. Asked at another instant, or without item counters, a sound ranker would answer
for a shop that it has never seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from recommndr.features.shopper import ShopperRow
from recommndr.list_scope import Scope
from recommndr_engine.columns import COLUMNS
from recommndr_engine.list_request import ListRequest
from recommndr_engine.opened import Opened
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.ranker import Matrix
from recommndr_lake_writer.interest import IMPRESSION
from recommndr_training.data import coded_lines, logins
from recommndr_training.examples import rolling
from recommndr_training.judging.version import Version
from recommndr_training.params import DataParams
from recommndr_training.shipping.score_range import Scores
from recommndr_training.stage_files import TRAIN_LINES, TRAIN_LOGINS

N_SHOPPERS = 200
_K = 10


def newest_shoppers(lines: pd.DataFrame, n: int = N_SHOPPERS) -> list[str]:
    """At most `n` shoppers, those who acted last; of two at the same instant the smaller id."""
    last_s = lines[lines["kind"] != IMPRESSION].groupby("user_id", observed=True)["at_s"].max()
    order = np.lexsort((last_s.index.astype(str), -last_s.to_numpy()))
    return sorted(str(user_id) for user_id in last_s.index[order[:n]])


@dataclass(frozen=True, slots=True)
class OwnInstant:
    """A version where its data end, with its newest shoppers as they were known then."""

    pipeline: Pipeline
    shoppers: Sequence[ShopperRow]
    at_s: float

    @classmethod
    def of(cls, directory: Path, data: DataParams) -> "OwnInstant":
        """The version below `directory`, which has learnt what was known before the gate cut of `data`."""
        lines = coded_lines.read(directory / TRAIN_LINES)
        identified = logins.read(directory / TRAIN_LOGINS)
        (moment,) = rolling.moments(lines, data, {data.gate_cut_s: newest_shoppers(lines)}, identified)
        return cls(Version.read(directory, data).at(moment), [row for _, row in moment.asked], data.gate_cut_s)

    def scores(self, methods: Mapping[Scope, str]) -> dict[Scope, list[Scores]]:
        """By scope, the scores of the lists, best first; each scope's lists are ordered by its method."""
        found: dict[Scope, list[Scores]] = {scope: [] for scope in methods}
        for opened in self._opened():
            for scope, method in methods.items():
                found[scope].append(self.pipeline.lists(opened, ListRequest(_K, scope), [method])[0].scores)
        return found

    def inputs(self) -> Matrix:
        """(n, n_columns) ranker inputs of all candidates of the shoppers' usual requests; none without a ranker."""
        found = [np.zeros((0, len(COLUMNS)), np.float32)]
        for opened in self._opened() if self.pipeline.ranker is not None else ():
            allowed = self.pipeline.allowed(ListRequest(_K), self.at_s, opened.shopper.row)
            found.append(self.pipeline.inputs(opened.shopper, self.pipeline.retrieve(opened, allowed)))
        return np.concatenate(found)

    def _opened(self) -> Iterator[Opened]:
        with threadpool_limits(1), rolling.one_faiss_thread():
            yield from self.pipeline.open_many(self.pipeline.shopper(row, self.at_s) for row in self.shoppers)
