"""Suite of items: checks the catalogue, `prepared/items.parquet`."""

from typing import Any

import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_training.validation.checking import Checked, Table, because, check
from recommndr_training.validation.event_lines import categorical
from recommndr_training.validation.events import HIGH_PRICES, NO_CATEGORY
from recommndr_training.validation.identifiers import ExpectColumnValuesToBeEntityIds
from recommndr_training.validation.limits import Limits
from recommndr_training.validation.types import check_types

_MEND = "fix the catalogue or its import mapping, then import again"


def check_items(items: pa.Table, schema: pa.Schema, currency: str, limits: Limits) -> list[Checked]:
    """Types first; if they fail, nothing else is checked. Then the items."""
    types = check_types("items", items.schema, schema)
    if types.failures:
        return [types]
    frame = _compact(items)

    def context(row: int) -> dict[str, Any]:
        return {name: frame[name].iloc[row] for name in ("item_id", "title")}

    return [types, check(Table("items", frame, context), items_suite(currency, limits))]


def root_categories(items: pa.Table) -> dict[str, str]:
    """Root category of every item of the catalogue, by id."""
    paths = items["category_path"].combine_chunks()
    roots = pc.list_element(pc.if_else(_depth(paths) > 0, paths, pa.scalar([NO_CATEGORY], paths.type)), 0)
    return dict(zip(items["item_id"].to_pylist(), roots.to_pylist(), strict=True))


def items_suite(currency: str, limits: Limits) -> list[gxe.Expectation]:
    """Expectations on items; brand, price and group may be missing."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, **because("the catalogue is empty", _MEND)),
        gxe.ExpectColumnValuesToNotBeNull(column="item_id", **because("an item has no id", _MEND)),
        ExpectColumnValuesToBeEntityIds(
            column="item_id", **because("an id is empty, longer than 128 bytes, or contains control characters", _MEND)
        ),
        gxe.ExpectColumnValuesToBeUnique(column="item_id", **because("two items have the same id", _MEND)),
        gxe.ExpectColumnValueLengthsToBeBetween(
            column="title", min_value=1, max_value=512, **because("the title is empty or longer than 512 characters", _MEND)
        ),
        gxe.ExpectColumnValuesToNotBeNull(column="title", **because("an item has no title", _MEND)),
        gxe.ExpectColumnValuesToBeBetween(
            column="category_depth", min_value=0, max_value=8, **because("the category path has more than 8 levels", _MEND)
        ),
        gxe.ExpectColumnValueLengthsToBeBetween(
            column="brand", min_value=1, max_value=128, **because("the brand is empty or longer than 128 characters", _MEND)
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="price_minor",
            min_value=0,
            max_value=limits.max_price_minor,
            **because("the price is not in minor units of the currency", f"{_MEND}; {HIGH_PRICES}"),
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="currency", value_set=[currency], **because("the price is in another currency than the shop's", _MEND)
        ),
    ]


def _compact(items: pa.Table) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "item_id": categorical(items["item_id"]),
        "title": items["title"].to_pandas(),
        "category_depth": _depth(items["category_path"].combine_chunks()),
        "brand": items["brand"].to_pandas(),
        "price_minor": items["price_minor"].to_numpy().astype(np.float64),
        "currency": categorical(items["currency"]),
    }
    return pd.DataFrame(columns, copy=False)


def _depth(paths: Any) -> "np.ndarray[Any, np.dtype[np.int64]]":
    depth: np.ndarray[Any, np.dtype[np.int64]] = pc.fill_null(pc.list_value_length(paths), 0).to_numpy(zero_copy_only=False)
    return depth.astype(np.int64)
