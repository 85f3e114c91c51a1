"""One contract, every retriever."""

from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from recommndr.features import item, shopper
from recommndr.features.action import PURCHASE, Action
from recommndr.features.decay import one
from recommndr.tenancy import TenantPolicy
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import LiveItems
from recommndr_engine.related_scores import RelatedScores
from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers import BY_NAME, for_bundle
from recommndr_engine.retrievers.als import Als, FactorIndex
from recommndr_engine.retrievers.category_affinity import CategoryAffinity
from recommndr_engine.retrievers.ease import Ease
from recommndr_engine.retrievers.popular_now import PopularNow
from recommndr_engine.retrievers.session_neighbours import SessionNeighbours
from recommndr_engine.retrievers.user_neighbours import UserNeighbours
from recommndr_engine.shopper import Shopper
from recommndr_engine.shopper_matrix import ShopperMatrix
from tests.engine.bundles import ITEM_IDS, N_ITEMS, NOW, WrittenBundle, bought, catalog_item, item_id, row_of

NAMES = tuple(BY_NAME)
IMPERSONAL = ("popularity", "first_purchases", "popular_now", "trending")
ALL_ROWS = np.arange(N_ITEMS, dtype=np.int32)


def items_now() -> ItemView:
    """All items, each with as many purchases of yesterday as there are items after it."""
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in reversed(range(N_ITEMS))})  # live rows differ from the bundle's
    yesterday_s = NOW.timestamp() - 86_400.0
    states = [item.ItemState(yesterday_s, {PURCHASE: one(yesterday_s, float(N_ITEMS - n))}) for n in range(N_ITEMS)]
    live.apply_features(ITEM_IDS, list(map(item.to_bytes, states)))
    return ItemView(live.table, live.rows_of(ITEM_IDS), live.n_feature_changes)


ON_SALE = items_now()


def opened(bundle: WrittenBundle, name: str) -> Retriever:
    return next(each for each in for_bundle(bundle.directory, bundle.manifest.parameters, NAMES) if each.name == name)


@pytest.fixture(params=NAMES)
def retriever(request: pytest.FixtureRequest, bundle: WrittenBundle) -> Retriever:
    return opened(bundle, request.param)


def seen_as(state: shopper.ShopperState, policy: TenantPolicy | None = None) -> Shopper:
    weights = (policy or TenantPolicy()).relative_weights()
    target = (policy or TenantPolicy()).counting.kind
    return Shopper.from_row(shopper.read(row_of(state)), BundleItems(ITEM_IDS), NOW.timestamp(), weights, target)


@pytest.fixture
def anna() -> Shopper:
    looked_at = bought(14, 15, 18, days_ago=2.0, kind="view")
    return seen_as(bought(10, 12, 30, state=bought(10, 11, days_ago=8.0, state=looked_at), country="DE"))


def test_proposes_distinct_rows_best_first_with_positive_scores(retriever: Retriever, anna: Shopper) -> None:
    rows, scores = retriever.open(anna, ON_SALE).top(5)
    assert 0 < len(rows) <= 5
    assert len(set(rows.tolist())) == len(rows) == len(scores)
    assert (scores > 0).all()
    assert (np.diff(scores) <= 0).all()
    assert rows.dtype == np.int32
    assert scores.dtype == np.float32


def test_proposes_only_what_is_allowed(retriever: Retriever, anna: Shopper) -> None:
    allowed = ALL_ROWS % 3 == 0
    rows, _ = retriever.open(anna, ON_SALE).top(N_ITEMS, allowed)
    assert allowed[rows].all()
    unmasked, _ = retriever.open(anna, ON_SALE).top(N_ITEMS)
    assert set(rows.tolist()) == {row for row in unmasked.tolist() if allowed[row]}


def test_proposes_nothing_when_nothing_is_allowed(retriever: Retriever, anna: Shopper) -> None:
    rows, scores = retriever.open(anna, ON_SALE).top(5, np.zeros(N_ITEMS, np.bool_))
    assert len(rows) == len(scores) == 0


