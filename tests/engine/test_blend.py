"""Laws of the weighted scores, for any scores that a retriever can give."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.blend import blend

N = 5
SCORES = arrays(np.float32, N, elements=st.floats(width=32))
DENORMAL = np.full(N, 1e-45, np.float32)
ENDLESS = np.array([1.0, np.inf, -np.inf, np.nan, 0.0], np.float32)
WEIGHTS = {"als": 1.0, "popularity": 0.25}


@given(SCORES, SCORES)
@example(DENORMAL, ENDLESS)
def test_weighted_scores_are_shares_whatever_the_retrievers_say(als: ScoreArray, popularity: ScoreArray) -> None:
    mixed = blend({"als": als, "popularity": popularity}, WEIGHTS, N)
    assert ((mixed >= 0.0) & (mixed <= 1.0 + 1e-6)).all()


@given(arrays(np.float32, N, elements=st.integers(0, 9)), st.sampled_from([2.0**-140, 2.0**-60, 2.0**60]))
def test_the_unit_of_a_retrievers_scores_does_not_matter(scores: ScoreArray, unit: float) -> None:
    scaled = (scores * unit).astype(np.float32)
    assert blend({"als": scaled}, WEIGHTS, N) == pytest.approx(blend({"als": scores}, WEIGHTS, N))


def test_an_unknown_score_counts_as_none_and_an_infinite_one_as_the_best() -> None:
    assert blend({"als": ENDLESS}, WEIGHTS, N).argmax() == 1
    assert blend({"als": np.array([2.0, np.nan, 1.0, 0.0, 0.0], np.float32)}, WEIGHTS, N).tolist() == [1.0, 0.0, 0.5, 0.0, 0.0]
