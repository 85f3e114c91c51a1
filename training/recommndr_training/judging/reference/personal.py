"""What the shopper had before, and what similar baskets had: decayed frequency, and TIFU-kNN.

TIFU-kNN is Hu, He, Gao, Zhang, "Modeling personalized item frequency information for next-basket recommendation", SIGIR 2020.
"""

from functools import partial

import numpy as np
from scipy import sparse

from recommndr_training.data.interactions import Interactions, Ints
from recommndr_training.judging.reference.method import DAY_S, Method, Scores, Variant, decayed_counts


def frequency(half_life_s: float, known: Interactions, cut_s: float) -> Method:
    """The shopper's own visits with the item, decayed."""
    counts = decayed_counts(known, cut_s, half_life_s)
    return lambda users: counts[users].toarray()


def basket_vectors(known: Interactions, n_groups: int, within: float, across: float) -> sparse.csr_matrix:
    """(n_users, n_items): items of each shopper's baskets, the newer ones heavier (the paper's equations 1 to 3).

    A shopper's n baskets fall into m = min(n, `n_groups`) consecutive groups. A basket has the weight within^(places before the
    group's last one), the mean of a group the weight across^(groups before the last one), and the vector is the mean of them.
    """
    targets = known.targets
    baskets, first = np.unique(targets.visits, return_index=True)
    owners = targets.users[first]
    order = np.lexsort((targets.at_s[first], owners))
    n = np.bincount(owners, minlength=len(known.user_ids))[owners[order]]
    starts = np.flatnonzero(np.r_[True, np.diff(owners[order]) != 0][: len(order)])
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    m = np.minimum(n, n_groups)
    group = place * m // n
    end = -(-(group + 1) * n // m)  # the first place of the next group
    size = end - -(-group * n // m)
    weights = within ** (end - 1 - place) / size * across ** (m - 1 - group) / m
    of_basket = np.zeros(int(baskets.max(initial=-1)) + 1, np.float32)
    of_basket[baskets[order]] = weights
    pairs = np.unique(np.stack([targets.visits, targets.items]), axis=1, return_index=True)[1]
    shape = (len(known.user_ids), len(known.item_ids))
    matrix = sparse.csr_matrix((of_basket[targets.visits[pairs]], (targets.users[pairs], targets.items[pairs])), shape=shape)
    matrix.sum_duplicates()
    return matrix


def tifu_knn(n_neighbours: int, own_share: float, known: Interactions, cut_s: float) -> Method:
    """The shopper's own vector and the mean vector of the nearest shoppers by Euclidean distance."""
    vectors = basket_vectors(known, n_groups=7, within=0.9, across=0.7)
    squared = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    active = np.flatnonzero(squared > 0.0)

    def scores(users: Ints) -> Scores:
        distance = squared[active] - 2.0 * (vectors[users] @ vectors[active].T).toarray()
        distance[users[:, np.newaxis] == active] = np.inf  # nobody is their own neighbour
        k = min(n_neighbours, max(len(active) - 1, 1))
        nearest = np.argpartition(distance, k - 1, axis=1)[:, :k]
        chosen = sparse.csr_matrix(
            (np.full(nearest.size, 1.0 / k, np.float32), active[nearest].ravel(), np.arange(0, nearest.size + 1, k)),
            shape=(len(users), vectors.shape[0]),
        )
        mixed = own_share * vectors[users] + (1.0 - own_share) * (chosen @ vectors)
        found: Scores = np.asarray(mixed.toarray(), np.float32)
        return found

    return scores


PERSONAL = [Variant("own frequency", f"{d:g} d", partial(frequency, d * DAY_S)) for d in (7.0, 30.0, 90.0, 120.0)]
PERSONAL += [
    Variant("TIFU-kNN", f"k {k}, own {share:g}", partial(tifu_knn, k, share))
    for k, share in ((300, 0.9), (300, 0.7), (100, 0.7))
]
