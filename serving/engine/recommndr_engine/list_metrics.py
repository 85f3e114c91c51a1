"""Quality of ranked lists with binary relevance, one value per shopper: `hits[u, i]` = the item at rank i is relevant."""

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
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


def coverage(lists: npt.NDArray[np.int32], n_items: int) -> float:
    """Share of the `n_items` that are in any list; `lists` is (n_users, k) rows, -1 = empty place.

    >>> coverage(np.array([[0, 1], [1, -1]], np.int32), n_items=4)
    0.5
    """
    return len(np.setdiff1d(lists, [-1])) / n_items


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
