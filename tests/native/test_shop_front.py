"""The storefront's data of a shop, from its catalogue and its shoppers' events."""

from recommndr.catalog import CatalogItem
from recommndr.identity import ItemId
from recommndr_native.shop_front import shop_front


def item(n: int, root: str, brand: str | None = "Fernhaven") -> CatalogItem:
    return CatalogItem(item_id=ItemId(f"i{n}"), title="Thing", category_path=(root, "leaf"), brand=brand, currency="EUR")


ITEMS = [*(item(n, "PRODUCE", "Alder") for n in range(3)), *(item(n, "Garden") for n in range(3, 8)), item(9, "Books", None)]
N_EVENTS = [(f"u{n}", n) for n in range(100, 0, -1)]


def test_departments_are_the_largest_first_with_their_own_brands_and_readable_names() -> None:
    front = shop_front("my-shop", ITEMS, N_EVENTS)
    assert (front.name, front.currency) == ("My Shop", "EUR")
    told = [(department.name, department.label, department.brands) for department in front.departments]
    assert told == [
        ("Garden", "Garden", ("Fernhaven",)),
        ("PRODUCE", "Fruit & vegetables", ("Alder",)),
        ("Books", "Books", ()),
    ]
    assert front.brands == ("Alder", "Fernhaven")


def test_shoppers_are_people_who_were_here_a_few_times_and_regulars() -> None:
    front = shop_front("my-shop", ITEMS, N_EVENTS)
    n_events = dict(N_EVENTS)
    by_kind = {kind: [s.user_id for s in front.shoppers if s.kind == kind] for kind in ("cold", "warm", "hot")}
    assert by_kind["cold"] == []  # a stranger is whoever visits: one id for all of them would make them one shopper
    assert all(5 <= n_events[user_id] < 20 for user_id in by_kind["warm"])
    assert [n_events[user_id] for user_id in by_kind["hot"]] == [90, 89]
    assert len({shopper.label for shopper in front.shoppers}) == 4


def test_a_shop_whose_shoppers_all_are_regulars_plays_the_least_known_of_them() -> None:
    warm = [s.user_id for s in shop_front("my-shop", ITEMS, [("a", 90), ("b", 50), ("c", 30)]).shoppers if s.kind == "warm"]
    assert warm == ["c", "b"]
    assert shop_front("my-shop", [], []).shoppers == ()
