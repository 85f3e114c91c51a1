"""What is rounded, scaled, shortened or joined scores as reasoning says, in LightGBM and in ONNX."""

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_training.ranking import forest, onnx_trees

RANDOM = np.random.default_rng(4)
MATRIX = RANDOM.normal(size=(1_500, 4)).astype(np.float32)
MATRIX[RANDOM.random(MATRIX.shape) < 0.1] = np.nan
LABELS = (np.nan_to_num(MATRIX[:, 0]) + RANDOM.normal(size=len(MATRIX)) > 0.5).astype(np.float32)
REQUESTS = np.repeat(np.arange(15, dtype=np.int32), 100)


def trained(objective: str, n_trees: int) -> lgb.Booster:
    given = {"objective": objective, "num_leaves": 7, "verbose": -1, "num_threads": 1, "seed": 1}
    return lgb.train(given, lgb.Dataset(MATRIX, LABELS, group=np.full(15, 100)), n_trees)


LOG_LOSS, LAMBDAMART = trained("binary", 12), trained("lambdarank", 8)


def scores(booster: lgb.Booster) -> np.ndarray:
    return np.asarray(booster.predict(MATRIX, raw_score=True))


def test_the_scores_of_joined_forests_are_summed() -> None:
    both = forest.joined([LOG_LOSS, LAMBDAMART])
    assert both.num_trees() == 20
    assert scores(both) == pytest.approx(scores(LOG_LOSS) + scores(LAMBDAMART))


@settings(deadline=None, max_examples=10)
@given(st.floats(0.01, 10.0), st.floats(-5.0, 5.0))
def test_a_scaled_forest_keeps_the_order(factor: float, offset: float) -> None:
    assert scores(forest.scaled(LOG_LOSS, factor, offset)) == pytest.approx(factor * scores(LOG_LOSS) + offset, abs=1e-9)


def test_the_first_trees_are_those_learnt_first() -> None:
    assert scores(forest.first_trees(LOG_LOSS, 5)) == pytest.approx(LOG_LOSS.predict(MATRIX, raw_score=True, num_iteration=5))


def test_half_precision_leaves_change_scores_a_little() -> None:
    difference = np.abs(scores(forest.with_half_leaves(LOG_LOSS)) - scores(LOG_LOSS))
    assert 0.0 < difference.max() < 12 * 1e-3


def test_a_joined_forest_is_one_model_in_onnx_with_the_same_scores() -> None:
    both = forest.with_float_thresholds(forest.joined([forest.scaled(LOG_LOSS, 0.5), forest.scaled(LAMBDAMART, 2.0)]))
    assert onnx_trees.check_parity(both, onnx_trees.convert(both), MATRIX, REQUESTS) <= onnx_trees.TOLERANCE
