"""User neighbours: items of the shoppers who resemble this one most (user kNN with tf-idf).

An item that few shoppers have tells more about taste than one that all have: idf = log(shoppers / shoppers with the item).
The cosine compares rows of root interest x idf; the scores are the nearest shoppers' rows, weighted by the cosine.

Items that the shopper has themself score 0. So it makes no difference whether the bundle's matrix holds a row of this shopper,
which it does for one who is as old as the bundle and does not for a newer one: that row adds to the shopper's own items only.
"""

from pathlib import Path

import numpy as np

from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import DenseScores
from recommndr_engine.shopper import Shopper
from recommndr_engine.shopper_matrix import ShopperMatrix, interest_roots

MATRIX = "user_neighbours/matrix"


class UserNeighbours:
    """Items of like-minded shoppers."""

    name = "user_neighbours"

    def __init__(self, matrix: ShopperMatrix, n_neighbours: int) -> None:
        self._n_neighbours = n_neighbours
        n_shoppers = matrix.by_shopper.shape[0]
        self._idf = np.log(max(n_shoppers, 1) / np.maximum(matrix.item_counts(), 1)).astype(np.float32)
        weighted = matrix.by_shopper.copy()
        weighted.data = weighted.data * self._idf[weighted.indices]
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        scale = 1.0 / np.maximum(norms, np.float32(1e-6))
        weighted.data = (weighted.data * np.repeat(scale, np.diff(weighted.indptr))).astype(np.float32)
        self._matrix = ShopperMatrix.of(weighted)

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "UserNeighbours":
        """From a bundle's folder."""
        return cls(ShopperMatrix.read(directory / MATRIX), int(parameters["user_neighbours.n_neighbours"]))

    def open(self, shopper: Shopper, items: ItemView) -> DenseScores:
        """See `Retriever`."""
        rows, roots = interest_roots(shopper)
        return DenseScores(self.scores(rows, roots))

    def scores(self, rows: Rows, roots: ScoreArray) -> ScoreArray:
        """(n_items,) float32 for a shopper with these roots of interests; zeros without any."""
        nothing = np.zeros(self._matrix.n_items, np.float32)
        query = roots * self._idf[rows]
        norm = np.linalg.norm(query)
        if norm <= 0.0:
            return nothing
        cosines = self._matrix.products(rows, (query / norm).astype(np.float32))
        near = np.argpartition(-cosines, min(self._n_neighbours, len(cosines)) - 1)[: self._n_neighbours]
        near = near[cosines[near] > 0.0]
        # Not `sum_of_rows`: it is slower than SciPy where rows have hundreds of items, as those of shoppers do.
        found: ScoreArray = self._matrix.by_shopper[near].T @ cosines[near]
        found[rows] = 0.0
        return found


SPECS = (
    RetrieverSpec(
        name=UserNeighbours.name,
        place=80,
        read=UserNeighbours.read,
        stage="user_neighbours",
        file=f"{MATRIX}_starts.npy",
        quota=80,
        blend_weight=1.0,
        reason="Liked by shoppers like you",
        cost_ms=1.5,
        discovers=True,
        from_actions=True,
    ),
)
