"""The best rows of dense scores are found without looking at all of them, and are the same."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommndr_engine.scores import DenseScores, best

N = 700
# Few distinct values, so that many scores tie with the last place.
SCORES = arrays(np.float32, N, elements=st.sampled_from([-1.0, 0.0, 0.0, 1e-30, 0.25, 0.5, 0.5, 1.0, 3.0]))


@given(SCORES, arrays(np.bool_, N), st.integers(0, 40))
def test_the_best_allowed_rows_are_those_of_a_full_sort(
    scores: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], k: int
) -> None:
    rows, found = DenseScores(scores).top(k, allowed)
    order = np.lexsort((np.arange(N), -scores))
    expected = [row for row in order.tolist() if allowed[row] and scores[row] > 0.0][:k]
    assert rows.tolist() == expected
    assert found.tolist() == scores[rows].tolist()


@given(SCORES, st.integers(1, 40))
def test_without_a_mask_all_rows_are_allowed(scores: npt.NDArray[np.float32], k: int) -> None:
    expected, _ = best(np.arange(N, dtype=np.int32), scores, k)
    assert DenseScores(scores).top(k)[0].tolist() == expected.tolist()