def test_a_shorter_list_is_the_head_of_a_longer_one(retriever: Retriever, anna: Shopper) -> None:
    opened = retriever.open(anna, ON_SALE)
    longer, _ = opened.top(N_ITEMS + 10)
    for k in range(len(longer)):
        assert opened.top(k)[0].tolist() == longer[:k].tolist()


def test_scores_any_row_with_the_numbers_of_its_list(retriever: Retriever, anna: Shopper) -> None:
    opened = retriever.open(anna, ON_SALE)
    rows, scores = opened.top(10)
    assert opened.for_rows(rows) == pytest.approx(scores, rel=1e-6)
    everything = opened.for_rows(ALL_ROWS)
    assert everything.shape == (N_ITEMS,)
    assert everything.dtype == np.float32
    assert np.isfinite(everything).all()


def test_has_something_to_say_about_a_stranger_only_when_impersonal(retriever: Retriever) -> None:
    rows, _ = retriever.open(seen_as(shopper.EMPTY), ON_SALE).top(5)
    assert (len(rows) > 0) == (retriever.name in IMPERSONAL)


def test_does_not_trip_over_items_the_bundle_does_not_know(retriever: Retriever) -> None:
    known = bought(10)
    unknown = shopper.from_bytes(shopper.to_bytes(known).replace(b"i10", b"zzz"))
    assert (
        retriever.open(seen_as(unknown), ON_SALE).for_rows(ALL_ROWS).tolist()
        == retriever.open(seen_as(shopper.EMPTY), ON_SALE).for_rows(ALL_ROWS).tolist()
    )


def test_als_proposes_from_the_shoppers_own_camp(bundle: WrittenBundle) -> None:
    als = opened(bundle, "als")
    rows, _ = als.open(seen_as(bought(2, 4, 6)), ON_SALE).top(10)
    assert (rows % 2 == 0).all()


def test_als_folds_a_shopper_in_by_the_normal_equation(bundle: WrittenBundle) -> None:
    als = opened(bundle, "als")
    rows, values = np.array([3, 8], np.int32), np.array([2.0, 0.5], np.float32)
    y = als.factors.astype(np.float64)  # type: ignore[attr-defined]
    confidence, preference = np.ones(N_ITEMS), np.zeros(N_ITEMS)
    confidence[rows], preference[rows] = 2.0 * values, 1.0
    expected = np.linalg.solve(y.T @ (y * confidence[:, None]) + np.eye(2), y.T @ (confidence * preference))
    assert als.fold_in(rows, values) == pytest.approx(expected, rel=1e-4)  # type: ignore[attr-defined]


def test_als_without_any_factors_proposes_nothing_to_many_shoppers(anna: Shopper) -> None:
    nothing = Als(np.zeros((N_ITEMS, 4), np.float32), 40.0, 1.0)
    for scores in nothing.open_many([anna, anna], ON_SALE):
        assert len(scores.top(3)[0]) == 0


def test_neighbours_of_an_item_are_those_of_its_ring(bundle: WrittenBundle) -> None:
    neighbours = opened(bundle, "neighbours")
    rows, scores = neighbours.open(seen_as(bought(5, days_ago=0.0)), ON_SALE).top(10)
    assert rows.tolist() == [6, 7, 8]
    assert scores == pytest.approx([0.9, 0.6, 0.3])


def test_buy_again_puts_the_frequent_and_recent_first(bundle: WrittenBundle) -> None:
    buy_again = opened(bundle, "buy_again")
    state = bought(1, 2, state=bought(1, days_ago=5.0, state=bought(3, days_ago=60.0)))
    assert buy_again.open(seen_as(state), ON_SALE).top(10)[0].tolist() == [1, 2, 3]


LIKE_MINDED = ("user_neighbours", "ease", "category_affinity", "content", "session_neighbours")  # even items are dairy


@pytest.mark.parametrize("name", LIKE_MINDED)
def test_items_of_like_minded_shoppers_are_of_the_own_camp(bundle: WrittenBundle, name: str) -> None:
    rows, _ = opened(bundle, name).open(seen_as(bought(2, 4, 8)), ON_SALE).top(5)
    assert len(rows) == 5
    assert (rows % 2 == 0).all()


@st.composite
def shopper_matrices(draw: st.DrawFn) -> ShopperMatrix:
    held = draw(arrays(np.float32, (5, 8), elements=st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0])))
    return ShopperMatrix.of(sparse.csr_matrix(held))


