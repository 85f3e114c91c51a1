"""LightGBM and ONNX give the same scores, also for NaN and values on a threshold."""

from typing import Any

import lightgbm as lgb
import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine.ranker import OnnxRanker
from recommndr_training.ranking import forest, onnx_trees

Matrix = np.ndarray[Any, np.dtype[np.float32]]


def examples(n: int = 3_000) -> tuple[Matrix, Matrix]:
    random = np.random.default_rng(3)
    matrix = random.normal(size=(n, 5)).astype(np.float32)
    matrix[:, 1] = np.round(matrix[:, 1], 1)  # many equal values: thresholds between two of them
    matrix[random.random((n, 5)) < 0.2] = np.nan
    signal = np.nan_to_num(matrix[:, 0]) + np.where(np.isnan(matrix[:, 1]), 1.0, matrix[:, 1])
    return matrix, (signal + random.normal(size=n) > 0.5).astype(np.float32)


@pytest.fixture(scope="module")
def booster() -> lgb.Booster:
    matrix, labels = examples()
    settings = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "seed": 1}
    return forest.with_float_thresholds(lgb.train(settings, lgb.Dataset(matrix, labels), 20))


REQUESTS = np.repeat(np.arange(30, dtype=np.int32), 100)


def test_scores_and_order_agree(booster: lgb.Booster) -> None:
    matrix, _ = examples()
    assert onnx_trees.check_parity(booster, onnx_trees.convert(booster), matrix, REQUESTS) <= 1e-5


def test_the_same_trees_give_the_same_bytes_in_every_process(booster: lgb.Booster) -> None:
    domains = [opset.domain for opset in onnx.load_from_string(onnx_trees.convert(booster)).opset_import]
    assert domains == sorted(domains)  # in a set their order follows the hash seed of the process


def test_values_on_a_threshold_go_the_same_way(booster: lgb.Booster) -> None:
    thresholds = booster.trees_to_dataframe()["threshold"].dropna().to_numpy(np.float32)
    beside = np.concatenate([thresholds, np.nextafter(thresholds, np.float32(9)), np.nextafter(thresholds, np.float32(-9))])
    matrix = np.tile(beside[:, np.newaxis], (1, 5)).astype(np.float32)
    expected = booster.predict(matrix, raw_score=True)
    assert OnnxRanker(onnx_trees.convert(booster)).score(matrix) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("factor", [100.0, 10_000.0])
def test_large_scores_may_differ_by_the_rounding_of_their_size(booster: lgb.Booster, factor: float) -> None:
    matrix, _ = examples()
    large = forest.with_float_thresholds(forest.scaled(booster, factor))
    worst = onnx_trees.check_parity(large, onnx_trees.convert(large), matrix, REQUESTS)
    assert worst > onnx_trees.TOLERANCE  # an absolute limit would refuse a sound forest


def test_another_model_is_distinguished(booster: lgb.Booster) -> None:
    matrix, labels = examples()
    other = lgb.train({"objective": "binary", "verbose": -1, "num_threads": 1}, lgb.Dataset(matrix, labels), 5)
    with pytest.raises(onnx_trees.ParityError):
        onnx_trees.check_parity(booster, onnx_trees.convert(other), matrix, REQUESTS)


def test_a_matrix_of_another_width_is_refused(booster: lgb.Booster) -> None:
    with pytest.raises(ValueError, match="4 columns: expected 5"):
        OnnxRanker(onnx_trees.convert(booster)).score(np.zeros((2, 4), np.float32))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6, width=32))
def test_rounding_a_threshold_down_changes_no_decision_on_floats(threshold: float, value: float) -> None:
    rounded = forest.floor_to_float32(np.array([threshold]))[0]
    assert (value <= threshold) == (value <= rounded)
    assert float(np.float32(rounded)) == rounded
