from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from recommndr.catalog import CatalogItem
from recommndr.event_ids import order_event_id
from recommndr_training import params
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.grocer_sizes import package_size
from recommndr_training.data.grocer_titles import title
from recommndr_training.data.prepare import PrepareParams, prepare, sample
from recommndr_training.data.prepared import ITEMS_SCHEMA, Prepared, write

DATA = params.data("tiny", Path(__file__).parents[2] / "params.yaml")
EVENT_7, EVENT_8 = (str(order_event_id("grocer", basket)) for basket in ("7", "8"))
ALL = PrepareParams(households=None, catalogue="all")


def transactions(*rows: tuple[int, int, int, int, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["household_id", "basket_id", "product_id", "quantity", "sales_value"])
    return frame.assign(transaction_timestamp=pd.Timestamp("2017-03-05 10:00:00"))


PRODUCTS = pd.DataFrame(
    {
        "product_id": [1, 2, 3],
        "manufacturer_id": [10, 69, 12],
        "department": ["GROCERY", "FUEL", "MISCELLANEOUS"],
        "brand": ["National", "Private", "National"],
        "product_category": ["FRZN ICE", "COUPON/MISC ITEMS", None],
        "product_type": ["ICE - CRUSHED/CUBED", "GASOLINE-REG UNLEADED", None],
        "package_size": ["22 LB", None, None],
    }
)


def test_every_line_is_kept_or_counted_under_a_reason() -> None:
    raw = transactions((1, 7, 1, 2, 5.0), (1, 7, 9, 1, 1.0), (1, 8, 1, 0, 0.0), (2, 9, 1, 1, -1.0), (2, 9, 3, 1, 0.0))
    prepared = prepare(raw, PRODUCTS, DATA, ALL)
    counts = prepared.counts
    assert counts == {
        "raw": 5,
        "not_sampled": 0,
        "rejected_unknown_product": 1,
        "rejected_quantity_not_positive": 1,
        "rejected_negative_price": 1,
        "kept": 2,
        "kept_measured_as_one": 0,
        "kept_free": 1,
    }
    assert len(prepared.lines) == counts["kept"]


def test_lines_carry_text_ids_seconds_and_the_price_of_one_piece() -> None:
    (line,) = prepare(transactions((1, 7, 1, 2, 5.0)), PRODUCTS, DATA, ALL).lines.to_dict("records")
    assert line == {
        "event_id": EVENT_7,
        "kind": "purchase",
        "user_id": "1",
        "item_id": "1",
        "at_s": pd.Timestamp("2017-03-05 10:00:00", tz="UTC").timestamp(),
        "known_s": pd.Timestamp("2017-03-05 10:00:00", tz="UTC").timestamp(),
        "n_lines": 1,
        "quantity": 2,
        "price_minor": 250,
        **dict.fromkeys(("device", "os", "country", "region")),
    }


def test_a_measured_quantity_is_one_piece_at_its_whole_price() -> None:
    prepared = prepare(transactions((1, 7, 2, 8_725, 20.06)), PRODUCTS, DATA, ALL)
    assert prepared.lines[["quantity", "price_minor"]].to_numpy().tolist() == [[1, 2006]]
    assert prepared.counts["kept_measured_as_one"] == 1


def test_lines_are_sorted_by_time_order_and_item_whatever_came_first() -> None:
    raw = transactions((1, 8, 1, 1, 1.0), (1, 7, 3, 1, 1.0), (1, 7, 1, 1, 1.0))
    lines = prepare(raw, PRODUCTS, DATA, ALL).lines
    assert lines[["event_id", "item_id"]].to_numpy().tolist() == sorted([[EVENT_7, "1"], [EVENT_7, "3"], [EVENT_8, "1"]])


def test_items_have_what_the_catalogue_wants(tmp_path: Path) -> None:
    raw = transactions((1, 7, 1, 1, 2.0), (1, 8, 1, 1, 4.0), (1, 9, 1, 1, 9.0))
    write(prepare(raw, PRODUCTS, DATA, ALL), tmp_path)
    items = [CatalogItem.model_validate(row) for row in pq.read_table(tmp_path / "items.parquet").to_pylist()]
    ice, fuel, other = items
    assert (ice.title, ice.brand, ice.price_minor, ice.currency) == ("Ice, crushed/cubed, 22 lb", "Maker 10", 400, "USD")
    assert ice.category_path == ("GROCERY", "FRZN ICE", "ICE - CRUSHED/CUBED")
    assert (fuel.brand, fuel.price_minor, fuel.currency) == ("Own brand", None, None)
    assert (other.title, other.category_path) == ("Miscellaneous", ("MISCELLANEOUS",))


def test_no_price_comes_from_purchases_that_judge() -> None:
    raw = transactions((1, 7, 1, 1, 2.0), (1, 8, 1, 1, 9.0), (1, 9, 3, 1, 4.0))
    raw["transaction_timestamp"] = pd.to_datetime(["2017-12-17 23:59:59", "2017-12-18 00:00:00", "2017-12-18 00:00:00"])
    items = prepare(raw, PRODUCTS, DATA, ALL).items
    assert items["price_minor"].isna().tolist() == [False, True, True]
    assert items["price_minor"].iloc[0] == 200


def test_a_bought_catalogue_holds_nothing_else() -> None:
    raw = transactions((1, 7, 1, 1, 2.0))
    prepared = prepare(raw, PRODUCTS, DATA, PrepareParams(households=None, catalogue="bought"))
    assert prepared.items["item_id"].tolist() == ["1"]


def test_files_are_the_same_bytes_each_time_and_have_the_agreed_columns(tmp_path: Path) -> None:
    prepared: Prepared = prepare(transactions((1, 7, 1, 2, 5.0), (2, 8, 3, 1, 1.0)), PRODUCTS, DATA, ALL)
    for folder in ("a", "b"):
        write(prepared, tmp_path / folder)
    for name, schema in (("lines", LINES_SCHEMA), ("items", ITEMS_SCHEMA)):
        assert (tmp_path / f"a/{name}.parquet").read_bytes() == (tmp_path / f"b/{name}.parquet").read_bytes()
        assert pq.read_schema(tmp_path / f"a/{name}.parquet") == schema


def test_a_sample_is_the_same_households_in_any_order_and_grows_by_adding() -> None:
    households = pd.Series(np.arange(100))
    shuffled = households.sample(frac=1.0, random_state=1)
    assert sample(households, 10) == sample(shuffled, 10)
    assert sample(households, 10) < sample(households, 20) < sample(households, None) == set(range(100))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("DELI", "DELI MEATS", "MEAT: BEEF BULK", None), "Meat: beef bulk"),
        (("GROCERY", "SOFT DRINKS", "MINTS CANDY & BREATH (NOT LIF", ".58 OZ"), "Mints candy & breath, 0.58 oz"),
        (("GROCERY", "FRZN POTATOES", None, "2 LB"), "Frozen potatoes, 2 lb"),
        (("GROCERY", "ODD", "(ALL CODES)", None), "(all codes)"),
        (("GROCERY", "FLUID MILK PRODUCTS", "FLUID MILK WHITE ONLY", "1 GA"), "White milk, 1 gal"),
        (("MEAT", "BEEF", "LEAN", None), "Beef, lean"),
        (("GROCERY", "ICE CREAM/MILK/SHERBTS", "TRADITIONAL", "56 OZ"), "Ice cream/milk/sherbets, traditional, 56 oz"),
        (("MEAT-PCKGD", "BREAKFAST SAUSAGE/SANDWICHES", "ROLLS - PORK", None), "Breakfast sausage/sandwiches, rolls, pork"),
        (("GROCERY", "YOGURT", "YOGURT NOT MULTI-PACKS", "6 OZ"), "Yogurt, 6 oz"),
        (("GROCERY", "HISPANIC", "MEXICAN SAUCESSALSAPICANTEE", None), "Mexican sauces, salsa, picante"),
        (("DRUG GM", "MAGAZINE", "WOMEN S GENERAL-MAGAZINE", None), "Women's general, magazine"),
        (("SEAFOOD", "SEAFOOD-FRESH", "SEAFOOD-FRE-RAW FINFISH-OTHER", None), "Fresh, raw finfish, other"),
        (("GROCERY", "SOFT DRINKS", "SOFT DRINKS 12/18&15PK CAN CAR", "144 OZ"), "Soft drink cans, multi-pack, 12 x 12 oz"),
        # cut off by the till inside a word, and one that ends there whole
        (("DRUG GM", "TOYS", "CHILDREN S MUSICAL INSTRUMENTS", None), "Children's musical instruments"),
        (("GROCERY", "SEASONINGS", "FRZN BREAKFAST ENTREES/SANDWIC", "8.8 OZ"), "Frozen breakfast entrees, 8.8 oz"),
        (("GROCERY", "SOFT DRINKS", "SFT DRNK MLT-PK BTL CARB (EXCP", "20 OZ"), "Soft drink multi-pack bottle, 20 oz"),
        (
            ("SEAFOOD-PCKGD", "SEAFOOD - FROZEN", "SEAFOOD-FRZ-IQF RAW SHRIMP EXA", "16 OZ"),
            "Individually frozen raw shrimp, 16 oz",
        ),
        (
            ("GROCERY", "WATER - CARBONATED/FLVRD DRINK", "NON-CRBNTD DRNKING/MNERAL WATE", "405.6 OZ"),
            "Non-carbonated water, 24 x 16.9 oz",
        ),
    ],
)
def test_titles_read_as_words(names: tuple[str, str | None, str | None, str | None], expected: str) -> None:
    assert title(*names) == expected


