"""The storefront's data of a live shop: departments, brands, and example shoppers with many and with few events."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from recommndr.catalog import CatalogItem
from recommndr.identity import TenantId, UserId
from recommndr_storefront.shops import Department, Shop, Shopper

_N_DEPARTMENTS, _N_BRANDS = 10, 15
_FEW_EVENTS = range(5, 20)  # the router's range of warm shoppers
_PEOPLE = {
    "warm": ("Omar, now and then", "Lena, now and then"),
    "hot": ("Ruth, a regular", "Ivan, a regular"),
}
# The grocer's departments as in its till; other shops' names are readable.
_LABELS = {
    "GROCERY": "Groceries",
    "DRUG GM": "Drugstore",
    "PRODUCE": "Fruit & vegetables",
    "MEAT-PCKGD": "Packaged meat",
    "MEAT": "Butcher",
    "DELI": "Deli",
    "NUTRITION": "Healthy living",
    "PASTRY": "Bakery",
    "COSMETICS": "Cosmetics",
    "SEAFOOD-PCKGD": "Packaged seafood",
    "SEAFOOD": "Fish counter",
    "FLORAL": "Flowers",
}


def shop_front(tenant: str, items: Sequence[CatalogItem], n_events: Sequence[tuple[str, int]]) -> Shop:
    """The front of a shop with these items, whose shoppers have `n_events` each, most events first."""
    roots = Counter(item.category_path[0] for item in items if item.category_path)
    return Shop(
        tenant=TenantId(tenant),
        name=tenant.replace("-", " ").title(),
        currency=next((item.currency for item in items if item.currency), "USD"),
        shoppers=(*_played("warm", _warm(n_events)), *_played("hot", _hot(n_events))),
        departments=tuple(
            Department(name=root, label=_LABELS.get(root, root), brands=_brands(_of_root(items, root)))
            for root, _ in roots.most_common(_N_DEPARTMENTS)
        ),
        brands=_brands(items),
    )


def _played(kind: Literal["warm", "hot"], user_ids: Iterable[str]) -> list[Shopper]:
    # A tiny shop may have fewer shoppers than we have names.
    return [
        Shopper(user_id=UserId(user_id), label=label, kind=kind)
        for user_id, label in zip(user_ids, _PEOPLE[kind], strict=False)
    ]


def _warm(n_events: Sequence[tuple[str, int]]) -> list[str]:
    """Shoppers with a few visits; if there are none, those with the fewest events."""
    few = [user_id for user_id, n in n_events if n in _FEW_EVENTS]
    middle = len(few) // 2
    return few[middle:] or [user_id for user_id, _ in reversed(n_events)]


def _hot(n_events: Sequence[tuple[str, int]]) -> list[str]:
    """Shoppers at the 90th percentile of events, because the most active ones are often bots."""
    return [user_id for user_id, _ in n_events[len(n_events) // 10 :]]


def _of_root(items: Sequence[CatalogItem], root: str) -> list[CatalogItem]:
    return [item for item in items if item.category_path[:1] == (root,)]


def _brands(items: Sequence[CatalogItem]) -> tuple[str, ...]:
    counted = Counter(item.brand for item in items if item.brand)
    return tuple(sorted(brand for brand, _ in counted.most_common(_N_BRANDS)))
