"""Every ranker column against its formula, written out over a plain list of what happened."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pytest

from recommndr.events import KIND_CODE, KINDS
from recommndr.features import item, shopper
from recommndr.features.action import Action
from recommndr.tenancy import TenantPolicy
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.columns import COLUMNS, NAMES, UnknownColumn, fill, named, place
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import Request
from recommndr_engine.columns.retriever_scores import score_column
from recommndr_engine.live_items import LiveItems
from recommndr_engine.retrievers import BY_NAME
from recommndr_engine.shopper import Shopper
from tests.engine.bundles import ITEM_IDS, N_ITEMS, NOW, catalog_item, item_id, row_of

NAN = float("nan")
NOW_S, DAY_S = NOW.timestamp(), 86_400.0
WEIGHT = dict(zip(KINDS, TenantPolicy().relative_weights()[: len(KINDS)].tolist(), strict=True))


@dataclass(frozen=True)
class Did:
    kind: str
    items: tuple[int, ...]
    days_ago: float
    user: str = "anna"


LOG = (
    Did("purchase", (10, 13), 40.0),
    Did("purchase", (10, 11), 25.0),
    Did("purchase", (10, 12, 30), 9.0),
    Did("view", (14,), 2.0),
    Did("dislike", (11,), 1.0),
    Did("view", (10,), 0.5),
    Did("purchase", (10, 15), 5.0, "ben"),
    Did("purchase", (15,), 3.0, "eve"),
    Did("view", (15,), 2.0, "eve"),
    Did("add_to_cart", (14,), 1.5, "eve"),
    Did("dislike", (14,), 4.0, "ben"),
)
ASKED = (10, 11, 14, 15, 20)  # bought often, bought once and disliked, viewed, bought by others only, never bought
SCORES = {name: np.arange(1.0, len(ASKED) + 1, dtype=np.float32) * (1 + at) for at, name in enumerate(BY_NAME)}
SCORES["popularity"] = np.array([2.0, 0.0, 4.0, 5.0, 8.0], np.float32)


def half(days: float, half_life_days: float) -> float:
    return 0.5 ** (days / half_life_days)


def mine(kind: str, n: int | None = None) -> list[float]:
    """Days since each of Anna's events of a kind (with an item), oldest first."""
    return [did.days_ago for did in LOG if did.user == "anna" and did.kind == kind and (n is None or n in did.items)]


def everybody(kind: str, n: int) -> list[float]:
    return [did.days_ago for did in LOG if did.kind == kind and n in did.items]


def decayed(days: list[float], half_life_days: float) -> float:
    return sum(half(each, half_life_days) for each in days)


def trend(days: list[float], fast: float, slow: float) -> float:
    return decayed(days, fast) / decayed(days, slow) * slow / fast if days else NAN


def gap(n: int) -> float:
    orders = mine("purchase", n)
    return (orders[0] - orders[-1]) / (len(orders) - 1) if len(orders) > 1 else NAN


def evenly(n: int, half_life_days: float) -> float:
    orders = mine("purchase", n)
    return sum(half(orders[-1] + i * (gap(n) if len(orders) > 1 else 0.0), half_life_days) for i in range(len(orders)))


def own(n: int) -> float:
    return decayed(mine("purchase", n), 90.0)


OWNED = sorted({n for did in LOG if did.user == "anna" and did.kind == "purchase" for n in did.items})
RECENT = (10, 11, 14, 12, 30, 13)  # Anna's items by their newest event; those of one order by id below


def alike(n: int, key: Callable[[int], object]) -> list[int]:
    return [owned for owned in OWNED if key(owned) == key(n)]


def share(n: int, key: Callable[[int], object]) -> float:
    return sum(own(owned) for owned in alike(n, key)) / sum(own(owned) for owned in OWNED)


def since_any(n: int, key: Callable[[int], object]) -> float:
    return min((mine("purchase", owned)[-1] for owned in alike(n, key)), default=NAN)


