"""The place of every candidate by each retriever's score: one column per retriever.

Raw scores of a fast shop drift from one day to the next, places do not. A place among all candidates would depend on the
request's scope, because `discover` leaves out what the shopper owns. So items that the shopper owns and items that are new to
the shopper have places apart: a new item's place is the same whether owned items are candidates or not.
"""

from collections.abc import Mapping

import numpy as np

from recommndr_engine.arrays import Mask, ScoreArray
from recommndr_engine.columns.column import ColumnGroup, Values
from recommndr_engine.columns.request import NAN, Floats, Request
from recommndr_engine.retrievers import SPECS


def places(scores: ScoreArray, owned: Mask) -> Floats:
    """(n,) place of each score among those of the same kind of item, 0 = best; NaN where the score is not above 0.

    Equal scores have equal places, the best of them.

    >>> places(np.array([0.5, 0.9, 0.5, 0.0, 0.7], np.float32), np.array([False, False, False, False, True])).tolist()
    [1.0, 0.0, 1.0, nan, 0.0]
    """
    found = np.full(len(scores), np.nan)
    for kind in (owned, ~owned):
        scored = np.flatnonzero(kind & (scores > 0.0))
        ascending = np.sort(scores[scored])
        found[scored] = len(scored) - np.searchsorted(ascending, scores[scored], side="right")
    return found


def rank_column(retriever: str) -> str:
    """Name of a retriever's column."""
    return f"{retriever}_rank"


def _request(request: Request) -> Request:
    return request


RETRIEVER_RANKS = ColumnGroup(_request)


def _declare(retriever: str) -> None:
    def rank(request: Request) -> Values:
        scores: Mapping[str, ScoreArray] = request.scores
        return places(scores[retriever], request.owned) if retriever in scores else NAN

    description = f"Place by the score of retriever {retriever}, owned and new items apart; 0 = best"
    RETRIEVER_RANKS.add(rank_column(retriever), description, rank, NAN)


for _spec in SPECS:
    _declare(_spec.name)
