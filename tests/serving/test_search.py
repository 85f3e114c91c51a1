"""`/search`: laws of what is found, its order, its pages and its facets."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.catalog import CatalogItem
from recommndr.features import item as item_features
from recommndr.features.action import PURCHASE
from recommndr.features.decay import one
from recommndr.identity import ItemId
from recommndr.tenancy import TenantPolicy
from recommndr_engine.filters import ItemFilters
from recommndr_engine.live_items import LiveItems
from recommndr_serving.http import cursor
from recommndr_serving.live.id_order import IdOrder
from recommndr_serving.search.catalogue_search import CatalogueSearch, Found, Searched, Sort
from recommndr_serving.search.words import words
from tests.engine.bundles import NOW
from tests.serving.shops import Shop, headers, ids

NOW_S = NOW.timestamp()
WORDS = ("milk", "bread", "butter", "chocolate", "crème", "Straße", "dark", "organic", "Ørsted", "牛乳", "2x100g")
BRANDS = ("Alm", "Meadow", None)
PATHS = (("Dairy", "Milk"), ("Dairy", "Cheese"), ("Bakery",), ())

catalogues = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True),
        st.sampled_from(BRANDS),
        st.sampled_from(PATHS),
        st.none() | st.integers(1, 5_000),
    ),
    min_size=1,
    max_size=25,
)


def entry(n: int, title: str, **changes: Any) -> CatalogItem:
    return CatalogItem.model_validate({"item_id": ItemId(f"i{n:02d}"), "title": title} | changes)


def entries(catalogue: list[Any]) -> list[CatalogItem]:
    return [
        entry(n, " ".join(title), brand=brand, category_path=path, price_minor=price)
        for n, (title, brand, path, price) in enumerate(catalogue)
    ]


class Searching:
    """A search over items, which may change."""

    def __init__(self, *items: CatalogItem) -> None:
        self.live = LiveItems(capacity=2)
        self.search = CatalogueSearch(self.live, IdOrder(self.live), TenantPolicy().relative_weights())
        self.put(*items)

    def put(self, *items: CatalogItem) -> None:
        self.live.apply_catalog({item.item_id: item for item in items})

    def sold(self, item_id: str, n: int) -> None:
        counters = {PURCHASE: one(NOW_S, float(n))}
        self.live.apply_features([item_id], [item_features.to_bytes(item_features.ItemState(NOW_S, counters))])

    def find(self, text: str = "", **asked: Any) -> Found:
        return self.search.find(Searched(text, **asked), NOW_S)

    def ids(self, text: str = "", **asked: Any) -> list[str]:
        return [item.item_id for item in self.find(text, limit=100, **asked).items]


@given(catalogues, st.data())
def test_an_item_is_found_by_any_of_its_words_however_they_are_written(catalogue: list[Any], data: st.DataObject) -> None:
    items = entries(catalogue)
    searching = Searching(*items)
    item = data.draw(st.sampled_from(items))
    own = words(" ".join((item.title, item.brand or "", *item.category_path)))
    asked = data.draw(st.lists(st.sampled_from(own), min_size=1, max_size=4))
    written = data.draw(st.sampled_from([str.upper, str.title, str.lower]))(" ".join(asked))
    found = searching.find(written, limit=100)
    assert found.matched == "all"
    assert item.item_id in [each.item_id for each in found.items]
    have = {each.item_id for each in items if all(any(word in known for known in words_of(each)) for word in words(written))}
    assert {each.item_id for each in found.items} <= have


def words_of(item: CatalogItem) -> list[str]:
    return words(" ".join((item.title, item.brand or "", *item.category_path, item.item_id)))


@given(st.sampled_from(["chocolate", "butter", "organic", "milk"]), st.data())
def test_one_typo_in_a_word_still_finds_it(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    typo = data.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                f"{word[:place]}q{word[place:]}",
                f"{word[:place]}q{word[place + 1 :]}",
                word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
            ]
        )
    )
    searching = Searching(*(entry(n, f"{each} spread") for n, each in enumerate(["chocolate", "butter", "organic", "milk"])))
    assert (len(typo) < 4) or searching.ids(f"{typo} spread") == searching.ids(f"{word} spread")


@given(catalogues, st.sampled_from(["", "milk", "dark chocolate", "dairy", "m", "nothing"]), st.integers(1, 7), st.data())
def test_pages_hold_every_found_item_once_and_total_counts_them(
    catalogue: list[Any], text: str, limit: int, data: st.DataObject
) -> None:
    searching = Searching(*entries(catalogue))
    sort: Sort = data.draw(st.sampled_from(["relevance", "popularity", "price_up", "price_down"]))
    seen: list[str] = []
    after = None
    while True:
        found = searching.find(text, sort=sort, limit=limit, after=after)
        seen += [item.item_id for item in found.items]
        if not found.more:
            break
        after = cursor.read_place(cursor.written_place(found.n_before, found.items[-1].item_id))
    assert seen == searching.ids(text, sort=sort)
    assert len(set(seen)) == len(seen) == found.total


@given(catalogues, st.sampled_from(["", "milk", "chocolate", "dark"]), st.sampled_from(BRANDS), st.sampled_from(PATHS))
def test_a_facet_counts_what_is_found_when_it_is_chosen(
    catalogue: list[Any], text: str, brand: str | None, path: tuple[str, ...]
) -> None:
    searching = Searching(*entries(catalogue))
    chosen = ItemFilters(path[:1], brand, price_max=4_000)
    facets = searching.find(text, filters=chosen, with_facets=True).facets
    assert facets is not None
    for category in facets.categories:
        assert searching.find(text, filters=replace(chosen, category=category.category)).total == category.n_items
    for of_brand in facets.brands:
        assert searching.find(text, filters=replace(chosen, brand=of_brand.brand)).total == of_brand.n_items
    for price in facets.prices:
        in_range = replace(chosen, price_min=price.price_min, price_max=price.price_max)
        assert searching.find(text, filters=in_range).total == price.n_items
    priced = searching.find(text, filters=replace(chosen, price_min=0, price_max=None)).total
    assert sum(price.n_items for price in facets.prices) in (0, priced)


@given(catalogues, catalogues)
def test_a_changed_catalogue_is_searched_as_a_new_one_would_be(before: list[Any], after: list[Any]) -> None:
    changed, new = Searching(*entries(before)), Searching(*entries(after))
    changed.find("milk")
    changed.put(*entries(after))
    changed.live.apply_catalog({f"i{n:02d}": None for n in range(len(after), len(before))})
    for word in ("milk", "chocolat", "alm", "chese", "日"):
        assert changed.ids(word) == new.ids(word)


def test_titles_come_before_brands_whole_words_before_beginnings_then_what_sells() -> None:
    searching = Searching(
        entry(0, "Milkshake"),
        entry(1, "Cheese", brand="Milk"),
        entry(2, "Whole milk"),
        entry(3, "Goat milk"),
        entry(4, "Bread", category_path=("Milkbar",)),
    )
    searching.sold("i03", 5)
    searching.sold("i04", 50)
    assert searching.ids("milk") == ["i03", "i02", "i01", "i00", "i04"]
    assert searching.ids("milk", sort="popularity")[:2] == ["i04", "i03"]


def test_a_word_inside_a_longer_one_is_found_where_no_word_begins_with_it() -> None:
    searching = Searching(entry(0, "Vollmilchschokolade"), entry(1, "北海道牛乳"), entry(2, "Steak"), entry(3, "Tea"))
    assert searching.ids("schokolade") == ["i00"]
    assert searching.ids("牛乳") == ["i01"]
    assert searching.ids("tea") == ["i03"]


def test_numbers_have_no_typos() -> None:
    searching = Searching(entry(0, "Bulb 1000w"), entry(1, "Bulb 2000w"))
    assert searching.ids("2000w") == ["i01"]
    assert searching.find("bulb 3000w").matched == "some"


def test_if_no_item_has_all_words_those_with_most_are_found_and_the_answer_says_so() -> None:
    searching = Searching(entry(0, "Dark chocolate"), entry(1, "Dark bread"), entry(2, "Milk"))
    found = searching.find("dark chocolate xylophone")
    assert ([item.item_id for item in found.items], found.matched) == (["i00"], "some")
    for text in ("xylophone", "milk xylophone accordion"):  # less than half of the words
        assert (searching.find(text).total, searching.find(text).matched) == (0, "none")
    assert (searching.find("...").total, searching.find("...").matched) == (3, None)


def test_items_out_of_stock_are_neither_found_nor_counted() -> None:
    searching = Searching(entry(0, "Milk"), entry(1, "Milk"))
    searching.live.apply_availability({"i00": False})
    found = searching.find("milk", with_facets=True)
    assert ([item.item_id for item in found.items], found.total) == (["i01"], 1)


async def test_a_search_is_answered_with_its_total_and_what_narrows_it(shop: Shop) -> None:
    response = await shop.client.get("/search", params={"q": "mlik number", "limit": 3, "facets": True}, headers=headers())
    answer = response.json()
    assert (response.status_code, len(ids(answer)), answer["matched"]) == (200, 3, "all")
    assert all(item["title"].startswith("Milk") for item in answer["items"])
    assert sum(price["n_items"] for price in answer["facets"]["prices"]) == answer["total"]
    assert answer["facets"]["categories"] == [{"category": ["food"], "n_items": answer["total"]}]
    following = {"q": "mlik number", "limit": 3, "cursor": answer["next_cursor"]}
    second = (await shop.client.get("/search", params=following, headers=headers())).json()
    assert not set(ids(answer)) & set(ids(second))
    assert second["facets"] is None


@pytest.mark.parametrize("bad", ["x", cursor.written("no place"), cursor.written("²|a"), cursor.written("-1|a")])
async def test_a_cursor_that_no_answer_had_is_refused(shop: Shop, bad: str) -> None:
    response = await shop.client.get("/search", params={"cursor": bad}, headers=headers())
    problem = response.json()
    assert (response.status_code, problem["field"], problem["value"]) == (400, "cursor", bad)
