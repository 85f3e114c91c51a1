"""Shoppers of the training data by items, without their ids: whom a shopper of a request resembles.

Row u holds the roots of shopper u's interests (`Shopper.interests`); the root keeps one item that is bought every week from
dominating. The shopper of a request is never looked up here: the state that serving reads is the query, in training too.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.shopper import Shopper
from recommndr_engine.sparse_rows import SparseRows, places_of_rows


def interest_roots(shopper: Shopper) -> tuple[Rows, ScoreArray]:
    """Bundle rows of the shopper's items and the roots of the interest in them, as the matrix holds them."""
    rows, values = shopper.interests
    return rows, np.sqrt(values)


@dataclass(frozen=True, slots=True)
class ShopperMatrix:
    """The matrix in both orders. Session neighbours hold visits in the rows instead of shoppers."""

    by_shopper: sparse.csr_matrix  # (n_shoppers, n_items) float32
    by_item: sparse.csr_matrix  # (n_items, n_shoppers), the same values

    @classmethod
    def of(cls, by_shopper: sparse.csr_matrix) -> "ShopperMatrix":
        """From its rows; raises `ValueError` for values that are not finite."""
        if not np.isfinite(by_shopper.data).all():
            raise ValueError(f"matrix of shoppers: {(~np.isfinite(by_shopper.data)).sum()} values are not finite")
        return cls(by_shopper, by_shopper.T.tocsr())

    @classmethod
    def read(cls, stem: Path) -> "ShopperMatrix":
        """Read what `write` wrote."""
        held = SparseRows.read(stem)
        shape = (len(held.starts) - 1, int(held.columns.max(initial=-1)) + 1)
        return cls.of(sparse.csr_matrix((held.values, held.columns, held.starts), shape=shape).T.tocsr())

    def write(self, stem: Path) -> None:
        """Write the matrix by item as `SparseRows`; one without rows has no files, and a bundle then no such retriever."""
        if not self.n_shoppers:
            self.remove(stem)
            return
        stem.parent.mkdir(parents=True, exist_ok=True)
        SparseRows(self.by_item.indptr, self.by_item.indices, self.by_item.data).write(stem)

    @staticmethod
    def remove(stem: Path) -> None:
        """Remove the files that `write` writes."""
        SparseRows.remove(stem)

    @property
    def n_shoppers(self) -> int:
        """Number of rows."""
        return int(self.by_shopper.shape[0])

    @property
    def n_items(self) -> int:
        """Number of columns."""
        return int(self.by_shopper.shape[1])

    def products(self, rows: Rows, weights: ScoreArray) -> ScoreArray:
        """(n_shoppers,) sum of `weights[j]` times what each shopper has in item `rows[j]`."""
        return sum_of_rows(self.by_item, rows, weights)

    def item_counts(self) -> npt.NDArray[np.int64]:
        """(n_items,) shoppers with interest in each item."""
        counts: npt.NDArray[np.int64] = np.diff(self.by_item.indptr).astype(np.int64)
        return counts


def sum_of_rows(matrix: sparse.csr_matrix, rows: Rows, weights: ScoreArray) -> ScoreArray:
    """(n_columns,) float32 `matrix[rows].T @ weights`, to the bit.

    SciPy makes a matrix of the rows first, which takes .25 ms however few they are. Of 20,000 values and more it is faster.
    """
    places, lengths = places_of_rows(matrix.indptr, rows)
    found = np.zeros(matrix.shape[1], np.float32)
    np.add.at(found, matrix.indices.take(places), matrix.data.take(places) * np.repeat(weights, lengths))
    return found
