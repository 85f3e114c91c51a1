"""Metrics by their laws, and against scikit-learn."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from recommndr_engine.list_metrics import (
    average_precision_at_k,
    bootstrap_interval,
    coverage,
    hit_rate_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
)

hit_rows = st.lists(st.booleans(), min_size=1, max_size=12)
cut_offs = st.integers(1, 15)
METRICS = (ndcg_at_k, recall_at_k, hit_rate_at_k, precision_at_k, average_precision_at_k, reciprocal_rank_at_k)


def one(hits: list[bool], extra: int) -> tuple[np.ndarray, np.ndarray]:
    """One user's hits, with `extra` relevant items that were not listed."""
    return np.array([hits]), np.array([max(1, sum(hits) + extra)])


@given(hit_rows, st.integers(0, 5), cut_offs)
def test_every_metric_lies_between_nothing_and_all(hits: list[bool], extra: int, k: int) -> None:
    for metric in METRICS:
        assert 0.0 <= metric(*one(hits, extra), k)[0] <= 1.0 + 1e-12


@given(hit_rows, st.integers(0, 5), cut_offs, st.integers(0, 11))
def test_one_more_hit_never_hurts(hits: list[bool], extra: int, k: int, place: int) -> None:
    n_relevant = np.array([sum(hits) + extra + 1])
    better = list(hits)
    better[place % len(hits)] = True
    for metric in METRICS:
        assert metric(np.array([better]), n_relevant, k)[0] >= metric(np.array([hits]), n_relevant, k)[0]


@given(hit_rows, cut_offs)
def test_ndcg_falls_when_a_hit_moves_down(hits: list[bool], k: int) -> None:
    best_first = sorted(hits, reverse=True)
    assert ndcg_at_k(*one(best_first, 0), k)[0] >= ndcg_at_k(*one(hits, 0), k)[0]
    if any(hits):
        assert ndcg_at_k(*one(best_first, 0), k)[0] == pytest.approx(1.0)


@given(st.lists(st.booleans(), min_size=2, max_size=12).filter(any), cut_offs)
def test_ndcg_agrees_with_scikit_learn(hits: list[bool], k: int) -> None:
    ranking = -np.arange(len(hits), dtype=float)[np.newaxis]
    expected = ndcg_score(np.array([hits], float), ranking, k=k)
    assert ndcg_at_k(*one(hits, 0), k)[0] == pytest.approx(expected)


@given(hit_rows, st.integers(0, 5), cut_offs)
def test_average_precision_is_at_most_recall_and_precision_at_most_its_bound(hits: list[bool], extra: int, k: int) -> None:
    rows, n_relevant = one(hits, extra)
    assert average_precision_at_k(rows, n_relevant, k)[0] <= recall_at_k(rows, n_relevant, k)[0] + 1e-12
    assert precision_at_k(rows, n_relevant, k)[0] <= min(n_relevant[0], k) / k


@pytest.mark.parametrize("metric", METRICS)
def test_a_shopper_without_anything_relevant_is_refused(metric: object) -> None:
    with pytest.raises(ValueError, match="1 users have no relevant item"):
        metric(np.array([[True]]), np.array([0]), 1)  # type: ignore[operator]


def test_coverage_counts_each_item_once_and_no_empty_place() -> None:
    assert coverage(np.array([[0, 1, -1], [1, 2, -1]], np.int32), n_items=6) == 0.5


def test_the_interval_holds_the_mean_and_narrows_with_more_shoppers() -> None:
    values = np.random.default_rng(1).normal(0.3, 0.2, 2_000)
    low, high = bootstrap_interval(values)
    few_low, few_high = bootstrap_interval(values[:100])
    assert low < values.mean() < high
    assert high - low < few_high - few_low
    assert high - low == pytest.approx(2 * 1.96 * 0.2 / np.sqrt(2_000), rel=0.15)


def test_an_interval_needs_little_memory_however_many_shoppers_there_are() -> None:
    values = np.random.default_rng(3).random(50_000)
    tracemalloc.start()
    try:
        interval = bootstrap_interval(values, n_draws=200)
        peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert peak_mb < 25  # all draws at once would take 80 and more
    half_width = 1.96 * values.std() / np.sqrt(len(values))
    assert interval == pytest.approx((values.mean() - half_width, values.mean() + half_width), abs=0.3 * half_width)


def test_nothing_is_known_of_the_mean_of_no_shoppers() -> None:
    assert bootstrap_interval(np.zeros(0)) == (-np.inf, np.inf)