ROOTS = st.dictionaries(st.integers(0, 7), st.sampled_from([0.25, 1.0, 1.5]), min_size=1)


@given(shopper_matrices(), ROOTS)
def test_whether_the_bundle_knows_a_shopper_makes_no_difference_to_user_neighbours(
    matrix: ShopperMatrix, own: dict[int, float]
) -> None:
    rows, roots = np.array(sorted(own), np.int32), np.array([own[row] for row in sorted(own)], np.float32)
    own_row = sparse.csr_matrix((roots, rows, [0, len(rows)]), shape=(1, matrix.n_items))
    # Another shopper keeps the number of shoppers and of those with each item, which idf reads, the same.
    without, known = (
        UserNeighbours(ShopperMatrix.of(sparse.vstack([matrix.by_shopper, row]).tocsr()), n_neighbours=20)
        for row in (own_row, own_row * 3.0)
    )
    assert without.scores(rows, roots) == pytest.approx(known.scores(rows, roots), abs=1e-6)
    assert not known.scores(rows, roots)[rows].any()


@given(shopper_matrices(), ROOTS)
def test_ease_is_the_ridge_regression_of_each_item_on_all_others(matrix: ShopperMatrix, own: dict[int, float]) -> None:
    """The dual form gives what Steck's item-item matrix gives: B = -P / diag(P), P = (X'X + reg I)^-1, with a zero diagonal."""
    reg = 3.0
    rows, roots = np.array(sorted(own), np.int32), np.array([own[row] for row in sorted(own)], np.float32)
    held = matrix.by_shopper.toarray().astype(np.float64)
    inverse = np.linalg.inv(held @ held.T + reg * np.eye(len(held)))
    scale = 1.0 / (1.0 - np.einsum("ui,uv,vi->i", held, inverse, held))
    scores = Ease(matrix, inverse.astype(np.float32), scale.astype(np.float32)).scores(rows, roots)
    primal = np.linalg.inv(held.T @ held + reg * np.eye(matrix.n_items))
    between_items = -primal / np.diag(primal)
    np.fill_diagonal(between_items, 0.0)
    shopper_vector = np.zeros(matrix.n_items)
    shopper_vector[rows] = roots
    others = np.setdiff1d(np.arange(matrix.n_items), rows)
    assert scores[others] == pytest.approx((shopper_vector @ between_items)[others], abs=1e-4)


def seen_in_category(*numbers: int, state: shopper.ShopperState | None = None, **changes: object) -> dict[int, float]:
    """Category affinity's scores of items that are all in categories of their own but these, which are socks of one brand."""
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n, category_path=(f"only {n}",), brand=None) for n in range(N_ITEMS)})
    live.apply_catalog({item_id(n): catalog_item(n, category_path=("wear", "socks"), **changes) for n in numbers})
    at_s = NOW.timestamp()
    live.apply_features([item_id(3)], [item.to_bytes(item.ItemState(at_s, {PURCHASE: one(at_s, 5.0)}))])
    view = ItemView(live.table, live.rows_of(ITEM_IDS), live.n_feature_changes)
    asked = seen_as(bought(2, kind="view") if state is None else state)
    scores = CategoryAffinity(30 * 86_400.0).open(asked, view).for_rows(ALL_ROWS)
    return {row: float(scores[row]) for row in np.flatnonzero(scores)}


def test_what_was_only_viewed_leads_to_its_category_where_the_popular_comes_first_and_the_unseen_too() -> None:
    scores = seen_in_category(2, 3, 4)
    assert set(scores) == {2, 3, 4}
    assert scores[3] > scores[4] > 0.0


@given(st.integers(2, 30), st.integers(1, 6))
def test_category_affinity_shares_out_what_the_shopper_likes(n_socks: int, n_viewed: int) -> None:
    """Each of leaf, second level and brand shares out the whole interest, if all of it is in one of each."""
    viewed = bought(*range(min(n_viewed, n_socks)), kind="view")
    scores = seen_in_category(*range(n_socks), state=viewed, brand="warm")
    assert sum(scores.values()) == pytest.approx(3.0, rel=1e-5)


