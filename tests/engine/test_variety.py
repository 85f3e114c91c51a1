"""How much alike the places of a list may be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine.live_items import NO_CODE, LiveItems
from recommndr_engine.variety import ANY, Variety, among_first, similarity
from tests.engine.bundles import N_ITEMS, catalog_item, item_id

LIVE = LiveItems()
LIVE.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
ROWS = LIVE.rows_of([item_id(n) for n in range(N_ITEMS)])
SCORES = np.linspace(1.0, 0.5, N_ITEMS, dtype=np.float32)
VARIETIES = st.builds(Variety, st.none() | st.integers(1, 5), st.none() | st.integers(1, 5), st.sampled_from([0.0, 0.3, 1.0]))


@given(st.lists(st.sampled_from([NO_CODE, 0, 1, 5]), max_size=20), st.integers(1, 4))
def test_the_first_of_each_code_are_kept_in_their_order(codes: list[int], n: int) -> None:
    kept = among_first(np.array(codes, np.int32), n)
    expected = [code == NO_CODE or codes[:place].count(code) < n for place, code in enumerate(codes)]
    assert kept.tolist() == expected


@given(VARIETIES, st.integers(1, 30))
def test_a_list_has_each_item_once_and_no_more_of_a_kind_than_asked(variety: Variety, k: int) -> None:
    places = variety.choose(LIVE.table, ROWS, SCORES, k)
    assert len(places) <= k
    assert len(set(places.tolist())) == len(places)
    for most, codes in ((variety.max_per_category, LIVE.table.leaf), (variety.max_per_brand, LIVE.table.brand)):
        assert most is None or np.bincount(codes[ROWS[places]]).max() <= most


@given(VARIETIES, st.integers(1, 30))
def test_the_best_item_stays_the_first(variety: Variety, k: int) -> None:
    if variety.diversity < 1.0:
        assert variety.choose(LIVE.table, ROWS, SCORES, k)[0] == 0


def test_without_a_wish_the_order_is_that_of_the_scores() -> None:
    assert ANY.choose(LIVE.table, ROWS, SCORES, 7).tolist() == list(range(7))


def test_the_more_diversity_the_less_alike_is_the_list() -> None:
    dairy = np.concatenate([ROWS[::2], ROWS[1::2]])  # all of one category before all of the other

    def alike(diversity: float) -> float:
        places = Variety(diversity=diversity).choose(LIVE.table, dairy, SCORES, 8)
        return float(similarity(LIVE.table, dairy[places])[np.triu_indices(8, 1)].mean())

    assert alike(0.0) > alike(0.7)
    assert alike(0.7) >= alike(1.0)


OTHERS: list[tuple[dict[str, object], float]] = [
    ({}, 1.0),
    ({"brand": "other"}, 0.5),
    ({"category_path": ("food", "tea")}, 0.5),
    ({"category_path": ()}, 0.0),
]


@pytest.mark.parametrize(("other", "expected"), OTHERS)
def test_similarity_is_the_share_of_common_levels_and_half_of_it_with_another_brand(
    other: dict[str, object], expected: float
) -> None:
    live = LiveItems()
    live.apply_catalog({"a": catalog_item(0), "b": catalog_item(0, **other)})
    assert similarity(live.table, live.rows_of(["a", "b"]))[0, 1] == expected
