"""Laws of running suites: how a table is cut into batches changes nothing that is found."""

import great_expectations.expectations as gxe
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pytest
from great_expectations.expectations.row_conditions import Column
from hypothesis import given
from hypothesis import strategies as st

from recommndr.identity import check_entity_id
from recommndr_training.validation.checking import Table, check
from recommndr_training.validation.event_lines import categorical, codes, first_rows
from recommndr_training.validation.identifiers import are_entity_ids, are_uuids
from recommndr_training.validation.left_out import check_left_out, unknown_items_share
from recommndr_training.validation.limits import Limits

FRAME = pd.DataFrame(
    {
        "kind": pd.Categorical(["view", "purchase", "view", None, "purchase"] * 5),
        "price": [1.0, np.nan, np.nan, 4.0, -5.0] * 5,
        "user": pd.Categorical([f"u{number % 4}" for number in range(25)]),
    }
)
SUITE = [
    gxe.ExpectTableRowCountToBeBetween(min_value=100),
    gxe.ExpectColumnValuesToNotBeNull(column="kind"),
    gxe.ExpectColumnValuesToBeInSet(column="kind", value_set=["view"], mostly=0.4),
    gxe.ExpectColumnValuesToBeBetween(column="price", min_value=0),
    gxe.ExpectColumnValuesToNotBeNull(column="price", row_condition=Column("kind") == "purchase"),
    gxe.ExpectCompoundColumnsToBeUnique(column_list=["kind", "user"]),
    gxe.ExpectColumnValuesToBeBetween(column="no_such", min_value=0),
    gxe.ExpectColumnMeanToBeBetween(column="price", max_value=-1, severity="warning"),
]


def test_one_batch_and_a_batch_for_each_group_of_columns_find_the_same() -> None:
    wide, narrow = (check(Table("t", FRAME), SUITE, narrow_from=rows) for rows in (1_000, 1))
    assert {str(found) for found in wide.failures} == {str(found) for found in narrow.failures}
    assert wide.result.statistics == narrow.result.statistics
    assert len(wide.failures) == 7


def test_rows_are_named_by_the_index_whatever_the_conditions() -> None:
    renamed = FRAME.set_axis([f"line {number}" for number in range(25)], axis=0)
    (found,) = check(Table("t", renamed), [SUITE[4]]).failures
    assert [named.row for named in found.rows] == [f"line {number}" for number in range(1, 25, 5)]
    assert "where kind == purchase" in found.expected


def test_many_broken_rows_are_counted_and_the_first_ten_named() -> None:
    frame = pd.DataFrame({"price": np.full(500, -1.0)})
    (found,) = check(Table("t", frame), [SUITE[3]]).failures
    assert (found.n_rows, [named.row for named in found.rows]) == (500, list(range(10)))
    assert "500 of 500 rows fail" in str(found) and str(found).endswith("…")


@given(st.lists(st.one_of(st.none(), st.sampled_from("abcd")), max_size=30), st.integers(1, 5))
def test_codes_and_first_rows_give_back_the_column_however_it_is_cut(values: list[str | None], n_chunks: int) -> None:
    size = max(1, -(-len(values) // n_chunks))
    chunks = [pa.array(values[start : start + size], pa.string()) for start in range(0, max(len(values), 1), size)]
    for column in (pa.chunked_array(chunks), pa.chunked_array([chunk.dictionary_encode() for chunk in chunks])):
        places, distinct = codes(column)
        words = distinct.to_pylist()
        assert [None if place < 0 else words[place] for place in places] == values
        assert [values.index(words[place]) for place in sorted(set(places[places >= 0].tolist()))] == [
            first_rows(places)[place] for place in sorted(set(places[places >= 0].tolist()))
        ]
        assert [None if pd.isna(value) else value for value in categorical(column)] == values


def _is_id(text: str) -> bool:
    try:
        check_entity_id(text)
    except ValueError:
        return False
    return True


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=140), max_size=20))
def test_ids_are_what_the_nouns_say_they_are(texts: list[str]) -> None:
    assert are_entity_ids(pa.array(texts, pa.string())).to_pylist() == [_is_id(text) for text in texts]


@given(st.lists(st.one_of(st.uuids().map(str), st.text(max_size=36)), max_size=20))
def test_uuids_are_distinguished_from_other_texts(texts: list[str]) -> None:
    hexadecimal = set("0123456789abcdef")
    expected = [
        [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12] and set(text.replace("-", "")) <= hexadecimal
        for text in texts
    ]
    assert are_uuids(pa.array(texts, pa.large_string())).to_pylist() == expected


@pytest.mark.parametrize(("share", "n_failures"), [(0.0, 1), (0.05, 0)])
def test_an_import_that_loses_lines_to_unknown_items_is_refused_beyond_its_share(share: float, n_failures: int) -> None:
    counts = {"raw": 1_000, "not_sampled": 200, "rejected_unknown_product": 40, "kept": 760}
    assert unknown_items_share(counts) == 0.05
    assert len(check_left_out(counts, Limits(unknown_items_share=share)).failures) == n_failures


def test_events_outside_the_period_are_refused_with_how_many_and_when() -> None:
    ends = {"outside_period_earliest_s": 0, "outside_period_latest_s": 4_102_444_800}
    counts = {"rows": 10_000, "rejected_outside_period": 20, **ends, "kept": 9_980}
    (found,) = check_left_out(counts, Limits()).failures
    assert "outside_period 20" in str(found) and "change since and until" in found.cure
    assert "earliest '1970-01-01T00:00:00+00:00'" in str(found) and "latest '2100-01-01T00:00:00+00:00'" in str(found)
    assert check_left_out(counts, Limits(outside_period_share=0.002)).failures == ()
    assert check_left_out(counts | {"rows": 20_000}, Limits()).failures == ()


def test_searches_without_item_are_normal_and_views_without_one_are_not() -> None:
    counts = {"rows": 10_000, "rejected_without_item": 5_000, "rejected_without_item_search": 5_000}
    assert check_left_out(counts, Limits()).failures == ()
    more = counts | {"rejected_without_item": 5_020, "rejected_without_item_view": 20}
    (found,) = check_left_out(more, Limits()).failures
    assert found.expected.startswith("without_item_share") and "rejected_without_item_view 20" in str(found)
    assert check_left_out(more, Limits(without_item_share=0.005)).failures == ()


@pytest.mark.parametrize("reason", ["of_items_the_catalogue_lacks", "rejected_outside_period", "rejected_without_item"])
@pytest.mark.parametrize(("rows", "left_out", "n_failures"), [(300, 5, 0), (300, 6, 1), (100_000, 100, 0), (100_000, 101, 1)])
def test_a_few_lines_may_be_left_out_of_a_small_shop(reason: str, rows: int, left_out: int, n_failures: int) -> None:
    assert len(check_left_out({"rows": rows, reason: left_out}, Limits()).failures) == n_failures


def test_an_array_of_codes_may_be_empty() -> None:
    empty: npt.NDArray[np.int32] = np.zeros(0, np.int32)
    assert first_rows(empty).tolist() == []
