"""EASE in its dual form: the exact linear item-item model, without an item-item matrix.

Steck ("Embarrassingly shallow autoencoders for sparse data", WWW 2019) fits X by X B, with a ridge lambda and a zero diagonal.
With more items than shoppers the shoppers' own matrix is smaller: K = X X' and M = (K + lambda I)^-1 give B, and the score of
item j for a shopper x is (x X' M X)_j / (1 - x_j' M x_j), where x_j is the column of item j. An item that the shopper has gets
the same formula: a zero diagonal would drop the habit, and the habit is the best single sign of what is bought again.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import ssymv

from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import DenseScores
from recommndr_engine.shopper import Shopper
from recommndr_engine.shopper_matrix import ShopperMatrix, interest_roots

MATRIX = "ease/matrix"
INVERSE_FILE = "ease/inverse.npy"
SCALE_FILE = "ease/scale.npy"

Square = npt.NDArray[np.float32]  # (n_shoppers, n_shoppers), symmetric


class Ease:
    """A ridge regression of every item on all items that the shopper has."""

    name = "ease"

    def __init__(self, matrix: ShopperMatrix, inverse: Square, scale: ScoreArray) -> None:
        if inverse.shape != (matrix.n_shoppers, matrix.n_shoppers) or scale.shape != (matrix.n_items,):
            raise ValueError(
                f"{INVERSE_FILE}: {inverse.shape} and {SCALE_FILE}: {scale.shape}, "
                f"expected the sizes of {matrix.n_shoppers} shoppers and {matrix.n_items} items"
            )
        self.matrix, self.inverse, self.scale = matrix, inverse, scale
        # Column by column the product takes half the time of that of `by_item`, with the same bits.
        self._by_shopper = matrix.by_shopper.T

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "Ease":
        """From a bundle's folder."""
        inverse, scale = (np.load(directory / name, allow_pickle=False) for name in (INVERSE_FILE, SCALE_FILE))
        return cls(ShopperMatrix.read(directory / MATRIX), inverse, scale)

    def open(self, shopper: Shopper, items: ItemView) -> DenseScores:
        """See `Retriever`."""
        return DenseScores(self.scores(*interest_roots(shopper)))

    def scores(self, rows: Rows, roots: ScoreArray) -> ScoreArray:
        """(n_items,) float32 for a shopper with these roots of interests; zeros without any."""
        if not len(rows):
            return np.zeros(self.matrix.n_items, np.float32)
        # The transpose of a symmetric matrix is the matrix, in the order that BLAS reads without a copy.
        weights = ssymv(1.0, self.inverse.T, self.matrix.products(rows, roots))
        found: ScoreArray = (self._by_shopper @ weights) * self.scale
        return found


SPECS = (
    RetrieverSpec(
        name=Ease.name,
        place=90,
        read=Ease.read,
        stage="ease",
        file=INVERSE_FILE,
        quota=80,
        blend_weight=1.0,
        reason="Fits what you buy",
        cost_ms=2.9,
        discovers=True,
        from_actions=True,
    ),
)
