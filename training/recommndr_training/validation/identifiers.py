"""Expectations on ids that look at each distinct id once: ten million rows have far fewer shoppers and items.

Great Expectations' regular expressions turn every row into a Python string first. These two look at the categories of a
categorical column, or at Arrow buffers.
"""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import ColumnMapMetricProvider, column_condition_partial
from great_expectations.render import LegacyRendererType, RenderedStringTemplateContent
from great_expectations.render.renderer.renderer import renderer

from recommndr.identity import MAX_ID_BYTES

_CONTROL = r"[\x00-\x1f\x7f-\x{9f}]"
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def are_entity_ids(texts: pa.Array) -> pa.Array:
    """Which are valid ids of `recommndr.identity`: 1-128 bytes of UTF-8 without control characters; (n,) bool."""
    n_bytes = pc.binary_length(texts)
    fits = pc.and_(pc.greater_equal(n_bytes, 1), pc.less_equal(n_bytes, MAX_ID_BYTES))
    return pc.and_(fits, pc.invert(pc.match_substring_regex(texts, _CONTROL)))


def are_uuids(texts: pa.Array) -> pa.Array:
    """Which are UUIDs in lower case with hyphens; (n,) bool."""
    return pc.match_substring_regex(texts, _UUID)


def _by_distinct(column: "pd.Series[Any]", decide: Any) -> "pd.Series[bool]":
    """`decide` for every value; for a categorical column once per category."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        sound = _decided(decide, pa.array(column.cat.categories, pa.string()))
        return pd.Series(sound[column.cat.codes.to_numpy()], column.index)
    return pd.Series(_decided(decide, pa.array(column, pa.large_string())), column.index)


def _decided(decide: Any, texts: Any) -> npt.NDArray[np.bool_]:
    sound: npt.NDArray[np.bool_] = np.asarray(decide(texts).to_numpy(zero_copy_only=False), np.bool_)
    return sound


class ColumnValuesEntityIds(ColumnMapMetricProvider):  # type: ignore[misc]  # Great Expectations is not typed here
    """Metric behind `ExpectColumnValuesToBeEntityIds`."""

    condition_metric_name = "column_values.entity_ids"

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column: "pd.Series[Any]", **_: Any) -> "pd.Series[bool]":  # noqa: N805 - bound to the class by the decorator
        return _by_distinct(column, are_entity_ids)


class ColumnValuesUuids(ColumnMapMetricProvider):  # type: ignore[misc]
    """Metric behind `ExpectColumnValuesToBeUuids`."""

    condition_metric_name = "column_values.uuids"

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column: "pd.Series[Any]", **_: Any) -> "pd.Series[bool]":  # noqa: N805
        return _by_distinct(column, are_uuids)


class _InWords(ColumnMapExpectation):  # type: ignore[misc]
    """Gives data docs the text of the expectation; subclasses set the words."""

    _words: ClassVar[str] = ""

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)  # type: ignore[untyped-decorator]
    def _prescriptive_renderer(cls, configuration: Any = None, **_: Any) -> list[Any]:
        words = {"template": f"values must be {cls._words}.", "params": {}}
        return [RenderedStringTemplateContent(content_block_type="string_template", string_template=words)]


class ExpectColumnValuesToBeEntityIds(_InWords):
    """Expect ids of shoppers or items: 1-128 bytes of UTF-8 without control characters."""

    map_metric = "column_values.entity_ids"
    _words = f"ids: 1 to {MAX_ID_BYTES} bytes of UTF-8 without control characters"


class ExpectColumnValuesToBeUuids(_InWords):
    """Expect UUIDs in lower case."""

    map_metric = "column_values.uuids"
    _words = "UUIDs in lower case"
