"""What the array form reads of events is what actions say of them."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import decay
from recommndr.features.user import tie_of
from recommndr_training.examples.act_arrays import half_to, ties


@given(
    st.lists(
        st.uuids().map(str) | st.sampled_from(["", "o1", "12345678", "1234_678", "+1234567", "ABCDEF01x", "üüüüüüüü", "ab"])
    )
)
def test_ties_are_those_of_the_user_group(event_ids: list[str]) -> None:
    assert ties(pa.array(event_ids, pa.string())).tolist() == [tie_of(event_id) for event_id in event_ids]


def test_arrows_powers_have_the_bits_of_pythons() -> None:
    exponents = np.concatenate([[0.0, np.inf], np.random.default_rng(3).exponential(3.0, 200_000).round(7)]).reshape(2, -1)
    assert half_to(exponents).tobytes() == decay.half_to(exponents).tobytes()
