"""Converts LightGBM models to ONNX and checks that both give the same scores.

LightGBM compares in double, ONNX in float: a threshold between two floats may send a value the other way. Thresholds are
therefore rounded to floats towards minus infinity first (`forest.with_float_thresholds`), which changes no decision on float
inputs: for a float x and a double t, x <= t exactly when x <= the largest float that is not above t. What remains is rounding:
ONNX sums leaves in float, so its error grows with the size of the scores.
"""

import re

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import onnxmltools
from onnxmltools.convert.common.data_types import FloatTensorType

from recommndr_engine.ranker import OnnxRanker

TOLERANCE = 1e-5  # share of the largest score, or of 1 where all are smaller
_TOP = 20
_OPSET = 15


class ParityError(AssertionError):
    """The converted model gives other scores than the trained one."""


def convert(booster: lgb.Booster) -> bytes:
    """ONNX bytes whose one output is the raw score, (n, 1)."""
    # As a regression the sum of the leaves comes out as it is; a classifier would come with labels and probabilities.
    text = re.sub(r"^objective=.*$", "objective=regression", booster.model_to_string(), flags=re.MULTILINE)
    as_regression = lgb.Booster(model_str=re.sub(r"^\[objective: .*\]$", "[objective: regression]", text, flags=re.MULTILINE))
    inputs = [("inputs", FloatTensorType([None, booster.num_feature()]))]
    # With a random name of its own the converter would give other bytes each time.
    model = onnxmltools.convert_lightgbm(as_regression, initial_types=inputs, target_opset=_OPSET, zipmap=False, name="ranker")
    model.opset_import.sort(key=lambda opset: opset.domain)  # the converter takes them out of a set, in any order
    content: bytes = model.SerializeToString()
    return content


def check_parity(booster: lgb.Booster, onnx: bytes, matrix: npt.NDArray[np.float32], requests: npt.NDArray[np.int32]) -> float:
    """Largest difference of scores over `matrix`; raises `ParityError` beyond the tolerance or when a request's top 20 differ.

    Parameters
    ----------
    matrix
        (n, n_inputs) real examples, NaN included, one request after the other.
    requests
        (n,) ascending; which request each row belongs to.
    """
    expected = np.asarray(booster.predict(matrix, raw_score=True), np.float64)
    actual = OnnxRanker(onnx).score(matrix)
    worst = float(np.abs(expected - actual).max())
    tolerance = TOLERANCE * max(1.0, float(np.abs(expected).max()))
    if worst > tolerance:
        raise ParityError(f"scores differ by up to {worst:.2g}: expected at most {tolerance:.2g}")
    starts = np.flatnonzero(np.r_[True, requests[1:] != requests[:-1]])
    for start, stop in zip(starts, np.r_[starts[1:], len(requests)], strict=True):
        _check_top(expected[start:stop], actual[start:stop], tolerance, int(requests[start]))
    return worst


def _check_top(expected: npt.NDArray[np.float64], actual: npt.NDArray[np.float32], tolerance: float, request: int) -> None:
    # Scores are sums of floats: items whose scores differ by less than the tolerance may come in either order.
    ours = np.argsort(-actual, kind="stable")[:_TOP]
    theirs = np.argsort(-expected, kind="stable")[:_TOP]
    if (ours != theirs).any() and np.abs(expected[ours] - expected[theirs]).max() > tolerance:
        raise ParityError(f"request {request}: the first {_TOP} differ by more than a tie")
