"""The whole request path: which items may be in a list, which retrievers are asked, and what happens when a part is missing."""

import hashlib
import json
import shutil
from functools import reduce
from pathlib import Path

import numpy as np
import pytest

from recommndr.bundle import FIRST_RETRIEVERS, MANIFEST, BundleRefused, Manifest
from recommndr.events import KIND_CODE
from recommndr.features import item, shopper
from recommndr.features.action import Action
from recommndr.features.shopper import ShopperRow, ShopperState
from recommndr.tenancy import TenantPolicy
from recommndr_engine import bundle_files, golden
from recommndr_engine.columns import NAMES
from recommndr_engine.filters import ItemFilters
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.pipeline_config import RANKER, WEIGHTED, PipelineConfig, methods_of
from recommndr_engine.retrievers import BY_NAME
from tests.engine.bundles import ITEM_IDS, N_ITEMS, NOW, WrittenBundle, bought, catalog_item, item_id, row_of, write_bundle

NOW_S = NOW.timestamp()
JOBS = TenantPolicy(own_kinds=("apply", "not_for_me"), weights={"apply": 8.0, "not_for_me": -4.0}, target_kind="apply")
ANNA = bought(10, 12, 30, state=bought(10, 11, days_ago=8.0))


@pytest.fixture
def live() -> LiveItems:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    return live


@pytest.fixture
def pipeline(bundle: WrittenBundle, live: LiveItems) -> Pipeline:
    return Pipeline.read(bundle.directory, bundle.manifest, live)


def read(state: ShopperState) -> ShopperRow:
    return shopper.read(row_of(state))


def listed(pipeline: Pipeline, state: ShopperState | None = ANNA, now_s: float = NOW_S, **asked: object) -> list[int]:
    row = None if state is None else read(state)
    return pipeline.recommend(row, ListRequest(**asked), now_s).rows.tolist()  # type: ignore[arg-type]


def test_the_ranker_orders_what_the_retrievers_found(pipeline: Pipeline) -> None:
    found = pipeline.recommend(read(ANNA), ListRequest(k=N_ITEMS), NOW_S)
    assert found.rows[0] == 10
    assert set(found.rows[:4].tolist()) == {10, 11, 12, 30}
    assert (np.diff(found.scores) <= 0).all()
    assert found.step == "full"
    assert "buy_again" in found.sources[0]


def test_every_place_brings_its_ranker_inputs_and_every_retrievers_score(pipeline: Pipeline) -> None:
    found = pipeline.recommend(read(ANNA), ListRequest(k=5), NOW_S)
    assert found.inputs is not None
    assert found.retriever_scores is not None
    assert found.inputs.shape == (5, len(NAMES))
    for name, scores in found.retriever_scores.items():
        assert found.inputs[:, NAMES.index(f"{name}_score")].tolist() == scores.tolist()


@pytest.mark.parametrize("state", [ANNA, None, shopper.EMPTY])
def test_an_item_made_unavailable_is_in_no_list_at_once(
    pipeline: Pipeline, live: LiveItems, state: ShopperState | None
) -> None:
    gone = listed(pipeline, state)[0]
    live.apply_availability({item_id(gone): False})
    assert gone not in listed(pipeline, state, k=N_ITEMS)
    assert gone not in pipeline.similar_items(12, ListRequest(N_ITEMS), NOW_S).rows.tolist()
    assert gone not in pipeline.popular(ListRequest(k=N_ITEMS), NOW_S).rows.tolist()


def test_what_is_excluded_or_disliked_is_not_in_the_list(pipeline: Pipeline) -> None:
    dislike = Action(KIND_CODE["dislike"], NOW_S, "d", "u", (item_id(11),))
    state = shopper.merge(ANNA, shopper.lift(dislike))
    assert {10, 11}.isdisjoint(listed(pipeline, state, k=N_ITEMS, exclude=(item_id(10), "unknown")))


def after(kind: str, n: int, hours_ago: float = 1.0, state: ShopperState = ANNA) -> ShopperState:
    action = Action(JOBS.kind_code(kind), NOW_S - hours_ago * 3_600.0, f"{kind}-{n}", "u", (item_id(n),))
    return shopper.merge(state, shopper.lift(action))


