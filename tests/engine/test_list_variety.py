"""What lists show: coverage, diversity, novelty and popularity by their laws and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine.list_metrics import diversity, mean_popularity, novelty

N_ITEMS = 8
lists = st.lists(st.permutations(range(N_ITEMS)).map(lambda items: items[:5]), min_size=1, max_size=4)
paths = st.lists(st.lists(st.integers(0, 2), max_size=3), min_size=N_ITEMS, max_size=N_ITEMS)


def coded(category_paths: list[list[int]]) -> np.ndarray:
    """Codes as the live item table has them: one for each distinct beginning of a path."""
    code_of: dict[tuple[int, ...], int] = {}
    rows = []
    for path in category_paths:
        codes = [code_of.setdefault(tuple(path[: depth + 1]), len(code_of)) for depth in range(len(path))]
        rows.append(codes + [-1] * (3 - len(codes)))
    return np.array(rows, np.int32)


def distance(a: list[int], b: list[int]) -> float:
    """Of two paths, item by item, as the definition says it."""
    shared = 0
    while shared < min(len(a), len(b)) and a[shared] == b[shared]:
        shared += 1
    return 1.0 - 2.0 * shared / (len(a) + len(b)) if a or b else 0.0


@given(lists, paths)
def test_diversity_is_the_mean_distance_of_pairs(shown: list[list[int]], category_paths: list[list[int]]) -> None:
    each = [
        np.mean([distance(category_paths[a], category_paths[b]) for place, a in enumerate(row) for b in row[:place]])
        for row in shown
    ]
    assert diversity(np.array(shown, np.int32), coded(category_paths)) == pytest.approx(np.mean(each))


@given(lists, paths, st.randoms())
def test_diversity_does_not_depend_on_the_order_in_a_list(
    shown: list[list[int]], category_paths: list[list[int]], random: st.DrawFn
) -> None:
    shuffled = [random.sample(row, len(row)) for row in shown]  # type: ignore[attr-defined]
    assert diversity(np.array(shuffled, np.int32), coded(category_paths)) == pytest.approx(
        diversity(np.array(shown, np.int32), coded(category_paths))
    )


def test_with_one_level_diversity_is_the_share_of_pairs_whose_categories_differ() -> None:
    one_level = np.array([[0], [0], [1], [2]], np.int32)
    assert diversity(np.array([[0, 1, 2, 3]], np.int32), one_level) == pytest.approx(5 / 6)


def test_lists_with_less_than_a_pair_say_nothing_of_diversity() -> None:
    one_level = np.array([[0], [1]], np.int32)
    assert diversity(np.array([[0, 1], [0, -1], [-1, -1]], np.int32), one_level) == 1.0
    assert diversity(np.array([[0, -1]], np.int32), one_level) == 0.0


def test_novelty_is_the_information_of_what_is_shown() -> None:
    share = np.array([1.0, 0.5, 0.25])
    assert novelty(np.array([[0, 1], [2, -1], [-1, -1]], np.int32), share) == pytest.approx((0.5 + 2.0) / 2)
    with pytest.raises(ValueError, match="1 items have a share of 0"):
        novelty(np.array([[0]], np.int32), np.array([1.0, 0.0]))


@given(lists)
def test_novelty_falls_and_popularity_grows_with_the_share_of_shoppers(shown: list[list[int]]) -> None:
    rows = np.array(shown, np.int32)
    known, better_known = np.linspace(0.1, 0.4, N_ITEMS), np.linspace(0.2, 0.8, N_ITEMS)
    assert novelty(rows, better_known) == pytest.approx(novelty(rows, known) - 1.0)
    assert mean_popularity(rows, better_known) == pytest.approx(2.0 * mean_popularity(rows, known))


def test_popularity_counts_each_list_once_however_long_it_is() -> None:
    assert mean_popularity(np.array([[0, 1], [1, -1]], np.int32), np.array([0.5, 0.1])) == pytest.approx(0.2)
