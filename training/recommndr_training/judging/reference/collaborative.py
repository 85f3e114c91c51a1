"""Collaborative filtering: EASE, ALS, user neighbours.

EASE is Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019, here in its dual form: with X (users x items)
and M = (X X' + lambda I)^-1, the item weights B = I - P diag(1 / diag P) with P = (X'X + lambda I)^-1 give
x B = x X'M X / (1 - x_j'M x_j) for items j that x does not have (Woodbury identity), where x_j is column j of X.
"""

from functools import partial

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommndr_training.data.interactions import Floats, Interactions, Ints
from recommndr_training.judging.reference.method import DAY_S, Method, Scores, Variant, row_sums

_HALF_LIFE_S = 90 * DAY_S
_MAX_USERS = 6_000  # a dense matrix of users x users has to be inverted


class Ease:
    """EASE fitted on a (users x items) matrix."""

    def __init__(self, x: sparse.csr_matrix, ridge: float) -> None:
        self._x = x
        gram = (x @ x.T).toarray().astype(np.float64)
        self._inverse = np.linalg.inv(gram + ridge * np.eye(len(gram)))
        by_item = x.T.tocsr()
        own = [_own_weight(by_item[start : start + 2_000], self._inverse) for start in range(0, by_item.shape[0], 2_000)]
        self._rest = np.maximum(1.0 - np.concatenate(own), 1e-9)

    def scores(self, rows: sparse.csr_matrix) -> Floats:
        """(n_rows, n_items) of shoppers with these interests; items that they have get the same formula."""
        found: Floats = np.asarray(((rows @ self._x.T) @ self._inverse) @ self._x) / self._rest
        return found


def _own_weight(items: sparse.csr_matrix, inverse: Floats) -> Floats:
    return np.asarray(items.multiply(items @ inverse).sum(axis=1), np.float64).ravel()


def ease(ridge: float, known: Interactions, cut_s: float) -> Method:
    """EASE on the square root of decayed counts; of very many shoppers those with the most items."""
    x = known.interests(cut_s, _HALF_LIFE_S)
    x.data = np.sqrt(x.data)
    n_items = np.diff(x.indptr)
    most = np.argsort(-n_items, kind="stable")[:_MAX_USERS]
    fitted = Ease(x[np.sort(most[n_items[most] > 0])], ridge)
    return lambda users: np.maximum(fitted.scores(x[users]), 0.0).astype(np.float32)


def user_neighbours(n_neighbours: int, known: Interactions, cut_s: float) -> Method:
    """Items of the nearest shoppers by the cosine of tf-idf weighted interests."""
    interests = known.interests(cut_s, _HALF_LIFE_S)
    n_users = np.maximum(np.diff(interests.tocsc().indptr), 1)
    n_known = int((np.diff(interests.indptr) > 0).sum())  # others come after the cut
    weighted = (interests @ sparse.diags(np.log1p(n_known / n_users))).tocsr()
    norms = np.sqrt(row_sums(weighted.multiply(weighted).tocsr()))
    unit = (sparse.diags(1.0 / np.maximum(norms, 1e-9)) @ weighted).tocsr().astype(np.float32)
    binary = interests.copy()
    binary.data = np.ones_like(binary.data)

    def scores(users: Ints) -> Scores:
        similar = np.asarray((unit[users] @ unit.T).toarray())
        similar[np.arange(len(users)), users] = 0.0  # nobody is their own neighbour
        k = min(n_neighbours, similar.shape[1])
        nearest = np.argpartition(-similar, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(similar, nearest, 1).ravel()
        chosen = sparse.csr_matrix((values, nearest.ravel(), np.arange(0, nearest.size + 1, k)), shape=similar.shape)
        found: Scores = np.asarray((chosen @ binary).toarray(), np.float32)
        return found

    return scores


def als(regularisation: float, half_life_s: float, known: Interactions, cut_s: float) -> Method:
    """Implicit-feedback ALS with 64 factors and alpha 2."""
    interests = known.interests(cut_s, half_life_s)
    interests.data *= np.float32(2.0)
    active = np.flatnonzero(np.diff(interests.indptr))  # others come after the cut
    with threadpool_limits(1, "blas"):  # the solver has threads of its own
        model = AlternatingLeastSquares(64, regularization=regularisation, iterations=10, random_state=0)
        model.fit(interests[active], show_progress=False)
    users = np.zeros((interests.shape[0], 64), np.float32)
    users[active] = model.user_factors
    items = np.asarray(model.item_factors)
    return lambda asked: np.maximum((users[asked] @ items.T).astype(np.float32), 0.0)


COLLABORATIVE = [Variant("EASE", f"lambda {ridge:g}", partial(ease, ridge)) for ridge in (10.0, 50.0, 200.0)]
COLLABORATIVE += [Variant("user kNN", f"k {k}", partial(user_neighbours, k)) for k in (100, 300)]
COLLABORATIVE += [
    Variant("ALS", f"regularisation {r:g}, half-life {d:g} d", partial(als, r, d * DAY_S))
    for r, d in ((0.1, 90.0), (1.0, 90.0), (5.0, 90.0), (20.0, 90.0), (20.0, 30.0))
]