@pytest.mark.parametrize("kind", ["remove_from_cart", "not_for_me", "impression", "view"])
def test_only_a_dislike_keeps_an_item_out(pipeline: Pipeline, kind: str) -> None:
    assert 11 in listed(pipeline, after(kind, 11), k=N_ITEMS)
    assert 11 not in listed(pipeline, after("dislike", 11), k=N_ITEMS)


def test_a_dislike_holds_until_the_shopper_does_something_else_with_the_item(pipeline: Pipeline) -> None:
    disliked = after("dislike", 11)
    assert 11 not in listed(pipeline, after("impression", 11, 0.5, disliked), k=N_ITEMS)
    assert 11 not in listed(pipeline, after("click", 11, 2.0, disliked), k=N_ITEMS)
    assert 11 in listed(pipeline, after("click", 11, 0.5, disliked), k=N_ITEMS)


def inputs_of(bundle: WrittenBundle, live: LiveItems, state: ShopperState, policy: TenantPolicy) -> dict[str, np.ndarray]:
    """Ranker inputs of the items 10, 11 and 12 by column."""
    pipeline = Pipeline.read(bundle.directory, bundle.manifest, live, policy.relative_weights())
    one = pipeline.shopper(read(state), NOW_S)
    found = pipeline.retrieve(pipeline.open(one), np.isin(np.arange(N_ITEMS), [10, 11, 12]))
    assert found.candidates.rows.tolist() == [10, 11, 12]
    return dict(zip(NAMES, pipeline.inputs(one, found).T, strict=True))


def test_what_speaks_against_an_item_is_a_column_by_the_tenants_weights(bundle: WrittenBundle, live: LiveItems) -> None:
    state = after("view", 12, state=after("remove_from_cart", 11, state=after("not_for_me", 10)))
    usual, jobs = (inputs_of(bundle, live, state, policy) for policy in (TenantPolicy(), JOBS))
    np.testing.assert_allclose(usual["own_negative"], [0.0, -0.2, 0.0])  # nobody else knows the own kind
    np.testing.assert_allclose(jobs["own_negative"], [-0.5, -0.125, 0.0])
    np.testing.assert_allclose(jobs["recent_weight"], [-0.5, -0.125, 0.125])


def test_what_all_shoppers_hold_against_an_item_takes_nothing_from_what_speaks_for_it(
    bundle: WrittenBundle, live: LiveItems
) -> None:
    def states(*kinds: str) -> bytes:
        lifted = [item.lift(Action(JOBS.kind_code(kind), NOW_S, kind, "v", ("x",)))["x"] for kind in kinds]
        return item.to_bytes(reduce(item.merge, lifted))

    live.apply_features([item_id(10)], [states("purchase", "dislike", "dislike", "remove_from_cart", "not_for_me")])
    live.apply_features([item_id(11)], [states("purchase", "view")])
    columns = inputs_of(bundle, live, ANNA, JOBS)
    np.testing.assert_allclose(columns["item_negatives_30d"], [(2 + 1 + 4) / 8, 0.0, 0.0])
    assert columns["item_targets_30d"].tolist() == [1.0, 1.0, 0.0]


def test_what_is_bought_for_men_says_nothing_of_a_category_for_women_that_is_called_the_same(
    bundle: WrittenBundle, live: LiveItems
) -> None:
    for n, root in ((10, "Men"), (11, "Women"), (12, "Men")):
        live.apply_catalog({item_id(n): catalog_item(n, category_path=(root, "Shoes"), brand="one")})
    columns = inputs_of(bundle, live, bought(10), TenantPolicy())
    for name in ("leaf_affinity", "second_affinity", "root_affinity", "leaf_brand_affinity", "leaf_items"):
        assert columns[name].tolist() == [1.0, 0.0, 1.0], name
    assert np.isnan(columns["leaf_since"]).tolist() == np.isnan(columns["second_since"]).tolist() == [False, True, False]
    assert columns["brand_affinity"].tolist() == [1.0, 1.0, 1.0]


