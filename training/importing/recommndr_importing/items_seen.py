"""A catalogue out of an event log: what the events say of each item. For shops that have no item table."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from recommndr_importing.columns import find, numbers, text
from recommndr_importing.mapping import Column, ItemsMapping, Words

_MAX_ROWS = 2_000_000  # of pairs (item, value) before they are summed up


class _Counts:
    """How often each item had each value."""

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []

    def add(self, item: pa.Array, value: pa.Array) -> None:
        pairs = pa.table({"item": item, "value": value, "n": np.ones(len(item), np.int64)}).drop_null()
        self._parts.append(_summed(pairs))
        if sum(part.num_rows for part in self._parts) > _MAX_ROWS:
            self._parts = [self.total()]

    def total(self) -> pa.Table:
        """Columns item, value, n."""
        return _summed(pa.concat_tables(self._parts))


def _summed(pairs: pa.Table) -> pa.Table:
    return pairs.group_by(["item", "value"]).aggregate([("n", "sum")]).rename_columns(["item", "value", "n"])


class ItemsSeen:
    """Gathers the items of accepted rows; memory holds each distinct pair of item and value once.

    Of words the most frequent value counts (the first by alphabet of equals), of prices the median.
    """

    def __init__(self, mapping: ItemsMapping, there: list[str]) -> None:
        self._item = find(mapping.item_id.column, there, "items.item_id", optional=False)
        self._price = mapping.price and find(mapping.price.column, there, "items.price", mapping.price.optional)
        self._names = sorted(set(_word_columns(mapping, there)) - {self._item, self._price})
        self._words = {name: _Counts() for name in self._names}
        self._prices = _Counts()
        self._items = _Counts()

    def add(self, rows: pa.Table) -> None:
        """Take accepted rows of the log in."""
        item = text(rows[self._item].combine_chunks())
        self._items.add(item, item)
        for name, counts in self._words.items():
            counts.add(item, text(rows[name].combine_chunks()))
        if self._price:
            values, _ = numbers(rows[self._price].combine_chunks())
            self._prices.add(item, pa.array(values, mask=np.isnan(values)))

    def table(self) -> pa.Table:
        """One row per item, ordered by id, under the names of the log's columns."""
        found = self._items.total().select(["item"]).rename_columns([self._item or ""])
        for name, counts in self._words.items():
            found = found.join(_most_frequent(counts.total()).rename_columns([self._item or "", name]), self._item)
        if self._price:
            found = found.join(_median(self._prices.total()).rename_columns([self._item or "", self._price]), self._item)
        return found.sort_by(self._item or "")


def _word_columns(mapping: ItemsMapping, there: list[str]) -> Iterator[str]:
    for field in ItemsMapping.model_fields:
        said = getattr(mapping, field)
        if isinstance(said, Words) and said.columns:
            yield from said.columns
        elif isinstance(said, Column | Words):
            name = find(said.column or (), there, f"items.{field}", said.optional)
            if name is not None:
                yield name


def _most_frequent(counts: pa.Table) -> pa.Table:
    ordered = counts.sort_by([("item", "ascending"), ("n", "descending"), ("value", "ascending")])
    items = ordered["item"].combine_chunks().dictionary_encode().indices.to_numpy()
    return ordered.take(pa.array(_firsts(items))).select(["item", "value"])


def _median(counts: pa.Table) -> pa.Table:
    """The lower median of each item: a price that was really paid."""
    ordered = counts.sort_by([("item", "ascending"), ("value", "ascending")])
    items = ordered["item"].combine_chunks().dictionary_encode().indices.to_numpy()
    n, firsts = ordered["n"].to_numpy(), _firsts(items)
    up_to = np.cumsum(n)
    before = (up_to - n)[firsts][items] if len(items) else up_to
    total = np.bincount(items, n)[items] if len(items) else up_to
    in_upper_half = 2 * (up_to - before) >= total
    places = np.flatnonzero(in_upper_half)
    return ordered.take(pa.array(places[_firsts(items[places])])).select(["item", "value"])


def _firsts(codes: "np.ndarray[tuple[int], np.dtype[np.int32]]") -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    return np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]][: len(codes)])
