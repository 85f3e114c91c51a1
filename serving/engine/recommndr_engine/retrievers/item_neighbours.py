"""Item neighbours: items related to this shopper's items.

Each item has two lists, both sparse rows of a bundle: **neighbours** (same shoppers over the whole history, recency-weighted
cosine), queried with all items the shopper bought or viewed; and **co-visits** (same basket or session), queried with the
newest items only.
"""

from pathlib import Path

import numpy as np

from recommndr_engine.item_view import ItemView
from recommndr_engine.related_scores import RelatedScores
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import DenseScores
from recommndr_engine.shopper import Shopper
from recommndr_engine.sparse_rows import SparseRows

NEIGHBOURS = "item_neighbours/neighbours"
CO_VISITS = "item_neighbours/co_visits"


class Neighbours:
    """Items bought by shoppers with the same purchases."""

    name = "neighbours"

    def __init__(self, matrix: SparseRows) -> None:
        self.matrix = matrix

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Neighbours":
        """From a bundle's folder."""
        return cls(SparseRows.read(directory / NEIGHBOURS))

    def open(self, shopper: Shopper, items: ItemView) -> DenseScores:
        """See `Retriever`."""
        rows, values = shopper.interests
        # The square root keeps one item that is bought every week from dominating.
        return DenseScores(self.matrix.weighted_sum(rows, np.sqrt(values)))


class CoVisits:
    """Items in the same baskets and sessions as the shopper's newest items."""

    name = "co_visits"

    def __init__(self, matrix: SparseRows, half_life_s: float) -> None:
        self.matrix, self._half_life_s = matrix, half_life_s

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "CoVisits":
        """From a bundle's folder."""
        return cls(SparseRows.read(directory / CO_VISITS), float(parameters["co_visits.half_life_s"]))

    def open(self, shopper: Shopper, items: ItemView) -> RelatedScores:
        """See `Retriever`."""
        return RelatedScores(self.matrix, shopper, self._half_life_s)


SPECS = (
    RetrieverSpec(
        name=Neighbours.name,
        place=30,
        read=Neighbours.read,
        stage="item_neighbours",
        file=f"{NEIGHBOURS}_starts.npy",
        quota=100,
        blend_weight=1.0,
        reason="Often bought with what you buy",
        cost_ms=0.5,
        discovers=True,
        from_actions=True,
        own_requests=True,
    ),
    RetrieverSpec(
        name=CoVisits.name,
        place=40,
        read=CoVisits.read,
        stage="item_neighbours",
        file=f"{CO_VISITS}_starts.npy",
        quota=100,
        blend_weight=0.5,
        reason="Goes with what you chose lately",
        cost_ms=0.3,
        discovers=True,
        from_actions=True,
    ),
)
