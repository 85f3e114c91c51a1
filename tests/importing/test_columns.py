import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.identity import check_entity_id
from recommndr_importing import columns
from recommndr_importing.columns import MissingColumn
from recommndr_importing.mapping import Price, Words
from recommndr_importing.prices import Prices, read_prices
from recommndr_importing.words import lists

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=140)


def allowed(entity: str) -> bool:
    try:
        check_entity_id(entity)
    except ValueError:
        return False
    return True


@given(st.lists(TEXT, max_size=10))
def test_ids_are_judged_as_identity_judges_them(written: list[str]) -> None:
    found = columns.ids(pa.array(written, pa.string()))
    for word, is_bad in zip(found.ids.to_pylist(), found.bad, strict=True):
        assert word is None or allowed(word) != is_bad


@pytest.mark.parametrize("word", ["5.01235E+12", "1e+20", "None", "undefined", "<NA>", "[object Object]", '["a"]'])
def test_ids_that_look_damaged_are_reported(word: str) -> None:
    found = columns.ids(pa.array([word, "u1", "1E10", "Nonesuch"]))
    assert found.damaged.tolist() == [True, False, False, False]
    assert not found.bad.any()


def test_what_is_no_number_in_a_column_of_numbers_is_no_shopper_called_nan() -> None:
    for kind in (pa.float64(), pa.float32()):
        column = pa.array([math.nan, math.inf, -math.inf, 7.0, None], kind)
        assert columns.text(column).to_pylist() == [None, None, None, "7", None]


def test_integers_that_a_reader_made_floats_lose_their_point() -> None:
    assert columns.text(pa.array([17850.0, None, 2.5])).to_pylist() == ["17850", None, "2.5"]
    assert columns.text(pa.array([" a ", "", None])).to_pylist() == ["a", None, None]
    assert columns.text(pa.array(["x", "x"]).dictionary_encode()).to_pylist() == ["x", "x"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=10))
def test_numbers_are_the_same_as_text_and_as_numbers(values: list[float]) -> None:
    as_text, bad = columns.numbers(pa.array([repr(value) for value in values], pa.string()))
    assert not bad.any()
    assert as_text.tolist() == values


@pytest.mark.parametrize("column", [["x", "1,5", None, "2"], [math.inf, math.inf, None, 2.0]])
def test_what_is_there_and_no_number_is_distinguished_from_what_is_not_there(column: list[Any]) -> None:
    values, bad = columns.numbers(pa.array(column))
    assert bad.tolist() == [True, True, False, False]
    assert values[3] == 2 and np.isnan(values[2])


def priced(column: pa.Array, currency: str | pa.Array, point: str = ".", **price: Any) -> Prices:
    rows = pa.table({"price": column} | ({} if isinstance(currency, str) else {"currency": currency}))
    said = currency if isinstance(currency, str) else {"column": "currency"}
    return read_prices(rows, Price.model_validate({"column": "price", "currency": said} | price), "events.price", point)


def test_prices_become_minor_units_of_their_currency() -> None:
    found = priced(pa.array([2.55, 0.0, None, -1.0, 1e300, 1.005]), "EUR")
    assert found.minor.to_pylist() == [255, 0, None, None, None, 100]
    assert found.bad.tolist() == [False, False, False, True, True, False]
    assert priced(pa.array(["980"]), "JPY").minor.to_pylist() == [980]
    assert priced(pa.array(["1.234"]), "KWD").minor.to_pylist() == [1234]
    assert priced(pa.array(["9.80"]), "JPY", decimals=2).minor.to_pylist() == [980]


def test_each_price_may_be_in_its_own_currency() -> None:
    found = priced(pa.array(["1", "1", "1", "1", None, "1"]), pa.array(["EUR", "jpy", "KWD", "euro", None, None]))
    assert found.minor.to_pylist() == [100, 1, 1000, None, None, None]
    assert found.currency.to_pylist() == ["EUR", "JPY", "KWD", None, None, None]
    assert found.bad_currency.tolist() == [False, False, False, True, False, True]


@pytest.mark.parametrize(
    ("point", "written", "value"),
    [
        (",", "2,55", 2.55), (",", "1.234,50", 1234.5), (",", "1.234.567", 1_234_567), (",", "-0,5", -0.5), (",", "7", 7),
        (",", "2.55", None), (",", "1.234", None), (",", "1,234,567", None),
        (".", "1,234.50", 1234.5), (".", "1,234,567", 1_234_567), (".", "1,234", None), (".", "1,5", None),
        (".", "1.234,50", None),
    ],
)  # fmt: skip
def test_a_decimal_comma_is_read_where_the_mapping_says_so_and_what_may_be_two_numbers_is_none(
    point: str, written: str, value: float | None
) -> None:
    values, bad = columns.numbers(pa.array([written]), point)
    assert bad.tolist() == [value is None]
    assert value is None or values.tolist() == [value]


def test_quantities_are_whole_and_one_when_not_said() -> None:
    values = np.array([3.0, np.nan, 0.5, 0.0, -2.0, 1e7])
    pieces, bad = columns.whole_quantity(values, np.zeros(6, np.bool_))
    assert pieces.tolist()[:2] == [3, 1]
    assert bad.tolist() == [False, False, True, True, True, True]


def test_a_column_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(MissingColumn, match=r"events\.user_id: no column 'visitor' or 'user': the file has a, b"):
        columns.find(["visitor", "user"], ["a", "b"], "events.user_id", optional=False)
    assert columns.find(["visitor"], ["a"], "events.user_id", optional=True) is None


PARTS = st.lists(st.one_of(st.none(), st.text("ab ", max_size=3)), min_size=2, max_size=2)


@given(st.lists(PARTS, max_size=6))
def test_words_side_by_side_and_words_in_one_column_are_the_same(rows: list[list[str | None]]) -> None:
    clean = [[part.strip() for part in row if part and part.strip()] for row in rows]
    table = pa.table(
        {
            "one": pa.array([row[0] for row in rows], pa.string()),
            "two": pa.array([row[1] for row in rows], pa.string()),
            "both": pa.array(["|".join(part or "" for part in row) for row in rows], pa.string()),
            "list": pa.array(rows, pa.list_(pa.string())),
        }
    )
    for words in (Words(columns=("one", "two")), Words(column=("both",), separator="|"), Words(column=("list",))):
        assert lists(table, words, "items.tags", 8).to_pylist() == clean
        assert lists(table, words, "items.tags", 1).to_pylist() == [row[:1] for row in clean]