def test_a_new_catalogue_counts_after_a_while_and_not_at_each_request() -> None:
    live, affinity = LiveItems(), CategoryAffinity(30 * 86_400.0)
    live.apply_catalog({item_id(n): catalog_item(n, category_path=("a",), brand=None) for n in range(N_ITEMS)})

    def found(later_s: float) -> int:
        rows = live.rows_of(ITEM_IDS)
        view = ItemView(live.table, rows, live.n_feature_changes, n_catalogue_changes=live.n_changes)
        asked = replace(seen_as(bought(2)), now_s=NOW.timestamp() + later_s)
        return int(np.count_nonzero(affinity.open(asked, view).for_rows(ALL_ROWS)))

    assert found(0.0) == N_ITEMS
    live.apply_catalog({item_id(n): catalog_item(n, category_path=("b",), brand=None) for n in range(5, N_ITEMS)})
    assert found(1.0) == N_ITEMS
    assert found(60.0) == 5


def test_counters_of_one_table_do_not_stand_in_for_those_of_another() -> None:
    """Training reads one bundle over the tables of several instants; each of them changed as often as the other."""

    def table_where(popular: int) -> ItemView:
        live = LiveItems()
        live.apply_catalog({item_id(n): catalog_item(n, category_path=("a",), brand=None) for n in range(N_ITEMS)})
        at_s = NOW.timestamp()
        live.apply_features([item_id(popular)], [item.to_bytes(item.ItemState(at_s, {PURCHASE: one(at_s, 5.0)}))])
        return ItemView(live.table, live.rows_of(ITEM_IDS), live.n_feature_changes, n_catalogue_changes=live.n_changes)

    for retriever in (CategoryAffinity(30 * 86_400.0), PopularNow(30 * 86_400.0)):
        best = [retriever.open(seen_as(bought(2)), table_where(n)).top(1)[0].tolist() for n in (3, 7)]
        assert best == [[3], [7]]


@pytest.mark.parametrize("name", ["co_visits", "seen_together", "led_to_target"])
def test_related_items_are_told_by_the_newest_item_and_by_the_one_they_are_related_to_most(
    bundle: WrittenBundle, name: str
) -> None:
    """In the ring, item n is related to n + 1 by .9, to n + 2 by .6, to n + 3 by .3."""
    scores = opened(bundle, name).open(seen_as(bought(10, days_ago=1.0, state=bought(9, days_ago=2.0))), ON_SALE)
    assert isinstance(scores, RelatedScores)
    found = scores.to_recent(np.array([10, 11, 12, 13, 14], np.int32))
    assert found.last.tolist() == pytest.approx([0.0, 0.9, 0.6, 0.3, 0.0])
    assert found.largest.tolist() == pytest.approx([0.9, 0.9, 0.6, 0.3, 0.0])
    disliked = opened(bundle, name).open(seen_as(bought(10, kind="dislike")), ON_SALE)
    assert isinstance(disliked, RelatedScores)
    assert not disliked.to_recent(ALL_ROWS).last.any()


def visits_of(*visits: tuple[int, ...]) -> ShopperMatrix:
    """Newest first."""
    held = np.zeros((len(visits), 8), np.float32)
    for place, items in enumerate(visits):
        held[place, list(items)] = 1.0
    return ShopperMatrix.of(sparse.csr_matrix(held))


def test_visits_that_share_the_newest_items_count_most_and_only_the_newest_visits_of_an_item_are_read() -> None:
    visits = visits_of((0, 2), (1, 3), (0, 4), (5, 6))
    one = SessionNeighbours(visits, n_visits=9, n_visits_of_item=9, n_recent=2)
    scores = one.scores(np.array([0, 1], np.int32))
    idf = np.log(4.0 / 1.0)
    # Item 0 is the newest: its visits weigh 1 x 1; those of item 1 weigh 1/2 x 1/2.
    assert scores[[2, 3, 4, 5]].tolist() == pytest.approx([idf, idf / 4, idf, 0.0])
    newest_only = SessionNeighbours(visits, n_visits=9, n_visits_of_item=1, n_recent=2)
    assert newest_only.scores(np.array([0], np.int32))[[2, 4]].tolist() == pytest.approx([idf, 0.0])
    best_only = SessionNeighbours(visits, n_visits=2, n_visits_of_item=9, n_recent=2)
    assert best_only.scores(np.array([0, 1], np.int32))[3] == 0.0


