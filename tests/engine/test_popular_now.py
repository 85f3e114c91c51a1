"""What is popular now is read from the item counters: exactly, at any instant, and without computing all items again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.events import KIND_CODE
from recommndr.features import item, shopper
from recommndr.features.decay import Counter, decayed, merge_counter, one
from recommndr.tenancy import TenantPolicy
from recommndr_engine.arrays import Rows
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.live_sums import LiveCounts
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.retrievers.popular_now import PopularNow, Trending
from recommndr_engine.shopper import Shopper
from tests.engine.bundles import N_ITEMS, NOW, WrittenBundle, catalog_item, item_id

NOW_S, HOUR_S, DAY_S = NOW.timestamp(), 3_600.0, 86_400.0
WEIGHTS = TenantPolicy().relative_weights()
VIEW, PURCHASE = KIND_CODE["view"], KIND_CODE["purchase"]


def shop(n: int = N_ITEMS) -> Pipeline:
    """A pipeline without fitted retrievers over items `i00` …, whose live rows are in another order."""
    live = LiveItems(1)
    ids = [item_id(number) for number in range(n)]
    live.apply_catalog({item_id(number): catalog_item(number) for number in reversed(range(n))})
    return Pipeline(BundleItems(ids), [], None, live)


def stranger(now_s: float = NOW_S) -> Shopper:
    return Shopper.from_row(shopper.read({}), BundleItems([]), now_s, WEIGHTS)


def happened(pipeline: Pipeline, number: int, kind: int, *at_s: float) -> None:
    """The state of an item after these events, as the topic of item features brings it."""
    counter = one(at_s[0])
    for each in at_s[1:]:
        counter = merge_counter(counter, one(each))
    state = item.ItemState(min(at_s), {kind: counter})
    pipeline.live.apply_features([item_id(number)], [item.to_bytes(state)])


def closed_formula(pipeline: Pipeline, place: int, now_s: float) -> np.ndarray:
    view = pipeline.item_view()
    sums = decayed(view.table.at_s, view.table.sums, now_s)[view.rows, :, place]
    return np.maximum(WEIGHTS, 0.0) @ sums.T


Change = tuple[int, int, float, float]  # item, kind, hours ago, sum
changes = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from((VIEW, PURCHASE)), st.floats(0.0, 900.0), st.floats(0.0, 50.0)), max_size=12
)


def apply(pipeline: Pipeline, batch: Sequence[Change]) -> None:
    for number, kind, hours_ago, n in batch:
        at_s = NOW_S - hours_ago * HOUR_S
        state = item.ItemState(at_s, {kind: Counter(at_s, (n,) * 5)}) if n > 1.0 else None  # below: the item is erased
        pipeline.live.apply_features([item_id(number)], [None if state is None else item.to_bytes(state)])


@given(st.lists(changes, max_size=4), st.sampled_from((1, 2, 3)), st.floats(0.0, 72.0))
def test_sums_kept_up_to_date_are_those_of_the_closed_formula(batches: list[list[Change]], place: int, hours: float) -> None:
    pipeline, counts = shop(10), LiveCounts((HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S)[place])
    rows, now_s = np.arange(10, dtype=np.int32), NOW_S + hours * HOUR_S
    for batch in [[], *batches]:
        apply(pipeline, batch)
        found = counts.current(pipeline.item_view(), WEIGHTS, NOW_S)
        np.testing.assert_allclose(found.as_of(now_s, rows), closed_formula(pipeline, place, now_s), rtol=1e-6, atol=1e-12)
        best_first = found.as_of(NOW_S, found.head)
        assert (np.diff(best_first) <= 0.0).all()
        assert sorted(found.head.tolist()) == np.flatnonzero(closed_formula(pipeline, place, NOW_S)).tolist()


def test_only_items_that_are_said_to_have_changed_are_computed_again() -> None:
    pipeline, counts = shop(), LiveCounts(DAY_S)
    happened(pipeline, 3, PURCHASE, NOW_S)
    counts.current(pipeline.item_view(), WEIGHTS, NOW_S)
    happened(pipeline, 3, PURCHASE, NOW_S, NOW_S)
    happened(pipeline, 7, PURCHASE, NOW_S)
    asked: list[int] = []

    def changed_since(n_feature_changes: int) -> Rows:
        asked.append(n_feature_changes)
        return np.array([7], np.int32)

    found = counts.current(replace(pipeline.item_view(), changed_since=changed_since), WEIGHTS, NOW_S)
    assert (found.sums[3], found.sums[7], asked) == (1.0, 1.0, [1])
    assert counts.current(pipeline.item_view(), WEIGHTS, NOW_S) is found


def test_sums_stay_exact_over_years_of_an_hours_half_life() -> None:
    pipeline, counts = shop(), LiveCounts(HOUR_S)
    for year in range(3):
        now_s = NOW_S + year * 365 * DAY_S
        happened(pipeline, year, PURCHASE, now_s)
        found = counts.current(pipeline.item_view(), WEIGHTS, now_s)
        assert found.as_of(now_s, np.array([year], np.int32)) == pytest.approx([1.0])
        assert found.head[0] == year


def test_an_item_of_the_last_hour_is_the_first_candidate() -> None:
    pipeline = shop()
    happened(pipeline, 5, PURCHASE, *[NOW_S - 2 * DAY_S] * 9)
    happened(pipeline, 9, VIEW, *[NOW_S - 60.0] * 8)
    by_the_hour, by_the_month = (
        PopularNow(half_life_s).open(stranger(), pipeline.item_view()).top(2)[0].tolist()
        for half_life_s in (HOUR_S, 30 * DAY_S)
    )
    assert by_the_hour == [9, 5]
    assert by_the_month == [5, 9]


def test_a_narrow_filter_looks_below_the_most_popular() -> None:
    n = 3_000
    pipeline = shop(n)
    rows = pipeline.item_view().rows
    pipeline.live.table.at_s[rows, PURCHASE] = NOW_S
    pipeline.live.table.sums[rows, PURCHASE] = np.arange(n, 0, -1, dtype=np.float32)[:, np.newaxis]
    opened = PopularNow(DAY_S).open(stranger(), pipeline.item_view())
    allowed = np.zeros(n, np.bool_)
    allowed[[2_000, 2_900, 5]] = True
    assert opened.top(10, allowed)[0].tolist() == [5, 2_000, 2_900]
    assert opened.top(2_000)[0].tolist() == list(range(2_000))


def test_what_rises_trends_and_what_sells_evenly_does_not() -> None:
    pipeline = shop()
    evenly = [NOW_S - hours * HOUR_S for hours in range(24 * 60)]
    happened(pipeline, 1, PURCHASE, *evenly)
    happened(pipeline, 2, PURCHASE, *evenly[: 24 * 3])
    happened(pipeline, 3, PURCHASE, *evenly[24 * 20 :])
    rows, scores = Trending(DAY_S).open(stranger(), pipeline.item_view()).top(10)
    assert rows[0] == 2
    assert scores[0] > 3.0
    others = Trending(DAY_S).open(stranger(), pipeline.item_view()).for_rows(np.array([1, 3, 4], np.int32))
    assert others.tolist() == pytest.approx([0.0, 0.0, 0.0], abs=0.2)


def test_negative_events_make_nothing_popular() -> None:
    pipeline = shop()
    happened(pipeline, 4, KIND_CODE["dislike"], *[NOW_S] * 20)
    assert PopularNow(DAY_S).open(stranger(), pipeline.item_view()).top(10)[0].tolist() == []


def test_a_half_life_that_no_counter_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"half-life 7200 s: item counters have 3600, 86400, 604800"):
        PopularNow(2 * HOUR_S)


def test_shoppers_whose_row_cannot_be_read_get_what_is_popular_now_and_best_sellers_below(bundle: WrittenBundle) -> None:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    pipeline = Pipeline.read(bundle.directory, bundle.manifest, live)
    happened(pipeline, 30, PURCHASE, NOW_S - 60.0)
    found = pipeline.recommend(None, ListRequest(k=3), NOW_S)
    assert found.rows.tolist() == [30, 0, 1]
    assert found.sources == (("popular_now",), ("popularity",), ("popularity",))
    assert (np.diff(found.scores) < 0.0).all()
