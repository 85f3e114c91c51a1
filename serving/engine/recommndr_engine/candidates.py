"""Candidates: the items that retrievers propose, merged by fixed quotas into one set of distinct rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import Rows

MAX_CANDIDATES = 500  # on grocer more do not help: an oracle on 450 candidates is far above any ranker


@dataclass(frozen=True, slots=True)
class Candidates:
    """Distinct bundle rows, ascending, and the retrievers that proposed each (bit i = the i-th retriever of the pipeline)."""

    rows: Rows
    sources: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, places: npt.NDArray[np.intp]) -> "Candidates":
        """Those at these places, which ascend."""
        return Candidates(self.rows[places], self.sources[places])


def merge(proposals: Sequence[Rows], quotas: Sequence[int], at_most: int = MAX_CANDIDATES) -> Candidates:
    """Merge lists, best first; the i-th list sets bit i.

    If there are more than `at_most` distinct rows, those nearest to the top of a list, relative to its quota, are kept, so
    every retriever loses the end of its list.
    """
    rows = np.concatenate([*proposals, np.zeros(0, np.int32)])
    bits = np.concatenate(
        [np.full(len(found), 1 << i, np.uint32) for i, found in enumerate(proposals)] or [np.zeros(0, np.uint32)]
    )
    depth = np.concatenate(
        [np.arange(len(found)) / quota for found, quota in zip(proposals, quotas, strict=True)] or [np.zeros(0)]
    )
    distinct, place = np.unique(rows, return_inverse=True)
    sources = np.zeros(len(distinct), np.uint32)
    np.bitwise_or.at(sources, place, bits)
    if len(distinct) > at_most:
        nearest = np.full(len(distinct), np.inf)
        np.minimum.at(nearest, place, depth)
        kept = np.sort(np.argsort(nearest, kind="stable")[:at_most])
        distinct, sources = distinct[kept], sources[kept]
    return Candidates(distinct.astype(np.int32), sources)