@pytest.mark.parametrize(
    ("till", "department", "expected"),
    [
        ("22 LB", "GROCERY", "22 lb"),
        ("6 PK  12 OZ", "GROCERY", "6 x 12 oz"),
        ("12 OZ/12 PK", "GROCERY", "12 x 12 oz"),
        ("144 OZ/12 PK", "GROCERY", "12 x 12 oz"),
        ("10/6.75 OZ", "GROCERY", "10 x 6.75 oz"),
        ("3/4 OZ", "GROCERY", "0.75 oz"),
        ("8 1/2 OZ", "GROCERY", "8.5 oz"),
        ("10.4 OZ/8 CT", "GROCERY", "8 ct, 10.4 oz"),
        ("AB    8 OZ", "GROCERY", "8 oz"),
        ("20 OZ BTL", "GROCERY", "20 oz"),
        ("2 L*", "GROCERY", "2 l"),
        ("30 X60 IN", "DRUG GM", "30 x 60 in"),
        ("HALF GAL", "GROCERY", "half gal"),
        ("121731 1 CT", "DRUG GM", None),  # a code, and a count that says nothing
        ("18-20 CT", "PRODUCE", None),  # what a case holds
        ("40 LB", "PRODUCE", None),
        ("5 LB BAG", "PRODUCE", "5 lb"),
        ("CTN", "DRUG GM", None),
        ("12/12 OZ", "MEAT-PCKGD", "12 oz"),  # a case of bacon, sold by the piece
        ("12/12 OZ", "GROCERY", "12 x 12 oz"),
        ("1/2 LB", "MEAT-PCKGD", "0.5 lb"),
        ("1-1.2 LB", "MEAT-PCKGD", "1.2 lb"),
        ("405.6 OZ", "GROCERY", "24 x 16.9 oz"),  # all bottles of a pack
        ("144 OZ", "GROCERY", "12 x 12 oz"),
        ("144 OZ", "DRUG GM", "144 oz"),
        ("32 LOAD", "GROCERY", "32 loads"),
        ("100 OZ/52 LD", "GROCERY", "52 loads, 100 oz"),
    ],
)
def test_package_sizes_say_what_a_shopper_gets(till: str, department: str, expected: str | None) -> None:
    assert package_size(till, department) == expected
