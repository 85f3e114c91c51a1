"""What goes with the last items of the shopper: weighted association of visits, and VMIS-kNN.

VMIS-kNN is Kersbergen, Sprangers, Schelter, "Serenade: low-latency session-based recommendation in e-commerce at scale",
SIGMOD 2022.
"""

from functools import partial

import numpy as np
from scipy import sparse

from recommndr_training.data.interactions import Floats, Interactions, Ints
from recommndr_training.judging.reference.method import Method, Scores, Variant

_MAX_VISIT_ITEMS = 100


def visits(known: Interactions) -> sparse.csr_matrix:
    """(n_visits, n_items) 1 where a visit has the item; visits of one item and of very many tell nothing and are empty."""
    shape = (int(known.visits.max(initial=-1)) + 1, len(known.item_ids))
    matrix = sparse.csr_matrix((np.ones(len(known), np.float32), (known.visits, known.items)), shape=shape)
    matrix.sum_duplicates()
    size = np.diff(matrix.indptr)
    matrix.data = np.repeat(((size > 1) & (size <= _MAX_VISIT_ITEMS)).astype(np.float32), size)
    matrix.eliminate_zeros()
    return matrix


def last_items(known: Interactions, n: int) -> sparse.csr_matrix:
    """(n_users, n_items) of each shopper's `n` newest distinct items: 1 for the newest, 1/2 for the next, ... ."""
    key = known.users.astype(np.int64) * len(known.item_ids) + known.items
    _, from_end = np.unique(key[::-1], return_index=True)  # interactions are oldest first
    newest = np.sort(len(key) - 1 - from_end)[::-1]
    order = newest[np.argsort(known.users[newest], kind="stable")]
    users = known.users[order]
    starts = np.flatnonzero(np.r_[True, np.diff(users) != 0][: len(users)])
    place = np.arange(len(users)) - np.repeat(starts, np.diff(np.r_[starts, len(users)]))
    kept = place < n
    values = (1.0 / (1.0 + place[kept])).astype(np.float32)
    shape = (len(known.user_ids), len(known.item_ids))
    return sparse.csr_matrix((values, (users[kept], known.items[order[kept]])), shape=shape)


def association(known: Interactions, cut_s: float) -> Method:
    """How many visits have the item beside the shopper's five newest items, the newest heaviest; items just seen count too."""
    seen, together = last_items(known, 5), visits(known)

    def scores(users: Ints) -> Scores:
        mine = seen[users]
        found: Scores = np.asarray((mine @ together.T @ together).toarray(), np.float32)
        return found

    return scores


def vmis_knn(n_neighbours: int, n_newest: int, known: Interactions, cut_s: float) -> Method:
    """Items of the visits most similar to the shopper's last items, rare items heavier."""
    seen, together = last_items(known, 10), visits(known)
    n_visits = np.maximum(np.diff(together.tocsc().indptr), 1)
    n_useful = max(int((np.diff(together.indptr) > 0).sum()), 1)  # visit numbers go on after the cut
    rarity = np.log1p(n_useful / n_visits).astype(np.float32)
    started_s: Floats = np.zeros(together.shape[0])
    np.maximum.at(started_s, known.visits, known.at_s)

    def one(user: int) -> Scores:
        similar = (seen[user] @ together.T).tocsr()
        places, values = similar.indices, similar.data
        newest = np.argsort(-started_s[places], kind="stable")[:n_newest]
        best = newest[np.argsort(-values[newest], kind="stable")[:n_neighbours]]
        weights = sparse.csr_matrix((values[best], (np.zeros(len(best), np.int32), places[best])), shape=(1, len(started_s)))
        found: Scores = np.asarray((weights @ together).toarray(), np.float32)[0] * rarity
        return found

    return lambda users: np.stack([one(user) for user in users.tolist()])


SESSIONS = [Variant("association of visits", "last 5 items", association)]
SESSIONS += [Variant("VMIS-kNN", f"k {k}, newest {m:,}", partial(vmis_knn, k, m)) for k, m in ((100, 1_000), (500, 5_000))]
