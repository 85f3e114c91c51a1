"""The laws of reading counters with a tenant's weights."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from recommndr.events import N_KIND_SLOTS
from recommndr.features.decay import N_HALF_LIVES, FloatArray, signed

sums = arrays.arrays(np.float64, (3, N_KIND_SLOTS, N_HALF_LIVES), elements=st.floats(0.0, 1e6))
weights = arrays.arrays(np.float64, (N_KIND_SLOTS,), elements=st.floats(-10.0, 10.0))
kinds = st.integers(0, N_KIND_SLOTS - 1)


@given(sums, weights)
def test_both_sides_are_never_negative_and_their_difference_is_the_weighted_sum(sums: FloatArray, weights: FloatArray) -> None:
    speaks_for, speaks_against = signed(sums, weights)
    assert speaks_for.shape == speaks_against.shape == (3, N_HALF_LIVES)
    assert (speaks_for >= 0.0).all()
    assert (speaks_against >= 0.0).all()
    np.testing.assert_allclose(speaks_for - speaks_against, np.einsum("k,nkh->nh", weights, sums), rtol=1e-9, atol=1e-3)


@given(sums, weights)
def test_opposite_weights_change_sides(sums: FloatArray, weights: FloatArray) -> None:
    speaks_for, speaks_against = signed(sums, weights)
    other_for, other_against = signed(sums, -weights)
    np.testing.assert_array_equal(speaks_for, other_against)
    np.testing.assert_array_equal(speaks_against, other_for)


@given(sums, weights, kinds, st.floats(0.0, 1e6))
def test_more_of_one_kind_moves_its_own_side_only(sums: FloatArray, weights: FloatArray, kind: int, more: float) -> None:
    before = signed(sums, weights)
    raised = sums.copy()
    raised[:, kind] += more
    after = signed(raised, weights)
    own = 0 if weights[kind] > 0.0 else 1
    np.testing.assert_allclose(after[1 - own], before[1 - own], rtol=1e-9)
    np.testing.assert_allclose(after[own], before[own] + abs(weights[kind]) * more, rtol=1e-9, atol=1e-3)
