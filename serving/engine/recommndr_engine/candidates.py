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
    lengths = np.array([len(found) for found in proposals], np.intp)
    rows = np.concatenate([*proposals, np.zeros(0, np.int32)])
    if not len(rows):
        return Candidates(np.zeros(0, np.int32), np.zeros(0, np.uint32))
    by_row = np.argsort(rows, kind="stable")
    ordered = rows[by_row]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))  # where each distinct row begins
    distinct = ordered[starts].astype(np.int32, copy=False)
    bits = np.repeat(np.left_shift(1, np.arange(len(proposals))).astype(np.uint32), lengths)
    sources = np.bitwise_or.reduceat(bits[by_row], starts)
    if len(distinct) > at_most:
        place = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        depth = place / np.repeat(np.array(quotas, np.float64), lengths)
        nearest = np.minimum.reduceat(depth[by_row], starts)
        kept = np.sort(np.argsort(nearest, kind="stable")[:at_most])
        distinct, sources = distinct[kept], sources[kept]
    return Candidates(distinct, sources)
