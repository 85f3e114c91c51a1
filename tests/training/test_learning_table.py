"""Examples of several cuts as one table: what tells the cut alone is not learnt from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine import columns
from recommndr_engine.columns import NAMES
from recommndr_engine.retrievers import BY_NAME
from recommndr_training.examples.examples import Examples
from recommndr_training.examples.learning_table import LearningTable
from recommndr_training.ranking import ranker_variants
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import Recipe

N_REQUESTS, N_CANDIDATES = 40, 10
HOUR, OWN = columns.place("hour"), columns.place("item_age")


def cut(hour: float | np.ndarray, share_bought: float, seed: int = 0) -> Examples:
    """Requests of one cut; how many candidates were wanted depends on the cut alone."""
    random, n = np.random.default_rng(seed), N_REQUESTS * N_CANDIDATES
    matrix = np.zeros((n, len(NAMES)), np.float32)
    matrix[:, HOUR] = hour
    matrix[:, OWN] = random.random(n)
    bought = random.random(n) < share_bought
    requests = np.repeat(np.arange(N_REQUESTS, dtype=np.int32), N_CANDIDATES)
    n_bought = np.bincount(requests, bought).astype(np.int64)
    return Examples(
        matrix=matrix,
        bought=bought,
        new=np.ones(n, np.bool_),
        rows=np.tile(np.arange(N_CANDIDATES, dtype=np.int32), N_REQUESTS),
        sources=np.full(n, 1 << list(BY_NAME).index("popularity"), np.uint32),
        requests=requests,
        user_ids=[f"u{user}" for user in range(N_REQUESTS)],
        n_relevant=n_bought,
        n_relevant_new=n_bought,
    )


def test_the_hour_of_the_cut_is_not_learnt_where_all_requests_lie_at_the_cut() -> None:
    table = LearningTable.of([cut(6.0, 0.05), cut(12.0, 0.6), cut(18.0, 0.3)])
    (part,) = ranker_variants.learn(Recipe("binary", (10,), (1.0,)), table, RankerParams(min_leaf_examples=10, n_processes=1))
    gains = ranker_variants.gains([part])
    assert gains["hour"] == 0.0
    assert gains["item_age"] > 0.0


def test_the_hour_is_learnt_where_requests_of_a_cut_lie_at_different_hours() -> None:
    hours = np.arange(N_REQUESTS * N_CANDIDATES) // N_CANDIDATES % 24
    table = LearningTable.of([cut(6.0, 0.05), cut(hours, 0.6)])
    assert set(table.matrix[:, HOUR]) == {*range(24)}


@given(st.lists(st.sampled_from([0.0, 7.0, np.nan]), min_size=1, max_size=4))
def test_a_column_of_one_value_a_cut_is_unknown_and_the_others_stay(hours: list[float]) -> None:
    parts = [cut(hour, 0.5, seed) for seed, hour in enumerate(hours)]
    matrix = LearningTable.of(parts).matrix
    assert np.isnan(matrix[:, HOUR]).all()
    np.testing.assert_array_equal(matrix[:, OWN], np.concatenate([part.matrix[:, OWN] for part in parts]))
    assert [part.matrix[0, HOUR] for part in parts] == pytest.approx(hours, nan_ok=True)  # the examples themselves stay
