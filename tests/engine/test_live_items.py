"""The live item table: what is shown, what stays hidden, and that growth breaks no reader."""

from dataclasses import fields
from datetime import timedelta
from threading import Event, Thread

import numpy as np
import pytest

from recommndr.features import item
from recommndr.features.action import PURCHASE
from recommndr.features.decay import one
from recommndr_engine.live_items import ItemTable, LiveItems
from recommndr_engine.shop_rules import ShopRules
from tests.engine.bundles import NOW, catalog_item, item_id

NOW_S = NOW.timestamp()


def stocked(n: int = 4) -> LiveItems:
    live = LiveItems(capacity=2)
    live.apply_catalog({item_id(i): catalog_item(i) for i in range(n)})
    return live


def shown(live: LiveItems, *numbers: int, now_s: float = NOW_S) -> list[bool]:
    rows = live.rows_of([item_id(n) for n in numbers])
    return live.table.shown(rows, now_s).tolist()


def state_bytes(n_purchases: float) -> bytes:
    return item.to_bytes(item.ItemState(NOW_S, {PURCHASE: one(NOW_S, n_purchases)}))


def test_a_catalogued_item_without_a_word_on_availability_can_be_had() -> None:
    assert shown(stocked(), 0, 3) == [True, True]


def test_an_unavailable_item_is_hidden_until_it_is_back_or_its_record_is_gone() -> None:
    live = stocked()
    for value, expected in ((False, False), (True, True), (False, False), (None, True)):
        live.apply_availability({item_id(1): value})
        assert shown(live, 1) == [expected]


def test_features_and_availability_of_an_unknown_item_make_a_hidden_row_that_the_catalogue_reveals() -> None:
    live = stocked(0)
    live.apply_features([item_id(0)], [state_bytes(3.0)])
    live.apply_availability({item_id(1): True})
    assert shown(live, 0, 1) == [False, False]
    live.apply_catalog({item_id(0): catalog_item(0)})
    assert shown(live, 0, 1) == [True, False]
    assert live.table.sums[live.rows_of([item_id(0)])[0], PURCHASE].tolist() == [3.0] * 5


def test_an_unknown_item_has_no_row_and_is_not_shown() -> None:
    assert shown(stocked(2), 7) == [False]


def test_an_item_taken_out_of_the_catalogue_keeps_its_row() -> None:
    live = stocked()
    before = live.rows_of([item_id(2)])
    live.apply_catalog({item_id(2): None})
    assert shown(live, 2) == [False]
    assert live.get(item_id(2)) is None
    live.apply_catalog({item_id(2): catalog_item(2)})
    assert live.rows_of([item_id(2)]).tolist() == before.tolist()


def test_a_batch_of_entries_makes_the_table_that_they_make_one_by_one() -> None:
    dated = catalog_item(3, available_from=NOW, available_until=NOW + timedelta(hours=1))
    bare = catalog_item(4, category_path=(), brand=None, price_minor=None, currency=None)
    entries = {item_id(0): catalog_item(0), item_id(3): dated, item_id(1): None, item_id(4): bare, item_id(2): catalog_item(2)}
    rules = ShopRules(blocked_categories=(catalog_item(2).category_path,))
    at_once, one_by_one = LiveItems(rules=rules), LiveItems(rules=rules)
    at_once.apply_catalog(entries)
    for name, entry in entries.items():
        one_by_one.apply_catalog({name: entry})
    for column in fields(ItemTable):
        np.testing.assert_array_equal(getattr(at_once.table, column.name), getattr(one_by_one.table, column.name), column.name)
    assert [at_once.get(name) for name in entries] == [one_by_one.get(name) for name in entries]


def test_an_item_is_shown_between_its_dates_only() -> None:
    live = LiveItems()
    dated = catalog_item(0, available_from=NOW, available_until=NOW + timedelta(hours=1))
    live.apply_catalog({item_id(0): dated})
    assert [shown(live, 0, now_s=NOW_S + s) for s in (-1, 0, 3599, 3600)] == [[False], [True], [True], [False]]


def test_erased_features_are_those_of_an_item_never_seen() -> None:
    live = stocked()
    live.apply_features([item_id(0)], [state_bytes(3.0)])
    live.apply_features([item_id(0)], [None])
    row = live.rows_of([item_id(0)])[0]
    assert not live.table.sums[row].any()
    assert live.table.first_at_s[row] == np.inf


def test_features_of_another_format_are_refused() -> None:
    with pytest.raises(ValueError, match="item state"):
        stocked().apply_features([item_id(0)], [b"no state"])


def test_growth_never_breaks_a_reader() -> None:
    live = LiveItems(capacity=1)
    stop, broken = Event(), []

    def read() -> None:
        try:
            while not stop.is_set():
                known = len(live)
                rows = live.rows_of([item_id(n) for n in range(known)])
                table = live.table
                assert (rows >= 0).all()
                assert table.shown(rows, NOW_S).shape == table.price_minor[rows].shape == (known,)
        except Exception as cause:
            broken.append(cause)

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(2_000):
        live.apply_features([item_id(n)], [state_bytes(float(n))])
        if n % 2:
            live.apply_catalog({item_id(n): catalog_item(0, item_id=item_id(n))})
    stop.set()
    for reader in readers:
        reader.join()
    assert broken == []
    rows = live.rows_of([item_id(n) for n in range(2_000)])
    assert live.table.sums[rows, PURCHASE, 0].tolist() == [float(n) for n in range(2_000)]
    assert live.table.shown(rows, NOW_S).sum() == 1_000


def test_items_of_a_blocked_category_stay_hidden_and_keep_their_row() -> None:
    live = LiveItems(rules=ShopRules(blocked_categories=(("food", "bread"),)))
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(4)})  # odd ones are bread
    rows = live.rows_of([item_id(n) for n in range(4)])
    assert live.table.shown(rows, NOW_S).tolist() == [True, False, True, False]
    assert live.get(item_id(1)) is None
    assert live.table.leaf[rows[1]] != live.table.leaf[rows[0]]  # what was bought of it still counts by category
    live.apply_catalog({item_id(1): catalog_item(1, category_path=("food", "dairy"))})
    assert live.table.shown(rows, NOW_S).tolist() == [True, True, True, False]


def test_a_brand_without_a_name_is_ranked_by_and_not_shown() -> None:
    live = LiveItems(rules=ShopRules(unnamed_brand_prefix="brand 1"))
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(6)})  # brands 0 to 3, in turns
    rows = live.rows_of([item_id(n) for n in range(6)])
    brands = [(live.get(item_id(n)) or catalog_item(n, brand="hidden")).brand for n in range(6)]
    assert brands == ["brand 0", None, "brand 2", "brand 3", "brand 0", None]
    assert live.table.brand[rows[1]] == live.table.brand[rows[5]] != live.table.brand[rows[0]]
    assert live.table.shown(rows, NOW_S).all()


def test_every_kind_of_change_is_counted_so_that_what_readers_keep_gets_stale() -> None:
    live = stocked()
    before = (live.n_changes, live.n_feature_changes)
    live.apply_features([item_id(0)], [state_bytes(1.0)])
    assert (live.n_changes, live.n_feature_changes) == (before[0], before[1] + 1)
    live.apply_features([item_id(0)], [None])
    live.apply_availability({item_id(0): False})
    assert (live.n_changes, live.n_feature_changes) == (before[0] + 1, before[1] + 2)
