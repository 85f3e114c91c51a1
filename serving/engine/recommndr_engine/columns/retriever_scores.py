"""The score of every candidate by each retriever, whoever proposed it: one column per retriever."""

from collections.abc import Mapping

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.columns.column import ColumnGroup, Values
from recommndr_engine.columns.request import Request
from recommndr_engine.retrievers import SPECS


def score_column(retriever: str) -> str:
    """Name of a retriever's column."""
    return f"{retriever}_score"


def _scores(request: Request) -> Mapping[str, ScoreArray]:
    return request.scores


RETRIEVER_SCORES = ColumnGroup(_scores)


def _declare(retriever: str) -> None:
    def score(scores: Mapping[str, ScoreArray]) -> Values:
        return scores.get(retriever, 0.0)

    RETRIEVER_SCORES.add(score_column(retriever), f"Score of retriever {retriever}", score)


for _spec in SPECS:
    _declare(_spec.name)
