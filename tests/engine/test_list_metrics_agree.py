"""The list metrics give what trec_eval gives (by ir-measures), on random runs in which many scores are equal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, Measure, P, R, Success, nDCG, pytrec_eval

from recommndr_engine import list_metrics as metrics

CUTS = (5, 10, 20)
SAME = (
    (metrics.precision_at_k, P),
    (metrics.recall_at_k, R),
    (metrics.average_precision_at_k, AP),
    (metrics.ndcg_at_k, nDCG),
    (metrics.hit_rate_at_k, Success),
)
N_USERS, N_ITEMS = 12, 40
NAMES = np.array([f"i{item:02}" for item in range(N_ITEMS)])


def best_first(scores: np.ndarray) -> np.ndarray:
    """Order of items; of equal scores the later name first, as trec_eval does it."""
    return np.lexsort((np.arange(N_ITEMS), scores))[::-1]


def theirs(measures: list[Measure], relevant: np.ndarray, order: np.ndarray, scores: np.ndarray) -> dict[Measure, list[float]]:
    """(n_users,) values of each measure for the items in `order`."""
    users = [f"u{user:02}" for user in range(N_USERS)]
    qrels = {user: dict.fromkeys(NAMES[wanted].tolist(), 1) for user, wanted in zip(users, relevant, strict=True)}
    run = {
        user: dict(zip(NAMES[ranked].tolist(), values[ranked].tolist(), strict=True))
        for user, ranked, values in zip(users, order, scores, strict=True)
    }
    found = {(value.measure, value.query_id): value.value for value in pytrec_eval.iter_calc(measures, qrels, run)}
    return {measure: [found[measure, user] for user in users] for measure in measures}


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, N_ITEMS))
def test_metrics_agree_with_trec_eval_on_runs_with_ties(seed: int, n_levels: int, n_ranked: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, n_levels, (N_USERS, N_ITEMS)).astype(float)
    relevant = generator.random((N_USERS, N_ITEMS)) < generator.uniform(0.02, 0.6)
    relevant[:, 0] |= ~relevant.any(axis=1)
    order = np.array([best_first(row)[:n_ranked] for row in scores])
    hits = np.take_along_axis(relevant, order, axis=1)
    n_relevant = relevant.sum(axis=1)
    whole = theirs([measure @ k for _, measure in SAME for k in CUTS], relevant, order, scores)
    for k in CUTS:
        for ours, measure in SAME:
            assert ours(hits, n_relevant, k) == pytest.approx(whole[measure @ k]), (measure, k)
        # trec_eval has no reciprocal rank with a cut-off: it gets the first k places.
        first = theirs([RR], relevant, order[:, :k], scores)[RR]
        assert metrics.reciprocal_rank_at_k(hits, n_relevant, k) == pytest.approx(first), k
