"""A reference says of any bins what share of the values it was made of lies in them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommndr.input_reference import InputReference

numbers = st.sampled_from([0.0, 0.0, 0.0, 1.0, float("nan")]) | st.floats(-100, 100, width=32)
columns = st.integers(1, 400).flatmap(lambda n: arrays(np.float32, (n, 1), elements=numbers))


@given(columns, st.integers(2, 20))
def test_shares_of_bins_are_those_of_the_values(column: np.ndarray, n_bins: int) -> None:
    reference = InputReference.of(column)
    ends = reference.ends(0, n_bins)
    shares = reference.shares(0, ends)
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0.0).all()
    values = np.where(np.isnan(column[:, 0]), np.inf, column[:, 0])
    found = np.bincount(np.searchsorted(ends, values, side="left"), minlength=len(ends) + 1) / len(values)
    assert np.cumsum(shares) == pytest.approx(np.cumsum(found), abs=0.011 + 1.0 / len(column))  # percentiles, so a hundredth


@given(columns)
def test_the_order_of_values_does_not_matter(column: np.ndarray) -> None:
    assert InputReference.of(column[::-1]).table.tobytes() == InputReference.of(column).table.tobytes()


def test_a_table_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        InputReference(np.zeros((3, 7), np.float32))