def newest(n: int) -> Did | None:
    return min((did for did in LOG if did.user == "anna" and n in did.items), key=lambda did: did.days_ago, default=None)


def recent_weight(n: int) -> float:
    did = newest(n)
    return WEIGHT[did.kind] if did else 0.0


def last(days: list[float]) -> float:
    return min(days, default=NAN)


def leaf(n: int) -> int:
    return n % 2


def root(n: int) -> int:
    return 0


def brand(n: int) -> int:
    return n % 4


def first_share(n: int) -> float:
    at = ASKED.index(n)
    return float(SCORES["first_purchases"][at] / SCORES["popularity"][at]) if SCORES["popularity"][at] else NAN


ORDERS = mine("purchase")
EXPECTED: dict[str, Callable[[int], float]] = {
    "own_decayed": own,
    "own_decayed_14d": lambda n: evenly(n, 14.0),
    "own_decayed_30d": lambda n: evenly(n, 30.0),
    "own_orders": lambda n: len(mine("purchase", n)),
    "own_since": lambda n: last(mine("purchase", n)),
    "own_age": lambda n: max(mine("purchase", n), default=NAN),
    "own_gap": gap,
    "own_since_per_gap": lambda n: last(mine("purchase", n)) / gap(n),
    "own_order_share": lambda n: len(mine("purchase", n)) / sum(did.user == "anna" for did in LOG),
    "own_decayed_share": lambda n: own(n) / decayed(ORDERS, 120.0),
    "recent_since": lambda n: newest(n).days_ago if newest(n) else NAN,  # type: ignore[union-attr]
    "recent_weight": recent_weight,
    "own_negative": lambda n: min(recent_weight(n), 0.0),
    "shopper_events": lambda n: sum(did.user == "anna" for did in LOG),
    "shopper_orders_7d": lambda n: decayed(ORDERS, 7.0),
    "shopper_orders_30d": lambda n: decayed(ORDERS, 30.0),
    "shopper_orders_120d": lambda n: decayed(ORDERS, 120.0),
    "shopper_orders_trend": lambda n: trend(ORDERS, 7.0, 30.0),
    "shopper_since": lambda n: 9.0,
    "shopper_items": lambda n: len(OWNED),
    "shopper_once_share": lambda n: sum(len(mine("purchase", owned)) == 1 for owned in OWNED) / len(OWNED),
    "shopper_views_1d": lambda n: decayed(mine("view"), 1.0),
    "item_purchases_1d": lambda n: decayed(everybody("purchase", n), 1.0),
    "item_purchases_7d": lambda n: decayed(everybody("purchase", n), 7.0),
    "item_purchases_30d": lambda n: decayed(everybody("purchase", n), 30.0),
    "item_purchases_120d": lambda n: decayed(everybody("purchase", n), 120.0),
    "item_trend_7d": lambda n: trend(everybody("purchase", n), 7.0, 30.0),
    "item_trend_30d": lambda n: trend(everybody("purchase", n), 30.0, 120.0),
    "item_since": lambda n: last(everybody("purchase", n)),
    "item_age": lambda n: max((did.days_ago for did in LOG if n in did.items), default=NAN),
    "item_first_share": first_share,
    "item_views_7d": lambda n: decayed(everybody("view", n), 7.0),
    "item_carts_7d": lambda n: decayed(everybody("add_to_cart", n), 7.0),
    "item_negatives_30d": lambda n: -WEIGHT["dislike"] * decayed(everybody("dislike", n), 30.0),
    "item_price": lambda n: 100 + n,
    "item_price_ratio": lambda n: (100 + n) * sum(map(own, OWNED)) / sum((100 + owned) * own(owned) for owned in OWNED),
    "own_leaf_share": lambda n: own(n) / sum(own(owned) for owned in alike(n, leaf)),
    "root_affinity": lambda n: share(n, root),
    "second_affinity": lambda n: share(n, leaf),
    "leaf_affinity": lambda n: share(n, leaf),
    "brand_affinity": lambda n: share(n, brand),
    "leaf_brand_affinity": lambda n: share(n, lambda m: (leaf(m), brand(m))),
    "leaf_items": lambda n: len(alike(n, leaf)),
    "leaf_since": lambda n: since_any(n, leaf),
    "second_since": lambda n: since_any(n, leaf),
    "hour": lambda n: NOW.hour,
    "weekday": lambda n: NOW.weekday(),
} | {score_column(name): (lambda n, name=name: SCORES[name][ASKED.index(n)]) for name in BY_NAME}  # type: ignore[misc]


