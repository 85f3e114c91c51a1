"""The place of every candidate by each retriever's score: one column per retriever.

Raw scores of a fast shop drift from one day to the next, places do not. A place among all candidates would depend on the
request's scope, because `discover` leaves out what the shopper owns. So items that the shopper owns and items that are new to
the shopper have places apart: a new item's place is the same whether owned items are candidates or not.
"""

from collections.abc import Mapping

import numpy as np

from recommndr_engine.arrays import Mask, ScoreArray
from recommndr_engine.columns.column import ColumnGroup, Values
from recommndr_engine.columns.request import NAN, Request
from recommndr_engine.ranker import Matrix
from recommndr_engine.retrievers import SPECS

_LARGEST = np.float32(np.inf).view(np.int32).astype(np.int64)  # its bits


def places(scores: Matrix, owned: Mask) -> Matrix:
    """(m, n) place of each score of a row among those of the same kind of item, 0 = best; NaN where it is not above 0.

    Equal scores have equal places, the best of them. All rows are sorted at once, which takes half the time of one by one.

    >>> places(np.array([[0.5, 0.9, 0.5, 0.0, 0.7]], np.float32), np.array([False, False, False, False, True])).tolist()
    [[1.0, 0.0, 1.0, nan, 0.0]]
    """
    m, n = scores.shape
    above = np.where(scores > 0.0, scores, np.float32(0.0))
    # One number for each score: owned items are smallest, then large scores, because the bits of floats >= 0 have the order of
    # the floats; the column is in the low half. To sort such numbers takes a third of the time of `argsort`.
    halves = _LARGEST - above.view(np.int32).astype(np.int64) - np.where(owned, 1 << 31, 0)
    ordered = np.sort((halves << 32) + np.arange(n), axis=1)
    halves, columns = ordered >> 32, ordered & 0xFFFFFFFF
    place = np.tile(np.arange(n, dtype=np.float32), (m, 1))
    place[:, 1:] *= halves[:, 1:] != halves[:, :-1]
    np.maximum.accumulate(place, axis=1, out=place)  # equal values get the place of the first of them
    place[:, np.count_nonzero(owned) :] -= np.count_nonzero(owned)
    found = np.empty(m * n, np.float32)
    found[columns + n * np.arange(m)[:, np.newaxis]] = place
    found[above.ravel() == 0.0] = np.nan
    return found.reshape(m, n)


def rank_column(retriever: str) -> str:
    """Name of a retriever's column."""
    return f"{retriever}_rank"


def _places_by_retriever(request: Request) -> Mapping[str, ScoreArray]:
    if not request.scores:
        return {}
    return dict(zip(request.scores, places(np.stack(list(request.scores.values())), request.owned), strict=True))


RETRIEVER_RANKS = ColumnGroup(_places_by_retriever)


def _declare(retriever: str) -> None:
    def rank(by_retriever: Mapping[str, ScoreArray]) -> Values:
        return by_retriever.get(retriever, NAN)

    description = f"Place by the score of retriever {retriever}, owned and new items apart; 0 = best"
    RETRIEVER_RANKS.add(rank_column(retriever), description, rank, NAN)


for _spec in SPECS:
    _declare(_spec.name)