def test_discover_holds_only_new_items_and_buy_again_only_known_ones(pipeline: Pipeline) -> None:
    own = {10, 11, 12, 30}
    assert own.isdisjoint(listed(pipeline, k=N_ITEMS, scope="discover"))
    assert set(listed(pipeline, k=N_ITEMS, scope="buy_again")) == own
    assert listed(pipeline, shopper.EMPTY, scope="buy_again") == []


@pytest.mark.parametrize("state", [ANNA, None])
def test_filters_hold(pipeline: Pipeline, state: ShopperState | None) -> None:
    found = listed(pipeline, state, k=N_ITEMS, filters=ItemFilters(category=("food", "bread"), price_min=105, price_max=120))
    assert found
    assert all(n % 2 == 1 and 5 <= n <= 20 for n in found)
    assert listed(pipeline, state, filters=ItemFilters(brand="nobody's")) == []
    by_brand = listed(pipeline, state, k=N_ITEMS, filters=ItemFilters(category=("food",), brand="brand 1"))
    assert by_brand
    assert all(n % 4 == 1 for n in by_brand)


def test_one_of_a_group_is_enough_and_it_is_one_that_can_be_had(pipeline: Pipeline, live: LiveItems) -> None:
    live.apply_catalog({item_id(n): catalog_item(n, group_id="shirt") for n in (10, 11, 12)})
    assert {10, 11, 12} & set(listed(pipeline, k=N_ITEMS)) == {10}
    live.apply_availability({item_id(10): False})
    assert len({10, 11, 12} & set(listed(pipeline, k=N_ITEMS))) == 1


def test_without_a_ranker_retrievers_order_and_buy_again_comes_first(bundle: WrittenBundle, live: LiveItems) -> None:
    whole = Pipeline.read(bundle.directory, bundle.manifest, live)
    without = Pipeline(whole.items, whole.retrievers, None, live)
    found = without.recommend(read(ANNA), ListRequest(k=4), NOW_S)
    assert found.step == "no_ranker"
    assert found.inputs is None
    assert set(found.rows.tolist()) == {10, 11, 12, 30}
    assert whole.recommend(read(ANNA), ListRequest(k=4), NOW_S, WEIGHTED).rows.tolist() == found.rows.tolist()


@pytest.mark.parametrize("method", methods_of(BY_NAME))
def test_a_bundle_may_order_its_lists_by_any_one_method_and_nothing_is_missing_then(
    bundle: WrittenBundle, live: LiveItems, method: str
) -> None:
    whole = Pipeline.read(bundle.directory, bundle.manifest, live)
    chosen = Pipeline(whole.items, whole.retrievers, whole.ranker, live, PipelineConfig(method=method))
    found = chosen.recommend(read(ANNA), ListRequest(k=10), NOW_S)
    assert (found.method, found.step) == (method, "full")
    assert found.rows.tolist() == whole.recommend(read(ANNA), ListRequest(k=10), NOW_S, method).rows.tolist()
    assert len(set(found.rows.tolist())) == 10
    assert (np.diff(found.scores) <= 0).all()


@pytest.mark.parametrize("n_ranked", [5, 12, N_ITEMS])
def test_the_ranker_scores_the_best_of_the_blended_candidates_only(
    bundle: WrittenBundle, live: LiveItems, n_ranked: int
) -> None:
    whole = Pipeline.read(bundle.directory, bundle.manifest, live)
    narrow = Pipeline.read(bundle.directory, bundle.manifest.model_copy(update={"n_ranked": n_ranked}), live)
    ask = ListRequest(k=N_ITEMS)
    blended, ranked = (whole.recommend(read(ANNA), ask, NOW_S, method) for method in (WEIGHTED, RANKER))
    found = narrow.recommend(read(ANNA), ask, NOW_S)
    best = set(blended.rows[:n_ranked].tolist())
    assert found.rows.tolist() == [row for row in ranked.rows.tolist() if row in best]
    assert found.n_candidates == min(n_ranked, ranked.n_candidates)
    opened = narrow.open(narrow.shopper(read(ANNA), NOW_S))
    few = narrow.retrieve(opened, narrow.allowed(ask, NOW_S, read(ANNA)))
    assert {len(each) for each in few.retriever_scores.values()} == {len(few.candidates)}
    assert narrow.inputs(opened.shopper, few).shape[0] == len(few.candidates)


