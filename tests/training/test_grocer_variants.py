"""Which of the grocer's products are sizes of one product: laws of every group, then the cases that the data hold."""

from itertools import combinations
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_training.data.grocer_variants import Product, contents, size_groups
from recommndr_training.data.prepare import PrepareParams, prepare
from tests.training.test_prepare import DATA, PRODUCTS, transactions

SIZES = ["4 oz", "8 oz", "9 oz", "16 oz", "1 lb", "2 lb", "half gal", "6 x 12 oz", "8 ct, 16 oz", "12 ct", "1 dozen", "24 ct"]
PRICES = [0, 99, 129, 179, 249, 329, 499, None]
OUNCES = st.sampled_from([4, 6, 8, 12, 16, 20, 24, 32, 40, 64, 100])


@st.composite
def catalogues(draw: st.DrawFn) -> list[Product]:
    """Few makers and paths, each with what differs in many ways or, often enough, in size only."""
    products = []
    for maker in draw(st.lists(st.sampled_from(["maker 1", "maker 2"]), min_size=1, unique=True)):
        for path in draw(st.lists(st.sampled_from(["dips", "yogurt"]), min_size=1, unique=True)):
            if draw(st.booleans()):
                sizes = draw(st.lists(OUNCES, min_size=1, max_size=4, unique=True))
                described = [(f"{ounces} oz", ounces * 10 + 50) for ounces in sizes]
            else:
                size, price = st.sampled_from([*SIZES, "large", None]), st.sampled_from(PRICES)
                described = draw(st.lists(st.tuples(size, price), min_size=1, max_size=4))
            products += [((maker, path), *one) for one in described]
    return [Product(f"item {n}", *one) for n, one in enumerate(products)]


def members(products: list[Product]) -> dict[str, list[Product]]:
    by_id = {product.item_id: product for product in products}
    found: dict[str, list[Product]] = {}
    for item_id, group in size_groups(products).items():
        found.setdefault(group, []).append(by_id[item_id])
    return found


def measured(product: Product) -> tuple[str, float]:
    found = contents(product.size or "")
    assert found is not None
    return found


@given(catalogues())
def test_a_group_is_all_that_one_maker_has_on_one_path_and_holds_two_or_more(products: list[Product]) -> None:
    for group, some in members(products).items():
        assert len(some) > 1
        (family,) = {product.family for product in some}
        assert {product.item_id for product in some} == {product.item_id for product in products if product.family == family}
        assert group in {product.item_id for product in some}


@given(catalogues())
def test_two_of_a_group_differ_in_size_and_the_bigger_one_costs_more(products: list[Product]) -> None:
    for some in members(products).values():
        for one, other in combinations(some, 2):
            assert measured(one)[0] == measured(other)[0]
            smaller, bigger = sorted([one, other], key=lambda product: measured(product)[1])
            assert measured(bigger)[1] >= 1.5 * measured(smaller)[1]
            assert (bigger.price_minor or 0) > (smaller.price_minor or 0) > 0


@given(catalogues(), st.randoms(use_true_random=False))
def test_the_order_of_products_does_not_matter(products: list[Product], random: Random) -> None:
    shuffled = products.copy()
    random.shuffle(shuffled)
    assert size_groups(shuffled) == size_groups(products)


@given(catalogues(), st.sampled_from(SIZES), st.sampled_from(PRICES))
def test_what_one_maker_sells_changes_no_group_of_another(products: list[Product], size: str, price: int | None) -> None:
    stranger = Product("stranger", ("maker 3", "dips"), size, price)
    assert size_groups([*products, stranger]) == size_groups(products)


@given(catalogues())
def test_a_second_product_of_one_size_leaves_no_group(products: list[Product]) -> None:
    twins = [Product(f"twin {product.item_id}", product.family, product.size, product.price_minor) for product in products]
    assert size_groups([*products, *twins]) == {}


@pytest.mark.parametrize(
    ("sizes", "is_one_product"),
    [
        ([("8 oz", 109), ("16 oz", 209)], True),
        ([("1.5 l", 399), ("10 oz", 179)], True),
        ([("1 gal", 349), ("half gal", 224)], True),
        ([("70 ct", 579), ("190 ct", 870)], True),
        ([("12 oz", 279), ("6 x 12 oz", 699)], True),
        ([("3 oz", 99), ("6 oz", 149), ("12 oz", 249)], True),
        ([("16 oz", 150), ("1 lb", 169)], False),  # one size, written in two ways
        ([("12 oz", 369), ("13.5 oz", 429)], False),  # waffles and French toast
        ([("3 oz", 99), ("6 oz", 149), ("7 oz", 249)], False),
        ([("90 ct", 599), ("6 oz", 500)], False),  # pads and a cream
        ([("12 oz", 200), ("12 x 12 oz", 200)], False),  # a case, sold by the piece
        ([("48 oz", 899), ("25.7 oz", 1649)], False),
        ([("16.9 oz", 109), ("1 l", 899)], False),
        ([("8 oz", 109), ("16 oz", None)], False),
        ([("8 oz", 109), (None, 209)], False),
        ([("8 oz", 109)], False),
    ],
)
def test_sizes_of_one_product_are_told_from_different_products(sizes: list[tuple[str, int]], is_one_product: bool) -> None:
    products = [Product(str(n), "one maker and path", *one) for n, one in enumerate(sizes)]
    assert size_groups(products) == (dict.fromkeys(map(str, range(len(sizes))), "0") if is_one_product else {})


def dips(*makers: int, kind: str | None = "REFRIG DIPS") -> pd.DataFrame:
    """A dip of 8 and one of 16 ounces."""
    rows = PRODUCTS.head(1).loc[[0, 0]].reset_index(drop=True)
    described = {"product_id": [4, 5], "manufacturer_id": makers, "product_type": kind, "package_size": ["8 OZ", "16 OZ"]}
    return rows.assign(**described)


def groups(products: pd.DataFrame, *rows: tuple[int, int, int, int, float], catalogue: str = "all") -> list[str | None]:
    prepared = prepare(transactions(*rows), products, DATA, PrepareParams(households=None, catalogue=catalogue))
    return prepared.items["group_id"].astype(object).where(prepared.items["group_id"].notna(), None).tolist()


def test_the_catalogue_names_the_groups() -> None:
    both = ((1, 7, 4, 1, 1.09), (1, 7, 5, 1, 2.09))
    assert groups(dips(7, 7), *both) == ["4", "4"]
    assert groups(dips(7, 8), *both) == [None, None]
    assert groups(dips(7, 7, kind=None), *both) == [None, None]


def test_a_catalogue_of_what_was_bought_breaks_no_family() -> None:
    third = dips(7, 7).head(1).assign(product_id=6)
    products = pd.concat([dips(7, 7), third])
    bought = ((1, 7, 4, 1, 1.09), (1, 7, 5, 1, 2.09))
    assert groups(products, *bought, catalogue="bought") == [None, None]
