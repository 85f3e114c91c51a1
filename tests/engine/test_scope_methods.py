"""A bundle may order the lists of some scopes by another method than its others."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommndr.bundle import BundleRefused
from recommndr.features.shopper import read
from recommndr.list_scope import SCOPES, Scope
from recommndr_engine import golden
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.pipeline_config import WEIGHTED, methods_of
from recommndr_engine.ranker import RANKER_FILE
from recommndr_engine.retrievers import BY_NAME
from tests.engine.bundles import N_ITEMS, NOW, WrittenBundle, bought, catalog_item, item_id, row_of, with_scope_methods

NOW_S = NOW.timestamp()
ANNA = read(row_of(bought(10, 11, 12, state=bought(10, 30, days_ago=8.0))))
AS_NEW: dict[Scope, str] = {"discover": "als", "unseen": "als"}


@pytest.fixture
def live() -> LiveItems:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    return live


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(SCOPES), st.sampled_from(methods_of(BY_NAME))), st.sampled_from(methods_of(BY_NAME)))
def test_each_scope_is_ordered_by_its_method_and_the_others_by_the_bundles(
    bundle: WrittenBundle, live: LiveItems, methods: dict[Scope, str], method: str
) -> None:
    named = bundle.manifest.model_copy(update={"method": method, "scope_methods": methods})
    pipeline = Pipeline.read(bundle.directory, named, live)
    for scope in SCOPES:
        ask, wanted = ListRequest(10, scope), methods.get(scope, method)
        found = pipeline.recommend(ANNA, ask, NOW_S)
        assert (found.method, found.step) == (wanted, "full")
        assert found.rows.tolist() == pipeline.recommend(ANNA, ask, NOW_S, wanted).rows.tolist()


def test_a_scope_that_lacks_its_ranker_says_so_and_one_without_a_ranker_misses_nothing(
    bundle: WrittenBundle, live: LiveItems
) -> None:
    named = bundle.manifest.model_copy(update={"scope_methods": {"discover": WEIGHTED}})
    whole = Pipeline.read(bundle.directory, named, live)
    steps = {scope: whole.recommend(ANNA, ListRequest(5, scope), NOW_S, WEIGHTED).step for scope in SCOPES}
    assert steps == {"mixed": "no_ranker", "discover": "full", "unseen": "no_ranker", "buy_again": "no_ranker"}


def test_a_scope_that_would_be_ordered_by_an_unknown_method_is_refused(bundle: WrittenBundle, live: LiveItems) -> None:
    named = bundle.manifest.model_copy(update={"scope_methods": {"discover": "magic"}})
    with pytest.raises(BundleRefused, match="scope_methods, scope discover: method 'magic': expected one of ranker, weighted"):
        Pipeline.read(bundle.directory, named, live)


@pytest.mark.parametrize(
    ("method", "methods", "refused"),
    [
        ("popularity", {}, None),
        ("popularity", AS_NEW, None),
        ("popularity", {"discover": "ranker"}, "the ranker orders the lists of scope discover$"),
        ("ranker", AS_NEW, "the ranker orders the lists of scope mixed, buy_again$"),
        ("ranker", dict.fromkeys(SCOPES, "als"), None),
    ],
)
def test_a_missing_ranker_refuses_a_bundle_only_if_a_scope_needs_it(
    bundle: WrittenBundle, live: LiveItems, tmp_path: Path, method: str, methods: dict[Scope, str], refused: str | None
) -> None:
    without = tmp_path / "without"
    shutil.copytree(bundle.directory, without)
    (without / RANKER_FILE).unlink()
    named = bundle.manifest.model_copy(update={"method": method, "scope_methods": methods})
    if refused is None:
        assert Pipeline.read(without, named, live).ranker is None
    else:
        with pytest.raises(BundleRefused, match=refused):
            Pipeline.read(without, named, live)


def test_the_self_test_asks_for_each_scope_that_another_method_orders(bundle: WrittenBundle, tmp_path: Path) -> None:
    other = with_scope_methods(bundle, tmp_path / "other", AS_NEW)
    golden.check(other.directory, other.manifest)
    asked = golden.Golden.model_validate_json((other.directory / golden.GOLDEN_FILE).read_bytes()).requests
    assert [request.scope for request in asked] == [scope for scope in ("mixed", "discover", "unseen") for _ in range(3)]
    with pytest.raises(BundleRefused, match=r"golden\.json: request 3 gets"):
        golden.check(other.directory, other.manifest.model_copy(update={"scope_methods": dict.fromkeys(AS_NEW, "popularity")}))
    with pytest.raises(BundleRefused, match=r"golden\.json: no request of scope buy_again"):
        golden.check(other.directory, other.manifest.model_copy(update={"scope_methods": {**AS_NEW, "buy_again": "als"}}))


def test_golden_requests_of_a_bundle_with_one_method_are_as_older_releases_wrote_them(bundle: WrittenBundle) -> None:
    asked = json.loads((bundle.directory / golden.GOLDEN_FILE).read_text())["requests"]
    assert {tuple(request) for request in asked} == {("columns", "item_ids")}


def test_which_method_orders_a_scope_is_part_of_the_version(bundle: WrittenBundle) -> None:
    changed = bundle.manifest.model_copy(update={"scope_methods": {"discover": "als"}})
    assert changed.digest() != bundle.manifest.digest()
    with pytest.raises(BundleRefused, match="expected its digest"):
        changed.check(bundle.manifest.files)
