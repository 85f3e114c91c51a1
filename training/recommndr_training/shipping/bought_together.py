"""Counts which items share baskets, for `/frequently_bought_together`. A basket is what a shopper takes in one visit.

A pair ships if at least `min_baskets` have it and the lower end of its lift's 95 % interval is above 1. Substitutes of one
category, which each have many buyers and hardly ever one basket, fall out by this, and so do best-sellers that are in every
second basket whatever else is. Of an item's pairs those in most of its baskets come first: given one item of a later basket,
the first five had another item of it in 51 % of Online Retail's (best-sellers: 22 %) and 21 % of a grocer's (best-sellers,
which this leaves out: 24 %); ordered by the lower end of the lift 37 % and 12 %, by the excess over the expected 49 % and 19 %.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommndr_engine.bought_together import Basketry, BoughtTogether
from recommndr_engine.sparse_rows import SparseRows
from recommndr_training.data.interactions import Interactions

_MAX_PAIRS = 50_000_000  # in the newest baskets; more take many seconds and gigabytes


@dataclass(frozen=True, slots=True)
class BoughtTogetherParams:
    """Which baskets and pairs count."""

    max_basket_items: int = 100  # a larger basket is a reseller's, whose pairs say little
    min_baskets: int = 3  # with both items
    n_companions: int = 50  # of an item


def fit(known: Interactions, options: BoughtTogetherParams) -> BoughtTogether:
    """The pairs with evidence in the baskets of the shop's target kind; none for a shop whose baskets have one item each."""
    matrix = _baskets(known, options.max_basket_items)
    sizes = np.diff(matrix.indptr).astype(np.float64)
    pair_rate = max((sizes * (sizes - 1.0)).sum() / max(sizes.sum() ** 2, 1.0), 1.0 / max(len(sizes), 1))
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int64)
    basketry = Basketry(counts, len(sizes), float(pair_rate))
    return BoughtTogether(_pairs(matrix, basketry, options), basketry)


def _baskets(known: Interactions, max_items: int) -> sparse.csr_matrix:
    """(n_baskets, n_items) of ones, oldest basket first."""
    targets = known.targets
    visits, of_row = np.unique(targets.visits, return_inverse=True)
    ended_s = np.full(len(visits), -np.inf)
    np.maximum.at(ended_s, of_row, targets.at_s)
    place = np.empty(len(visits), np.int64)
    place[np.argsort(ended_s, kind="stable")] = np.arange(len(visits))
    shape = (len(visits), len(known.item_ids))
    matrix = sparse.csr_matrix((np.ones(len(of_row), np.float32), (place[of_row], targets.items)), shape=shape)
    matrix.data[:] = 1.0  # an item twice in a visit counts once
    sizes = np.diff(matrix.indptr).astype(np.int64)
    matrix, sizes = matrix[sizes <= max_items], sizes[sizes <= max_items]
    in_newer = np.cumsum((sizes * sizes)[::-1])[::-1]
    return matrix[in_newer <= _MAX_PAIRS]


def _pairs(matrix: sparse.csr_matrix, basketry: Basketry, options: BoughtTogetherParams) -> SparseRows:
    together = (matrix.T @ matrix).tocoo()
    enough = (together.row != together.col) & (together.data >= options.min_baskets)
    rows, columns = together.row[enough].astype(np.int32), together.col[enough].astype(np.int32)
    counts = together.data[enough].astype(np.int64)
    _, low, _ = basketry.lift(rows, columns, counts)
    proven = low > 1.0
    rows, columns, counts, low = rows[proven], columns[proven], counts[proven], low[proven]
    order = np.lexsort((columns, -low, -counts, rows))
    rows, columns, counts = rows[order], columns[order], counts[order]
    starts = np.searchsorted(rows, np.arange(matrix.shape[1] + 1))
    kept = np.arange(len(rows)) - np.repeat(starts[:-1], np.diff(starts)) < options.n_companions
    lengths: npt.NDArray[np.int64] = np.minimum(np.diff(starts), options.n_companions)
    return SparseRows(np.append(0, np.cumsum(lengths)).astype(np.int64), columns[kept], counts[kept].astype(np.float32))
