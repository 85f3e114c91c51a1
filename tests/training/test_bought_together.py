"""Which pairs ship: those of enough baskets, above chance, and none of substitutes or of resellers' baskets."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from recommndr.tenancy import TenantPolicy
from recommndr_engine.bought_together import BoughtTogether
from recommndr_training.data.interactions import Interactions
from recommndr_training.shipping.bought_together import BoughtTogetherParams, fit

OPTIONS = BoughtTogetherParams()
COLUMNS = ["event_id", "user_id", "item_id", "kind", "at_s", "known_s"]
Baskets = Sequence[Collection[str]]


def known(baskets: Baskets) -> Interactions:
    """Each basket an order of a shopper of its own, one an hour."""
    lines = [
        (f"e{n}", f"u{n}", item, "purchase", n * 3600.0, n * 3600.0) for n, basket in enumerate(baskets) for item in basket
    ]
    typed = pd.DataFrame(lines, columns=COLUMNS).astype({"at_s": float, "known_s": float})
    return Interactions.from_lines(typed, TenantPolicy(), ["bread", "butter", "milk", "oats"])


def companions(found: BoughtTogether, items: Interactions, item: str) -> dict[str, int]:
    """How many baskets an item shares with each companion."""
    rows = found.with_items(np.array([items.item_ids.index(item)], np.int32))
    return dict(zip((items.item_ids[row] for row in rows.rows), rows.together.tolist(), strict=True))


FILLING: Baskets = [[f"other {n % 30}", f"more {n % 7}"] for n in range(300)]  # what other shoppers buy


def test_bread_goes_with_butter_and_two_milks_replace_each_other() -> None:
    usual = [["bread", "butter", f"more {n % 7}"] for n in range(30)]
    milks = [[f"milk {n % 2}", f"other {n % 30}"] for n in range(200)] + [["milk 0", "milk 1"]] * 3
    items = known([*usual, *milks, *FILLING])
    found = fit(items, OPTIONS)
    assert companions(found, items, "bread")["butter"] == 30
    assert companions(found, items, "butter")["bread"] == 30
    assert "milk 1" not in companions(found, items, "milk 0")


def test_what_is_in_every_basket_goes_with_nothing_more_than_with_all() -> None:
    items = known([*[["bag", "bread", "butter"]] * 20, *(["bag", *basket] for basket in FILLING)])
    assert list(companions(fit(items, OPTIONS), items, "bread")) == ["butter"]


def test_two_baskets_prove_nothing() -> None:
    items = known([*[["bread", "butter"]] * 2, *FILLING])
    assert companions(fit(items, OPTIONS), items, "bread") == {}


def test_the_basket_of_a_reseller_does_not_count() -> None:
    everything = ["bread", "butter", *(f"stock {n}" for n in range(120))]
    items = known([*[everything] * 10, *FILLING])
    assert companions(fit(items, OPTIONS), items, "bread") == {}


def test_shops_without_baskets_get_no_pairs() -> None:
    one_each: list[Baskets] = [[], [["bread"]], [["bread"], ["butter"]] * 50]
    for baskets in one_each:
        items = known(baskets)
        assert companions(fit(items, OPTIONS), items, "bread") == {}


@given(st.lists(st.sets(st.sampled_from(["bread", "butter", "milk", "oats"]), min_size=1), max_size=40))
def test_pairs_have_no_side_and_are_counted_by_basket(baskets: list[set[str]]) -> None:
    items = known(baskets)
    found = fit(items, OPTIONS)
    for one in items.item_ids:
        for other, together in companions(found, items, one).items():
            assert together == sum({one, other} <= basket for basket in baskets)
            assert companions(found, items, other)[one] == together


def test_of_many_companions_those_of_most_baskets_ship() -> None:
    often = [["bread", f"with {n}"] for n in range(8) for _ in range(4 + n)]
    items = known([*often, *FILLING])
    found = fit(items, BoughtTogetherParams(n_companions=5))
    assert sorted(companions(found, items, "bread").values()) == [7, 8, 9, 10, 11]
