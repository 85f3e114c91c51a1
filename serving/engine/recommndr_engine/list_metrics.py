"""Quality of ranked lists with binary relevance, one value per shopper: `hits[u, i]` = the item at rank i is relevant.

Below them what lists show, whatever is relevant: coverage, diversity, novelty, popularity; one value for all lists.
"""

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Lists = npt.NDArray[np.int32]  # (n_users, k) item rows, best first; -1 = empty place
Paths = npt.NDArray[np.int32]  # (n_items, n_levels) codes of category paths from the root; -1 = the path is shorter
_EMPTY = -1
_VALUES_AT_ONCE = 1_000_000  # values of a bootstrap in memory at the same time: 12 MB


def ndcg_at_k(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """Normalised discounted cumulative gain of binary relevance.

    Parameters
    ----------
    hits
        (n_users, n_ranked) bool; whether the item user `u` saw at rank `i` (0 = top) is relevant.
    n_relevant
        (n_users,) int, all relevant items in the test period, ranked or not; at least 1.
    k
        Cut-off; ranks beyond `n_ranked` count as misses.

    Returns
    -------
    (n_users,) float64 in [0, 1]; 1 when each of the first min(k, n_relevant) ranks is a hit.

    Raises
    ------
    ValueError
        If a user has nothing relevant: nDCG is undefined there, and averaging in a 0 or a 1 biases the mean.

    References
    ----------
    Järvelin & Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 20(4), 2002;
    discount 1/log2(rank + 2), as in sklearn.metrics.ndcg_score.

    >>> ndcg_at_k(np.array([[True, False, True]]), np.array([2]), k=3).round(4)
    array([0.9197])
    """
    _check(n_relevant)
    discount = 1 / np.log2(np.arange(k) + 2)  # (k,)
    top = hits[:, :k]
    ideal = np.cumsum(discount)[np.minimum(n_relevant, k) - 1]  # (n_users,)
    ndcg: Floats = (top @ discount[: top.shape[1]]) / ideal
    return ndcg


def recall_at_k(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """Share of a user's relevant items among the first `k`; (n_users,) in [0, 1]. Raises as `ndcg_at_k`.

    >>> recall_at_k(np.array([[True, False, True]]), np.array([4]), k=3)
    array([0.5])
    """
    _check(n_relevant)
    recall: Floats = hits[:, :k].sum(axis=1) / n_relevant
    return recall


def hit_rate_at_k(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """1 when any of the first `k` is relevant, else 0; (n_users,). Raises as `ndcg_at_k`.

    >>> hit_rate_at_k(np.array([[False, False, True], [False, False, False]]), np.array([1, 1]), k=3)
    array([1., 0.])
    """
    _check(n_relevant)
    return np.asarray(hits[:, :k].any(axis=1), np.float64)


def precision_at_k(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """Share of relevant items among the first `k` places, empty ones included; (n_users,) in [0, 1]. Raises as `ndcg_at_k`.

    It cannot be above min(n_relevant, k) / k. As `P.k` of trec_eval.

    >>> precision_at_k(np.array([[True, False, True]]), np.array([2]), k=4)
    array([0.5])
    """
    _check(n_relevant)
    precision: Floats = hits[:, :k].sum(axis=1) / k
    return precision


def average_precision_at_k(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """Precision at the rank of each hit among the first `k`, summed over hits, by `n_relevant`; (n_users,) in [0, 1].

    Its mean over users is MAP@k. As `map_cut.k` of trec_eval (Buckley & Voorhees, "Retrieval system evaluation", 2005): the
    divisor is the number of all relevant items, not min(n_relevant, k), so a user with many relevant items cannot reach 1.
    Raises as `ndcg_at_k`.

    >>> average_precision_at_k(np.array([[True, False, True]]), np.array([2]), k=3).round(4)  # (1/1 + 2/3) / 2
    array([0.8333])
    """
    _check(n_relevant)
    top = hits[:, :k]
    precision = np.cumsum(top, axis=1) / np.arange(1, top.shape[1] + 1)
    average: Floats = (precision * top).sum(axis=1) / n_relevant
    return average


def reciprocal_rank_at_k(hits: Hits, n_relevant: Counts, k: int) -> Floats:
    """1 / rank of the first hit among the first `k`, the top being rank 1; 0 without a hit; (n_users,). Raises as `ndcg_at_k`.

    Its mean over users is MRR@k (Voorhees, "The TREC-8 question answering track report", 1999).

    >>> reciprocal_rank_at_k(np.array([[False, True, True], [False, False, False]]), np.array([2, 1]), k=3)
    array([0.5, 0. ])
    """
    _check(n_relevant)
    top = hits[:, :k]
    return np.where(top.any(axis=1), 1.0 / (top.argmax(axis=1) + 1), 0.0)


def coverage(lists: Lists, n_items: int) -> float:
    """Share of the `n_items` that are in any list; `lists` is (n_users, k) rows, -1 = empty place.

    >>> coverage(np.array([[0, 1], [1, -1]], np.int32), n_items=4)
    0.5
    """
    return len(np.setdiff1d(lists, [_EMPTY])) / n_items


def diversity(lists: Lists, paths: Paths) -> float:
    """Intra-list diversity: mean over lists of the mean category distance of a list's pairs of items; in [0, 1].

    Parameters
    ----------
    lists
        (n_users, k) item rows, -1 = empty place. Lists with fewer than two items are left out.
    paths
        (n_items, n_levels) codes of category paths from the root, -1 = the path is shorter. Codes of one level differ where
        the categories do.

    Returns
    -------
    The mean of 1 - 2 d(a, b) / (d(a) + d(b)), where d is the length of a path and d(a, b) that of the shared beginning. With
    paths of one level it is the share of pairs whose categories differ. Two items without a path are not told apart: 0.

    References
    ----------
    Smyth & McClave, "Similarity vs. diversity", ICCBR 2001 (mean distance of pairs); Wu & Palmer, "Verb semantics and lexical
    selection", ACL 1994 (similarity in a tree).

    >>> diversity(np.array([[0, 1, 2]], np.int32), np.array([[0, 0], [0, 1], [1, 2]], np.int32)).__round__(4)  # 1/2, 1, 1
    0.8333
    """
    left, right = np.triu_indices(lists.shape[1], 1)
    depth = (paths >= 0).sum(axis=1)[lists]
    total = depth[:, left] + depth[:, right]
    shared = np.zeros(total.shape, np.int64)
    same = np.ones(total.shape, np.bool_)  # so far from the root
    for level in paths.T:
        codes = level[lists]
        same &= (codes[:, left] == codes[:, right]) & (codes[:, left] >= 0)
        shared += same
    distance = 1.0 - np.divide(2 * shared, total, out=np.ones(total.shape), where=total > 0)
    filled = (lists[:, left] != _EMPTY) & (lists[:, right] != _EMPTY)
    return _mean_of_lists(distance, filled)


def novelty(lists: Lists, shoppers_share: Floats) -> float:
    """Mean over lists of the mean self-information -log2(share) of their items, in bits.

    `shoppers_share` is (n_items,) in (0, 1]: the share of shoppers who acted on the item before the cut. Zhou et al., "Solving
    the apparent diversity-accuracy dilemma of recommender systems", PNAS 107(10), 2010. Empty lists are left out. Raises
    `ValueError` at a share of 0.

    >>> novelty(np.array([[0, 1], [1, -1]], np.int32), np.array([0.5, 0.125]))
    2.5
    """
    if (shoppers_share <= 0.0).any():
        raise ValueError(f"{(shoppers_share <= 0.0).sum()} items have a share of 0, whose information is infinite")
    return _mean_of_lists(-np.log2(shoppers_share)[lists], lists != _EMPTY)


def mean_popularity(lists: Lists, popularity: Floats) -> float:
    """Average recommendation popularity: mean over lists of the mean `popularity` (n_items,) of their items.

    By that of what shoppers consumed it gives the popularity lift. Abdollahpouri et al., "The connection between popularity
    bias, calibration, and fairness in recommendation", RecSys 2020. Empty lists are left out.

    >>> mean_popularity(np.array([[0, 1], [1, -1]], np.int32), np.array([0.5, 0.1]))
    0.2
    """
    return _mean_of_lists(popularity[lists], lists != _EMPTY)


def _mean_of_lists(values: Floats, counted: Hits) -> float:
    """Mean over rows of the mean of a row's `counted` values; rows with none are left out, 0 when all are."""
    n = counted.sum(axis=1)
    sums = np.where(counted, values, 0.0).sum(axis=1)
    return float((sums[n > 0] / n[n > 0]).mean()) if n.any() else 0.0


def _check(n_relevant: Counts) -> None:
    if (n_relevant < 1).any():
        raise ValueError(f"{(n_relevant < 1).sum()} users have no relevant item; drop them first")


def bootstrap_interval(values: Floats, n_draws: int = 1_000, seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean of per-user values, by resampling users (percentile bootstrap, Efron 1979).

    For the difference of two methods pass their paired per-user differences. Nothing is known of the mean of no values.

    >>> bootstrap_interval(np.zeros(0))
    (-inf, inf)
    """
    if not len(values):
        return -np.inf, np.inf
    generator = np.random.default_rng(seed)
    n = len(values)
    at_once = max(1, _VALUES_AT_ONCE // n)
    # Gathering: multinomial counts of each user per draw take ten times as long.
    sizes = [min(at_once, n_draws - done) for done in range(0, n_draws, at_once)]
    means = np.concatenate([values[generator.integers(0, n, (size, n), np.int32)].mean(axis=1) for size in sizes])
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