JOBS = TenantPolicy(
    own_kinds=("interest", "apply", "not_for_me"),
    weights={"interest": 2.0, "apply": 8.0, "not_for_me": -4.0, "purchase": 4.0},
    target_kind="apply",
)


def done(kind: str, n: int, hours_ago: float = 1.0, policy: TenantPolicy = JOBS) -> shopper.ShopperState:
    at_s = NOW.timestamp() - hours_ago * 3_600.0
    return shopper.lift(Action(policy.kind_code(kind), at_s, f"{kind}-{n}", "u", (item_id(n),)), policy.counting)


def test_interest_is_counted_in_events_of_the_tenants_target_kind() -> None:
    actions = (("apply", 1), ("interest", 2), ("purchase", 3), ("not_for_me", 4), ("dislike", 5), ("impression", 6))
    rows, values = seen_as(reduce(shopper.merge, (done(kind, n, hours_ago=0.0) for kind, n in actions)), JOBS).interests
    assert dict(zip(rows.tolist(), values.tolist(), strict=True)) == {1: 1.0, 2: 0.25, 3: 0.5}
    assert seen_as(done("purchase", 3, hours_ago=0.0, policy=TenantPolicy())).interests[1].tolist() == [1.0]


@given(st.floats(0.1, 10.0), st.floats(0.1, 10.0), st.floats(-5.0, 0.0))
def test_only_the_ratio_of_weights_matters(scale: float, view: float, dislike: float) -> None:
    """Ten times all weights give the same order."""
    state = reduce(
        shopper.merge, (done(kind, n, policy=TenantPolicy()) for kind, n in (("view", 1), ("purchase", 2), ("dislike", 3)))
    )
    weights = {"view": view, "dislike": dislike, "purchase": 2.0}
    one, other = (
        seen_as(state, TenantPolicy(weights={kind: weight * factor for kind, weight in weights.items()}))
        for factor in (1.0, scale)
    )
    assert one.interests[0].tolist() == other.interests[0].tolist()
    np.testing.assert_allclose(one.interests[1], other.interests[1], rtol=1e-6)
    assert (one.interests[1] > 0.0).all()


def test_buy_again_and_recent_follow_the_target_kind(bundle: WrittenBundle) -> None:
    """Where lists lead to applications, these are repeated; what was only viewed is recent."""
    state = reduce(shopper.merge, (done("apply", 1), done("view", 2), done("purchase", 3)))
    asked = ("buy_again", "recent", "popularity")
    repeated, recent, _ = for_bundle(bundle.directory, bundle.manifest.parameters, asked)
    assert repeated.open(seen_as(state, JOBS), ON_SALE).top(5)[0].tolist() == [1]
    assert sorted(recent.open(seen_as(state, JOBS), ON_SALE).top(5)[0].tolist()) == [2, 3]


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
def test_als_finds_the_same_items_when_it_does_not_look_at_all(spread: float) -> None:
    """Lengths of factors differ little, as much as in real shops, and so much that few items can be near anything."""
    random = np.random.default_rng(5)
    n, k = 20_000, 50
    lengths = np.exp(spread * random.standard_normal(n))[:, np.newaxis]
    factors = (random.standard_normal((n, 8)) * lengths).astype(np.float32)
    index, allowed = FactorIndex(factors), random.random(n) < 0.5
    vectors = random.standard_normal((20, 8)).astype(np.float32)
    for vector, unmasked in zip(vectors, index.nearest_to_each(vectors, k), strict=True):
        products = factors @ vector
        for mask, found in (
            (allowed, index.nearest(vector, k, allowed)),
            (None, index.nearest(vector, k, None)),
            (None, unmasked),
        ):
            wanted = np.flatnonzero(mask) if mask is not None else np.arange(n)
            best_products = np.sort(products[wanted])[::-1][:k]
            assert set(found) <= set(wanted)
            np.testing.assert_allclose(np.sort(products[found])[::-1][:k], best_products, rtol=1e-4)
