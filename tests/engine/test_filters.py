"""A category is its path: a filter selects the branch that begins with its names, whatever other branches are called."""

from hypothesis import given
from hypothesis import strategies as st

from recommndr_engine.filters import ItemFilters
from recommndr_engine.live_items import LiveItems
from tests.engine.bundles import catalog_item, item_id

# Few names, so that the same name occurs under others, above them, and under itself.
paths = st.lists(st.sampled_from(["Men", "Women", "Shoes", "Sale"]), max_size=4).map(tuple)


@given(st.lists(paths, min_size=1, max_size=12), paths)
def test_a_category_selects_the_items_whose_path_begins_with_it(
    of_items: list[tuple[str, ...]], asked: tuple[str, ...]
) -> None:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n, category_path=path) for n, path in enumerate(of_items)})
    mask = ItemFilters(category=asked).mask(live, live.table)
    rows = live.rows_of([item_id(n) for n in range(len(of_items))])
    assert mask[rows].tolist() == [path[: len(asked)] == asked for path in of_items]


@given(st.lists(paths, min_size=2, max_size=12))
def test_two_items_are_of_one_leaf_category_when_their_whole_paths_are_equal(of_items: list[tuple[str, ...]]) -> None:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n, category_path=path) for n, path in enumerate(of_items)})
    leaf = live.table.leaf[live.rows_of([item_id(n) for n in range(len(of_items))])]
    for n, path in enumerate(of_items):
        assert (leaf == leaf[n]).tolist() == [other == path for other in of_items]