def test_a_bundle_that_orders_by_an_unknown_method_is_refused(bundle: WrittenBundle, live: LiveItems) -> None:
    with pytest.raises(BundleRefused, match="method 'magic': expected one of ranker, weighted"):
        Pipeline.read(bundle.directory, bundle.manifest.model_copy(update={"method": "magic"}), live)


def test_where_one_retriever_knows_too_little_best_sellers_follow(pipeline: Pipeline) -> None:
    found = pipeline.recommend(read(ANNA), ListRequest(k=8), NOW_S, "buy_again")
    assert set(found.rows[:4].tolist()) == {10, 11, 12, 30}
    assert found.rows[4:].tolist() == [0, 1, 2, 3]
    assert found.sources[0] == ("buy_again",)
    assert found.sources[-1] == ("popularity",)


def test_without_a_user_row_the_popular_comes_by_popularity(pipeline: Pipeline) -> None:
    found = pipeline.recommend(None, ListRequest(k=3), NOW_S)
    assert found.step == "no_user_features"
    assert found.rows.tolist() == [0, 1, 2]
    assert found.sources == (("popularity",),) * 3


def test_als_is_asked_from_the_fifth_event_on(pipeline: Pipeline) -> None:
    def proposers(state: ShopperState) -> set[str]:
        found = pipeline.recommend(read(state), ListRequest(k=N_ITEMS), NOW_S)
        return {name for names in found.sources for name in names}

    state = shopper.EMPTY
    for day in range(4):
        state = bought(10, days_ago=float(day), state=state)
    assert "als" not in proposers(state)
    assert "als" in proposers(bought(10, days_ago=4.0, state=state))


def test_a_stranger_gets_a_full_list(pipeline: Pipeline) -> None:
    assert len(listed(pipeline, shopper.EMPTY, k=10)) == 10


@pytest.mark.parametrize("by", ["als", "neighbours", "blend"])
def test_similar_items_are_like_the_item_and_not_the_item(pipeline: Pipeline, by: str) -> None:
    rows = pipeline.similar_items(4, ListRequest(3), NOW_S, by).rows.tolist()  # type: ignore[arg-type]
    assert 4 not in rows
    if by == "neighbours":
        assert rows == [5, 6, 7]
    if by == "als":
        assert all(row % 2 == 0 for row in rows)


def test_the_same_question_gets_the_same_answer(pipeline: Pipeline) -> None:
    assert listed(pipeline, k=20) == listed(pipeline, k=20)


def test_a_bundle_whose_ranker_wants_an_unknown_column_is_refused(bundle: WrittenBundle, live: LiveItems) -> None:
    unknown = bundle.manifest.ranker_columns[0].model_copy(update={"name": "own_gaap"})
    other = bundle.manifest.model_copy(update={"ranker_columns": (unknown, *bundle.manifest.ranker_columns[1:])})
    with pytest.raises(BundleRefused, match=r"ranker_columns.*own_gaap"):
        Pipeline.read(bundle.directory, other, live)


def test_a_bundle_that_names_fewer_columns_than_its_ranker_reads_is_refused(bundle: WrittenBundle, live: LiveItems) -> None:
    other = bundle.manifest.model_copy(update={"ranker_columns": bundle.manifest.ranker_columns[1:]})
    with pytest.raises(
        BundleRefused, match=f"ranker_columns: the manifest names {len(NAMES) - 1}, the model reads {len(NAMES)}"
    ):
        Pipeline.read(bundle.directory, other, live)


