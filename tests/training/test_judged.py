"""Figures of a request set: hits by row, the segments, and what lists show."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.catalog import CatalogItem
from recommndr_engine.arrays import NO_ROW
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline_config import RANKER
from recommndr_training.judging import evaluation_report
from recommndr_training.judging.item_facts import ItemFacts, long_tail
from recommndr_training.judging.judged import LENGTH, Judged, figures
from recommndr_training.shipping import bundle

DAY_S = 86_400.0
N_ITEMS = 6
FACTS = ItemFacts(
    share=np.array([1.0, 0.5, 0.5, 0.25, 0.25, 0.25]),
    paths=np.array([[0], [0], [1], [1], [2], [2]], np.int32),
    long_tail=np.array([False, False, False, True, True, True]),
    new=np.array([False] * 5 + [True]),
    untouched=np.array([False] * 4 + [True, False]),
)
rows = st.lists(st.integers(NO_ROW, N_ITEMS - 1), min_size=LENGTH, max_size=LENGTH)
wanted = st.lists(st.integers(NO_ROW, N_ITEMS - 1), min_size=1, max_size=6, unique=True)


def padded(*shown: int) -> np.ndarray:
    return np.array([*shown, *[NO_ROW] * (LENGTH - len(shown))], np.int32)


def judged(relevant: list[list[int]], n_events: list[int], **lists: list[np.ndarray]) -> Judged:
    return Judged(
        {method: np.array(each, np.int32) for method, each in lists.items()},
        [np.array(each, np.int32) for each in relevant],
        np.array(n_events),
    )


@given(st.lists(st.tuples(rows, wanted), min_size=1, max_size=5))
def test_a_place_is_a_hit_when_its_own_shopper_took_the_item(shoppers: list[tuple[list[int], list[int]]]) -> None:
    shown, relevant = [np.array(row) for row, _ in shoppers], [taken for _, taken in shoppers]
    found = judged(relevant, [1] * len(shoppers), als=shown).hits["als"]
    assert found.tolist() == [[row != NO_ROW and row in taken for row in row_of] for row_of, taken in shoppers]


def test_segments_are_judged_apart() -> None:
    found = figures(
        judged([[0], [1, 4], [5]], [1, 5, 50], als=[padded(0), padded(2, 1), padded(4)], popularity=[padded(0)] * 3),
        FACTS,
        "als",
        n_draws=20,
    )["segments"]
    assert {name: segment["shoppers"] for name, segment in found.items()} == {
        "cold": 1,
        "warm": 1,
        "hot": 1,
        "long_tail": 2,
        "new_items": 1,
        "untouched": 1,
    }
    assert found["cold"]["ndcg@10"] == {"als": 1.0, "popularity": 1.0}
    assert found["warm"]["ndcg@10"]["als"] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))
    assert found["long_tail"]["ndcg@10"]["als"] == 0.0  # the hit on item 1 is not in the tail


def test_items_outside_the_bundle_are_long_tail_and_not_new() -> None:
    found = figures(judged([[NO_ROW, 0]], [1], als=[padded(0)]), FACTS, "als", n_draws=20)
    assert found["segments"]["long_tail"] == {"shoppers": 1, "ndcg@10": {"als": 0.0}}
    assert "new_items" not in found["segments"]


def test_only_the_first_ten_places_count_for_figures_at_ten() -> None:
    late = padded(*[1] * 10, 0)
    found = figures(judged([[0]], [1], als=[late]), FACTS, "als", n_draws=20)["methods"]["als"]
    assert (found["ndcg@10"], found["hit_rate@10"], found["coverage@10"]) == (0.0, 0.0, 1 / N_ITEMS)
    assert (found["hit_rate@20"], found["mrr@20"], found["precision@20"]) == (1.0, 1 / 11, 1 / 20)


def test_popularity_lift_compares_what_is_shown_with_what_the_shopper_took() -> None:
    lift = [
        figures(judged([[3]], [1], als=[padded(*shown)]), FACTS, "als", n_draws=20)["methods"]["als"]
        for shown in ((4, 5), (1, 2), (0,))
    ]
    assert [each["popularity_lift@10"] for each in lift] == pytest.approx([0.0, 1.0, 3.0])


def test_a_perfect_list_bounds_precision() -> None:
    found = figures(judged([[0], [1, 2, 3]], [1, 1], als=[padded(0), padded(1, 2, 3)]), FACTS, "als", 20)
    assert found["best_possible_precision@10"] == found["methods"]["als"]["precision@10"] == pytest.approx(0.2)


def facts_at(cut_s: float) -> ItemFacts:
    lines = pd.DataFrame(
        [
            ("u1", "a", "view", 0.0),
            ("u2", "a", "purchase", 1.0),
            ("u2", "a", "purchase", 2.0),
            ("u1", "b", "view", 10 * DAY_S),
            ("u3", "b", "impression", 0.0),
        ],
        columns=["user_id", "item_id", "kind", "at_s"],
    )
    live = LiveItems(4)
    live.apply_catalog({"a": CatalogItem(item_id="a", title="A", category_path=("food", "fruit"))})
    items = BundleItems(["a", "b", "c"])
    live.rows_of(items.ids, create=True)
    return ItemFacts.at(cut_s, lines, items, live)


def test_facts_count_shoppers_once_and_no_impressions() -> None:
    facts = facts_at(12 * DAY_S)
    assert facts.share.tolist() == [1.0, 0.5, 0.5]  # two shoppers; an item without one counts as if it had one
    assert (facts.paths >= 0).sum(axis=1).tolist() == [2, 0, 0]


def test_an_item_that_was_only_shown_is_untouched() -> None:
    assert facts_at(12 * DAY_S).untouched.tolist() == [False, False, True]


def test_a_segment_is_compared_with_its_own_best_popularity() -> None:
    lists = {
        RANKER: [padded(0)] * 2,
        "popularity": [padded(0), padded(5)],
        "popular_now": [padded(5), padded(0)],
        "als": [padded(0)] * 2,
    }
    segments = figures(judged([[0], [0]], [3, 60], **lists), FACTS, "als", n_draws=20)["segments"]
    gains = {name: segments[name]["popularity_gain"] for name in ("cold", "hot")}
    assert gains["cold"] == {"of": RANKER, "over": "popularity", "ndcg@10": 0.0, "low": 0.0, "high": 0.0}
    assert gains["hot"]["over"] == "popular_now"


def test_an_item_is_new_for_a_week_after_its_first_event() -> None:
    assert facts_at(12 * DAY_S).new.tolist() == [False, True, False]
    assert facts_at(17 * DAY_S).new.tolist() == [False, False, False]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20).filter(any))
def test_the_head_is_the_smallest_set_with_most_of_all_pairs(n_shoppers: list[int]) -> None:
    counts = np.array(n_shoppers)
    head = counts[~long_tail(counts)]
    assert head.sum() >= 0.8 * counts.sum() - 1e-9
    assert head.sum() - head.min() < 0.8 * counts.sum()
    assert head.min() >= counts[long_tail(counts)].max(initial=0)


def found_of_two_sets() -> dict[str, dict[str, object]]:
    lists = {name: [padded(place), padded(3)] for place, name in enumerate((RANKER, "als", "popularity"))}
    both = judged([[0], [1, 4]], [1, 60], **lists)
    return {name: figures(both, FACTS, "als", n_draws=20) for name in ("all", "new")}


def test_a_version_carries_the_figures_of_what_ships_for_each_set_and_of_the_best_single_method() -> None:
    ships = {"all": RANKER, "new": "als"}
    found = {name: {**each, "ships": ships[name]} for name, each in found_of_two_sets().items()}
    numbers = bundle.flat(bundle.shipped_figures(found))
    assert {"all.methods.ranker.ndcg@20", "all.methods.als.diversity@10", "new.segments.hot.ndcg@10.als"} <= set(numbers)
    assert not any("popularity." in name or name.endswith(".popularity") for name in numbers)
    assert not any(name.startswith(("new.methods.ranker", "new.segments.hot.ndcg@10.ranker")) for name in numbers)
    assert len(numbers) < 170


def test_the_table_says_what_the_mission_asks_and_what_a_perfect_list_reaches() -> None:
    table = evaluation_report.table(found_of_two_sets(), "a note")
    assert "mission: precision@10 > 0.15: 0.0500 by ranker, 0.1500 by a perfect list; map@10 > 0.10: 0.5000 by ranker" in table
    assert table.endswith("a note\n")


def test_details_have_the_other_cuts_variety_and_segments() -> None:
    details = evaluation_report.details(found_of_two_sets())
    assert "| items | segment | shoppers | gain over contextual popularity | ranker | als | popularity |" in details
    assert "| all | cold | 1 | ranker - popularity = +1.0000 [+1.0000, +1.0000] |" in details
    assert "| new | hot | 1 |" in details
    for name in ("map@5", "hit_rate@20", "novelty@10", "popularity_lift@10"):
        assert name in details
