"""Every ranker column against its formula, written out over a plain list of what happened."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest

from recommndr.events import KIND_CODE, KINDS
from recommndr.features import item, purchased_items, shopper
from recommndr.features.action import Action
from recommndr.tenancy import TenantPolicy
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.columns import COLUMNS, NAMES, UnknownColumn, fill, named, place, related
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import Request
from recommndr_engine.columns.retriever_ranks import places, rank_column
from recommndr_engine.columns.retriever_scores import score_column
from recommndr_engine.live_items import LiveItems
from recommndr_engine.related_scores import ToRecent
from recommndr_engine.retrievers import BY_NAME
from recommndr_engine.shopper import Shopper
from tests.engine.bundles import ITEM_IDS, N_ITEMS, NOW, catalog_item, item_id, row_of

NAN = float("nan")
NOW_S, DAY_S = NOW.timestamp(), 86_400.0
USUAL = TenantPolicy()
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
# Values of the one most related newest item, and of the newest one.
TO_RECENT = {
    name: ToRecent(np.full(len(ASKED), 1.0 + at, np.float32), np.arange(len(ASKED), dtype=np.float32) * (1.0 + at))
    for at, name in enumerate(related.RETRIEVERS)
}
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


def deeds(half_life_days: float) -> float:
    return sum(max(WEIGHT[did.kind], 0.0) * half(did.days_ago, half_life_days) for did in LOG if did.user == "anna")


def interest_share(n: int, key: Callable[[int], object]) -> float:
    return sum(value for other, value in INTERESTS.items() if key(other) == key(n)) / sum(INTERESTS.values())


def interest_since(n: int, key: Callable[[int], object]) -> float:
    """Days since Anna bought anything alike, or since the newest action with what she did not buy."""
    last_days = {other: mine("purchase", other)[-1] if other in OWNED else newest(other).days_ago for other in INTERESTS}  # type: ignore[union-attr]
    return min((days for other, days in last_days.items() if key(other) == key(n)), default=NAN)


def rank(scores: np.ndarray, n: int) -> float:
    """How many of the items asked for, owned or new like this one, have a higher score."""
    alike = [scores[ASKED.index(other)] for other in ASKED if (other in OWNED) == (n in OWNED)]
    score = scores[ASKED.index(n)]
    return float(sum(other > score for other in alike)) if score > 0.0 else NAN


ORDERS = mine("purchase")
HALF_LIVES = {"1h": 1 / 24, "1d": 1.0, "7d": 7.0, "30d": 30.0, "120d": 120.0}
INTERESTS = {n: own(n) for n in OWNED} | {14: WEIGHT["view"] * half(2.0, 90.0)}
EXPECTED: dict[str, Callable[[int], float]] = {
    "own_decayed": own,
    "own_decayed_14d": lambda n: evenly(n, 14.0),
    "own_decayed_30d": lambda n: evenly(n, 30.0),
    "own_targets": lambda n: len(mine("purchase", n)),
    "own_since": lambda n: last(mine("purchase", n)),
    "own_age": lambda n: max(mine("purchase", n), default=NAN),
    "own_gap": gap,
    "own_since_per_gap": lambda n: last(mine("purchase", n)) / gap(n),
    "own_target_share": lambda n: len(mine("purchase", n)) / sum(did.user == "anna" for did in LOG),
    "own_decayed_share": lambda n: own(n) / decayed(ORDERS, 120.0),
    "own_forgotten": lambda n: 0.0,
    "seen_long_ago": lambda n: 0.0,
    "recent_since": lambda n: newest(n).days_ago if newest(n) else NAN,  # type: ignore[union-attr]
    "recent_weight": recent_weight,
    "own_negative": lambda n: min(recent_weight(n), 0.0),
    "shopper_events": lambda n: sum(did.user == "anna" for did in LOG),
    "shopper_targets_7d": lambda n: decayed(ORDERS, 7.0),
    "shopper_targets_30d": lambda n: decayed(ORDERS, 30.0),
    "shopper_targets_120d": lambda n: decayed(ORDERS, 120.0),
    "shopper_targets_trend": lambda n: trend(ORDERS, 7.0, 30.0),
    "shopper_since": lambda n: 9.0,
    "shopper_items": lambda n: len(OWNED),
    "shopper_once_share": lambda n: sum(len(mine("purchase", owned)) == 1 for owned in OWNED) / len(OWNED),
    "shopper_views_1d": lambda n: decayed(mine("view"), 1.0),
    "shopper_targets_1d": lambda n: decayed(ORDERS, 1.0),
    "shopper_deeds_1h": lambda n: deeds(1 / 24),
    "shopper_deeds_7d": lambda n: deeds(7.0),
    "item_since": lambda n: last(everybody("purchase", n)),
    "item_age": lambda n: max((min(did.days_ago, 90.0) for did in LOG if n in did.items), default=NAN),
    "item_first_share": first_share,
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
    "interest_root_affinity": lambda n: interest_share(n, root),
    "interest_second_affinity": lambda n: interest_share(n, leaf),
    "interest_leaf_affinity": lambda n: interest_share(n, leaf),
    "interest_brand_affinity": lambda n: interest_share(n, brand),
    "interest_leaf_brand_affinity": lambda n: interest_share(n, lambda m: (leaf(m), brand(m))),
    "interest_leaf_items": lambda n: sum(leaf(other) == leaf(n) for other in INTERESTS),
    "interest_leaf_since": lambda n: interest_since(n, leaf),
    "interest_second_since": lambda n: interest_since(n, leaf),
    "interest_price_ratio": lambda n: (100 + n) * sum(INTERESTS.values()) / sum((100 + i) * x for i, x in INTERESTS.items()),
    "hour": lambda n: NOW.hour,
    "weekday": lambda n: NOW.weekday(),
}
EXPECTED |= {score_column(name): (lambda n, name=name: SCORES[name][ASKED.index(n)]) for name in BY_NAME}  # type: ignore[misc]
EXPECTED |= {rank_column(name): (lambda n, name=name: rank(SCORES[name], n)) for name in BY_NAME}  # type: ignore[misc]
for _kind, _name in (("purchase", "targets"), ("view", "views")):
    EXPECTED |= {
        f"item_{_name}_{half_life}": (lambda n, kind=_kind, days=days: decayed(everybody(kind, n), days))  # type: ignore[misc]
        for half_life, days in HALF_LIVES.items()
    }
    EXPECTED |= {
        f"item_{_name}_trend_{fast}": (
            lambda n, kind=_kind, fast=fast, slow=slow: trend(everybody(kind, n), HALF_LIVES[fast], HALF_LIVES[slow])  # type: ignore[misc]
        )
        for fast, slow in pairwise(HALF_LIVES)
    }
EXPECTED |= {f"{name}_largest": lambda n, name=name: TO_RECENT[name].largest[ASKED.index(n)] for name in TO_RECENT}  # type: ignore[misc]
EXPECTED |= {f"{name}_last": lambda n, name=name: TO_RECENT[name].last[ASKED.index(n)] for name in TO_RECENT}  # type: ignore[misc]


def action(did: Did) -> Action:
    at_s = NOW_S - did.days_ago * DAY_S
    return Action(KIND_CODE[did.kind], at_s, f"{did}", did.user, tuple(item_id(n) for n in did.items))


def request_of(log: tuple[Did, ...] = LOG, policy: TenantPolicy = USUAL) -> Request:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    states = [lifted for did in log for lifted in item.lift(action(did)).items()]
    for name in {name for name, _ in states}:
        live.apply_features([name], [item.to_bytes(reduce(item.merge, [state for key, state in states if key == name]))])
    items = BundleItems(ITEM_IDS)
    state = reduce(
        shopper.merge, [shopper.lift(action(did), policy.counting) for did in log if did.user == "anna"], shopper.EMPTY
    )
    target = policy.kind_code(policy.target_kind)
    anna = Shopper.from_row(shopper.read(row_of(state)), items, NOW_S, policy.relative_weights(), target)
    rows = items.rows_of([item_id(n) for n in ASKED])
    return Request(anna, rows, SCORES, live.table, live.rows_of(ITEM_IDS), TO_RECENT)


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


def test_a_bundle_without_a_retriever_of_related_items_knows_no_relation() -> None:
    matrix = fill(replace(request_of(), to_recent={}), named([f"{name}_last" for name in related.RETRIEVERS]))
    assert not matrix.any()
    assert set(related.RETRIEVERS) <= set(BY_NAME)


def test_of_a_stranger_all_is_unknown_but_the_items_and_the_moment() -> None:
    request = request_of(tuple(did for did in LOG if did.user != "anna"))
    matrix = fill(request)
    for column in COLUMNS:
        if not column.name.endswith(("_score", "_rank")) and column.name.startswith(
            ("own_", "recent_", "shopper_", "root_", "second_", "leaf_", "brand_", "interest_")
        ):
            np.testing.assert_array_equal(matrix[:, place(column.name)], np.full(len(ASKED), column.unknown), column.name)


def test_only_the_columns_asked_for_are_filled_in_their_order() -> None:
    request, names = request_of(), ["item_price", "own_targets", "hour"]
    everything = fill(request)
    np.testing.assert_array_equal(fill(request, named(names)), everything[:, [place(name) for name in names]])


def test_columns_follow_the_target_kind() -> None:
    """A shop that lives by views gets for its views what a shop that lives by purchases gets for its purchases."""
    other = {"purchase": "view", "view": "purchase"}
    turned = tuple(replace(did, kind=other.get(did.kind, did.kind)) for did in LOG)
    views = TenantPolicy(target_kind="view", weights={"view": 5.0, "purchase": 1.0})
    same = [name for name in NAMES if not name.startswith("item_views") and name != "shopper_views_1d"]
    np.testing.assert_array_equal(fill(request_of(turned, views), named(same)), fill(request_of(), named(same)))
    assert fill(request_of(turned, views), named(["own_targets"])).any()


def test_what_fell_out_of_the_lists_is_still_known_as_owned_or_seen() -> None:
    """The two oldest items are 10, bought, and 14, viewed; then come more than the lists hold."""
    many = tuple(range(1_000, 1_000 + purchased_items.CAPACITY))
    oldest = (Did("purchase", (10,), 90.0), Did("view", (14,), 80.0))
    log = (*oldest, Did("purchase", (12,), 1.0), *(Did("purchase", (n,), 60.0) for n in many))
    request = request_of(log)
    forgotten, long_ago, place = fill(request, named(["own_forgotten", "seen_long_ago", "als_rank"])).T
    assert forgotten.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert long_ago.tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]
    assert place.tolist() == [0.0, 3.0, 2.0, 1.0, 0.0]  # 10 is the only owned one


def test_bundles_that_name_columns_as_before_get_the_same_values() -> None:
    older = ("own_orders", "own_order_share", "shopper_orders_30d", "item_purchases_7d", "item_trend_30d")
    newer = ("own_targets", "own_target_share", "shopper_targets_30d", "item_targets_7d", "item_targets_trend_30d")
    assert named(older) == named(newer)


def test_the_place_of_a_new_item_does_not_depend_on_owned_items_among_the_candidates() -> None:
    random = np.random.default_rng(0)
    scores, owned = random.integers(0, 9, 60).astype(np.float32), random.random(60) < 0.4
    (both,), (discover,) = places(scores[np.newaxis], owned), places(scores[np.newaxis, ~owned], owned[~owned])
    np.testing.assert_array_equal(both[~owned], discover)


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