def action(did: Did) -> Action:
    at_s = NOW_S - did.days_ago * DAY_S
    return Action(KIND_CODE[did.kind], at_s, f"{did}", did.user, tuple(item_id(n) for n in did.items))


def request_of(log: tuple[Did, ...] = LOG) -> Request:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    states = [lifted for did in log for lifted in item.lift(action(did)).items()]
    for name in {name for name, _ in states}:
        live.apply_features([name], [item.to_bytes(reduce(item.merge, [state for key, state in states if key == name]))])
    items = BundleItems(ITEM_IDS)
    state = reduce(shopper.merge, [shopper.lift(action(did)) for did in log if did.user == "anna"], shopper.EMPTY)
    anna = Shopper.from_row(shopper.read(row_of(state)), items, NOW_S, TenantPolicy().relative_weights())
    rows = items.rows_of([item_id(n) for n in ASKED])
    return Request(anna, rows, SCORES, live.table, live.rows_of(ITEM_IDS))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "recent_place"])
def test_a_column_holds_what_its_formula_says(name: str) -> None:
    filled = fill(request_of(), named([name]))[:, 0]
    expected = np.array([EXPECTED[name](n) for n in ASKED], np.float64)
    np.testing.assert_allclose(filled, expected, rtol=2e-6, atol=1e-9)


def test_the_place_among_the_newest_items_counts_from_the_newest() -> None:
    places = fill(request_of(), named(["recent_place"]))[:, 0]
    np.testing.assert_array_equal(places, [0.0, 1.0, 2.0, NAN, NAN])


def test_every_column_has_a_formula_and_a_word() -> None:
    assert {*EXPECTED, "recent_place"} == set(NAMES)
    assert all(column.description for column in COLUMNS)


def test_of_a_stranger_all_is_unknown_but_the_items_and_the_moment() -> None:
    request = request_of(tuple(did for did in LOG if did.user != "anna"))
    matrix = fill(request)
    for column in COLUMNS:
        if not column.name.endswith("_score") and column.name.startswith(
            ("own_", "recent_", "shopper_", "root_", "second_", "leaf_", "brand_")
        ):
            np.testing.assert_array_equal(matrix[:, place(column.name)], np.full(len(ASKED), column.unknown), column.name)


def test_only_the_columns_asked_for_are_filled_in_their_order() -> None:
    request, names = request_of(), ["item_price", "own_orders", "hour"]
    everything = fill(request)
    np.testing.assert_array_equal(fill(request, named(names)), everything[:, [place(name) for name in names]])


def test_an_undeclared_column_is_refused_by_name() -> None:
    with pytest.raises(UnknownColumn, match="own_gaap"):
        named(["own_gap", "own_gaap"])


def test_a_column_cannot_be_declared_twice_or_without_a_word() -> None:
    group = ColumnGroup(lambda request: request)
    group.add("price", "Price", lambda request: 1.0)
    with pytest.raises(ValueError, match="price: declared twice"):
        group.add("price", "Price", lambda request: 2.0)
    with pytest.raises(ValueError, match="weight: expected a docstring"):

        @group.column()
        def weight(request: Request) -> float:
            return 1.0
