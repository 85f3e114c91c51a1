"""Laws of sums over rows of sparse matrices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommndr_engine.shopper_matrix import sum_of_rows
from recommndr_engine.sparse_rows import SparseRows, places_of_rows

N_ROWS, N_COLUMNS = 30, 20
SEEDS = st.integers(0, 2**32 - 1)
ROWS = st.lists(st.integers(0, N_ROWS - 1), max_size=60).map(lambda rows: np.array(rows, np.int32))


def some_matrix(seed: int) -> sparse.csr_matrix:
    return sparse.random(N_ROWS, N_COLUMNS, density=0.3, format="csr", dtype=np.float32, rng=np.random.default_rng(seed))


@given(SEEDS, ROWS)
def test_the_sum_of_rows_has_the_bits_of_the_product_that_scipy_makes(seed: int, rows: np.ndarray) -> None:
    matrix, weights = some_matrix(seed), np.random.default_rng(seed).standard_normal(len(rows)).astype(np.float32)
    np.testing.assert_array_equal(sum_of_rows(matrix, rows, weights), matrix[rows].T @ weights)


@given(SEEDS, ROWS, st.integers(0, 8))
def test_the_places_of_rows_are_those_of_the_first_values_of_each_in_their_order(
    seed: int, rows: np.ndarray, at_most: int
) -> None:
    starts = some_matrix(seed).indptr
    expected = [place for row in rows for place in range(starts[row], starts[row + 1])[:at_most]]
    places, lengths = places_of_rows(starts, rows, at_most)
    assert places.tolist() == expected
    assert lengths.sum() == len(expected)


@given(SEEDS, ROWS)
def test_some_rows_answer_as_a_dense_matrix_of_them_would(seed: int, rows: np.ndarray) -> None:
    random = np.random.default_rng(seed)
    dense = np.where(random.random((N_ROWS, N_ROWS)) < 0.3, random.random((N_ROWS, N_ROWS)), 0.0).astype(np.float32)
    held = sparse.csr_matrix(dense)
    some = SparseRows(held.indptr, held.indices, held.data).some(rows)
    weights = random.random(len(rows)).astype(np.float32)
    np.testing.assert_allclose(some.weighted_sum(weights), dense[rows].T @ weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(some.largest(), dense[rows].max(axis=0, initial=0.0))
    np.testing.assert_array_equal(some.largest_of_first(), dense[rows[:1]].max(axis=0, initial=0.0))
