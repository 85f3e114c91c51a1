"""How similar every item of a bundle is to one of them, by each retriever that can tell."""

from collections.abc import Iterable

import numpy as np

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.list_request import SimilarBy
from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers.als import Als
from recommndr_engine.retrievers.item_neighbours import Neighbours


def similarities(retrievers: Iterable[Retriever], row: int, by: SimilarBy) -> dict[str, ScoreArray]:
    """(n_items,) scores by retriever: near in ALS space, bought by the same shoppers, or both."""
    scores: dict[str, ScoreArray] = {}
    for retriever in retrievers:
        if isinstance(retriever, Als) and by != "neighbours":
            scores[retriever.name] = retriever.cosines(row)
        elif isinstance(retriever, Neighbours) and by != "als":
            one = np.array([row], np.int32)
            scores[retriever.name] = retriever.matrix.weighted_sum(one, np.ones(1, np.float32))
    return scores
