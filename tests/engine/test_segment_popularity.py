"""Shoppers of one country get its best-sellers, as a request or their state says where they are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommndr.features import shopper
from recommndr_engine.arrays import Rows
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import LiveItems
from recommndr_engine.retrievers.segment_popularity import SegmentPopularity, SegmentTable
from recommndr_engine.shopper import Shopper
from recommndr_engine.sparse_rows import SparseRows
from tests.engine.bundles import ITEM_IDS, N_ITEMS, NOW, WrittenBundle

ALL_ROWS = np.arange(N_ITEMS, dtype=np.int32)
LIVE = LiveItems()
ITEMS = ItemView(LIVE.table, LIVE.rows_of(ITEM_IDS, create=True), 0)


def someone(**where: str) -> Shopper:
    row = replace(shopper.read({}), **where)
    return Shopper.from_row(row, BundleItems(ITEM_IDS), NOW.timestamp(), np.ones(16))


def first(bundle: WrittenBundle, k: int, **where: str) -> list[int]:
    rows, _ = SegmentPopularity.read(bundle.directory, {}).open(someone(**where), ITEMS).top(k)
    return rows.tolist()


def test_each_country_gets_its_own_best_sellers(bundle: WrittenBundle) -> None:
    assert first(bundle, 4, country="DE") == [1, 3, 5, 7]
    assert first(bundle, 4, country="AT") == [0, 2, 4, 6]


def test_a_country_of_few_shoppers_gets_the_shops_best_sellers_and_no_country_gets_none(bundle: WrittenBundle) -> None:
    assert first(bundle, 4, country="LI") == [0, 1, 2, 3]
    assert first(bundle, 4) == []


rates = arrays(np.float32, N_ITEMS, elements=st.floats(0, 1, width=32))


@given(rates, rates, rates, arrays(np.bool_, N_ITEMS), st.integers(0, N_ITEMS))
def test_several_segments_count_the_same_and_the_list_is_that_of_the_scores(
    shop: Rows, of_country: Rows, of_device: Rows, allowed: Rows, k: int
) -> None:
    parts = [of_country - shop, of_device - shop]
    held = [np.flatnonzero(part * (ALL_ROWS % 3 < 2)) for part in parts]
    starts = np.cumsum([0, *map(len, held)])
    columns = np.concatenate(held).astype(np.int32)
    values = np.concatenate([part[rows] for part, rows in zip(parts, held, strict=True)]).astype(np.float32)
    table = SegmentTable(shop, ("country=DE", "device=mobile"), SparseRows(starts, columns, values))
    scores = SegmentPopularity(table).open(someone(country="DE", device="mobile"), ITEMS)
    expected = np.where(ALL_ROWS % 3 < 2, (of_country + of_device) / 2.0, shop)
    assert scores.for_rows(ALL_ROWS) == pytest.approx(expected, abs=1e-6)
    found = scores.for_rows(ALL_ROWS)
    in_order = [row for row in np.lexsort((ALL_ROWS, -found)).tolist() if found[row] > 0.0 and allowed[row]]
    assert scores.top(k, allowed)[0].tolist() == in_order[:k]
