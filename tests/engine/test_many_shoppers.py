"""Many shoppers at once get what each of them gets alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.features import shopper as shopper_features
from recommndr.tenancy import TenantPolicy
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.item_view import ItemView
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.opened import open_many
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.retriever import BatchRetriever
from recommndr_engine.retrievers.als import Als
from recommndr_engine.shopper import Shopper
from tests.engine.bundles import NOW, WrittenBundle, bought, catalog_item, item_id, row_of

N = 900  # more than are searched for many shoppers at once
IDS = [f"i{n:03d}" for n in range(N)]
NOW_S = NOW.timestamp()
LIVE = LiveItems()
VIEW = ItemView(LIVE.table, LIVE.rows_of(IDS, create=True), 0)


def shopper_of(items: BundleItems, *numbers: int) -> Shopper:
    row = shopper_features.read(row_of(bought(*numbers) if numbers else shopper_features.EMPTY))
    return Shopper.from_row(row, items, NOW_S, TenantPolicy().relative_weights())


def als(seed: int) -> Als:
    return Als(np.random.default_rng(seed).normal(size=(N, 8)).astype(np.float32), 2.0, 20.0)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1_000), st.integers(1, 20), st.floats(0.0, 1.0))
def test_als_finds_for_many_what_it_finds_for_one(seed: int, n_shoppers: int, allowed_share: float) -> None:
    retriever, random = als(seed), np.random.default_rng(seed)
    items = BundleItems([item_id(n) for n in range(N)])
    shoppers = [
        shopper_of(items, *random.choice(N, int(random.integers(0, 600)), replace=False).tolist()) for _ in range(n_shoppers)
    ]
    allowed = random.random(N) < allowed_share
    assert isinstance(retriever, BatchRetriever)
    for one, together in zip(shoppers, open_many({"als": retriever}, shoppers, VIEW), strict=True):
        alone = retriever.open(one, VIEW)
        for mask in (allowed, None):
            rows, scores = together["als"].top(100, mask)
            assert rows.tolist() == alone.top(100, mask)[0].tolist()
            assert scores == pytest.approx(alone.top(100, mask)[1], rel=1e-6)
        everything = np.arange(N, dtype=np.int32)
        assert together["als"].for_rows(everything).tolist() == alone.for_rows(everything).tolist()


def test_a_retriever_is_opened_once_for_all_methods(bundle: WrittenBundle) -> None:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(40)})
    pipeline = Pipeline.read(bundle.directory, bundle.manifest, live)
    row, ask = shopper_features.read(row_of(bought(3, 8, 20))), ListRequest(k=10, scope="discover")
    opened = pipeline.open(pipeline.shopper(row, NOW_S))
    for method, made in zip(pipeline.methods, pipeline.lists(opened, ask, pipeline.methods), strict=True):
        alone = pipeline.recommend(row, ask, NOW_S, method)
        assert (made.method, made.rows.tolist(), made.scores.tolist()) == (method, alone.rows.tolist(), alone.scores.tolist())
        assert made.sources == alone.sources
    assert opened["als"] is opened["als"]