def test_the_ranker_gets_the_columns_that_its_bundle_names_in_that_order(bundle: WrittenBundle, live: LiveItems) -> None:
    turned = bundle.manifest.model_copy(update={"ranker_columns": bundle.manifest.ranker_columns[::-1]})
    pipelines = [Pipeline.read(bundle.directory, manifest, live) for manifest in (bundle.manifest, turned)]
    known, backwards = (pipeline.recommend(read(ANNA), ListRequest(k=5), NOW_S) for pipeline in pipelines)
    assert backwards.columns == known.columns[::-1]
    one = pipelines[0].shopper(read(ANNA), NOW_S)
    found = pipelines[0].retrieve(pipelines[0].open(one), pipelines[0].allowed(ListRequest(), NOW_S, one.row))
    np.testing.assert_array_equal(pipelines[1].inputs(one, found), pipelines[0].inputs(one, found)[:, ::-1])


def test_bundles_share_the_live_table_without_renumbering(bundle: WrittenBundle, live: LiveItems) -> None:
    before = live.rows_of(ITEM_IDS).tolist()
    live.apply_catalog({"newer": catalog_item(0, item_id="newer")})
    Pipeline.read(bundle.directory, bundle.manifest, live)
    assert live.rows_of(ITEM_IDS).tolist() == before


def with_retrievers(bundle: WrittenBundle, *names: str, method: str = "ranker") -> Manifest:
    return bundle.manifest.model_copy(update={"retrievers": names, "method": method})


def test_a_pipeline_opens_the_retrievers_of_its_bundle_in_their_order_and_no_others(
    bundle: WrittenBundle, live: LiveItems, tmp_path: Path
) -> None:
    partial = tmp_path / "partial"
    shutil.copytree(bundle.directory, partial)
    shutil.rmtree(partial / "als")
    pipeline = Pipeline.read(partial, with_retrievers(bundle, "popularity", "neighbours"), live)
    found = pipeline.recommend(read(ANNA), ListRequest(k=5), NOW_S)
    assert list(found.retriever_scores or {}) == ["popularity", "neighbours"]
    assert {name for names in found.sources for name in names} <= {"popularity", "neighbours"}
    assert ("neighbours",) in pipeline.recommend(read(ANNA), ListRequest(k=5), NOW_S, "neighbours").sources
    assert pipeline.methods == ("ranker", "weighted", "popularity", "neighbours")
    one = pipeline.shopper(read(ANNA), NOW_S)
    inputs = pipeline.inputs(one, pipeline.retrieve(pipeline.open(one), np.ones(N_ITEMS, np.bool_)))
    assert not inputs[:, NAMES.index("als_score")].any()
    assert inputs[:, NAMES.index("neighbours_score")].any()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("popularity", "crystal_ball"), "retrievers: 'crystal_ball': this release has no such retriever"),
        (("popularity", "popularity"), "expected each name once"),
        (("als",), "expected popularity among them"),
    ],
)
def test_a_bundle_whose_retrievers_cannot_be_opened_is_refused(
    bundle: WrittenBundle, live: LiveItems, names: tuple[str, ...], said: str
) -> None:
    with pytest.raises(BundleRefused, match=said):
        Pipeline.read(bundle.directory, with_retrievers(bundle, *names), live)


def test_a_bundle_that_orders_by_a_retriever_that_it_does_not_have_is_refused(bundle: WrittenBundle, live: LiveItems) -> None:
    with pytest.raises(BundleRefused, match="method 'als': expected one of ranker, weighted, popularity"):
        Pipeline.read(bundle.directory, with_retrievers(bundle, "popularity", method="als"), live)


def test_a_bundle_from_before_manifests_named_retrievers_is_served_as_it_was(tmp_path: Path) -> None:
    old = tmp_path / "old"
    sealed = write_bundle(old, names=FIRST_RETRIEVERS).manifest
    later = {"retrievers", "target", "n_ranked", "scope_methods"}
    fields = sealed.model_dump(mode="json", exclude={*later, "version"})
    version = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]  # as releases computed it then
    old_fields = json.loads(sealed.model_dump_json(exclude=later))
    (old / MANIFEST).write_text(json.dumps(old_fields | {"version": version}))
    manifest = bundle_files.check(old, "grocer", version)
    golden.check(old, manifest)
    assert [each.name for each in Pipeline.read(old, manifest, LiveItems()).retrievers] == list(FIRST_RETRIEVERS)
