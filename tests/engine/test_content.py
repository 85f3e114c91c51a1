"""What items say of themselves, where many say the same."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommndr_engine.retrievers.content import N_HASHES, Content
from tests.engine.bundles import N_ITEMS, bought
from tests.engine.test_retrievers import ALL_ROWS, ON_SALE, seen_as


@given(st.lists(st.integers(0, 5), min_size=N_ITEMS, max_size=N_ITEMS))
def test_each_item_has_the_product_of_its_own_words_whichever_others_have_the_same(said: list[int]) -> None:
    words = sparse.random(6, N_HASHES, density=0.001, format="csr", dtype=np.float32, rng=np.random.default_rng(0))
    vectors, shopper = words[np.array(said)], seen_as(bought(10, 11))
    rows, values = shopper.interests
    taste = vectors[rows].T @ np.sqrt(values)
    found = Content(vectors).open(shopper, ON_SALE).for_rows(ALL_ROWS)
    np.testing.assert_array_equal(found, vectors @ taste)
