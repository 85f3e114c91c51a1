"""Builds a catalogue from an event log, for shops without an item table."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing.columns import find, ids, numbers, text
from recommndr_importing.mapping import Column, ItemsMapping, Time, Words
from recommndr_importing.prices import currencies

_BETWEEN = "\x1f"  # ids never contain it
_MAX_ROWS = 2_000_000  # pairs (item, value) held before they are summed


class _Counts:
    """Counts how often each item had each value."""

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []

    def add(self, item: pa.Array, value: pa.Array) -> None:
        pairs = pa.table({"item": item, "value": value, "n": np.ones(len(item), np.int64)}).drop_null()
        self._parts.append(_summed(pairs))
        if sum(part.num_rows for part in self._parts) > _MAX_ROWS:
            self._parts = [self.total()]

    def total(self) -> pa.Table:
        """Return a table of item, value and n."""
        return _summed(pa.concat_tables(self._parts))


def _summed(pairs: pa.Table) -> pa.Table:
    return pairs.group_by(["item", "value"]).aggregate([("n", "sum")]).rename_columns(["item", "value", "n"])


class ItemsSeen:
    """Collects the items of accepted rows. Memory holds each distinct pair of item and value once.

    Of words the most frequent value counts (the first by alphabet of equals), of prices the median of those in the item's most
    frequent currency.
    """

    def __init__(self, mapping: ItemsMapping) -> None:
        self._mapping = mapping
        self._item = mapping.item_id.column[0]
        self._price = mapping.price.column[0] if mapping.price else None
        self._words = {names[0]: _Counts() for names, _ in _word_columns(mapping) if names[0] not in (self._item, self._price)}
        self._prices, self._items = _Counts(), _Counts()

    def add(self, rows: pa.Table) -> None:
        """Count accepted rows of the log. Files may use different names of a column."""
        there, mapping = rows.column_names, self._mapping
        item = ids(rows[find(mapping.item_id.column, there, "items.item_id", optional=False)].combine_chunks()).ids
        self._items.add(item, item)
        for names, optional in _word_columns(mapping):
            name = find(names, there, "items", optional)
            if name is not None and names[0] in self._words:
                self._words[names[0]].add(item, text(rows[name].combine_chunks()))
        price = mapping.price
        priced = price and find(price.column, there, "items.price", price.optional)
        if price and priced:
            values, _ = numbers(rows[priced].combine_chunks(), mapping.file.decimal)
            currency = currencies(rows, price.currency, "items.price")
            self._prices.add(pc.binary_join_element_wise(item, currency, _BETWEEN), pa.array(values, mask=np.isnan(values)))

    def table(self) -> pa.Table:
        """Return one row per item, ordered by id; each column has the first name that the mapping gives it."""
        found = self._items.total().select(["item"]).rename_columns([self._item])
        for name, counts in self._words.items():
            found = found.join(_most_frequent(counts.total()).rename_columns([self._item, name]), self._item)
        if self._price:
            found = found.join(self._usual_prices().rename_columns([self._item, self._price]), self._item)
        return found.sort_by(self._item)

    def _usual_prices(self) -> pa.Table:
        """Return a table of item and price."""
        counts = self._prices.total()
        split = pc.split_pattern(counts["item"], _BETWEEN)
        item, currency = pc.list_element(split, 0), pc.list_element(split, 1)
        of_item = pa.table({"item": item, "value": currency, "n": counts["n"]})
        usual = _most_frequent(_summed(of_item))
        keys = pc.binary_join_element_wise(usual["item"], usual["value"], _BETWEEN)
        median = _median(counts.filter(pc.is_in(counts["item"], keys)))
        return pa.table({"item": pc.list_element(pc.split_pattern(median["item"], _BETWEEN), 0), "value": median["value"]})


def _word_columns(mapping: ItemsMapping) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Return the names of each column of words, and whether a file may lack it."""
    for field in ItemsMapping.model_fields:
        said = getattr(mapping, field)
        if isinstance(said, Words) and said.columns:
            yield from (((name,), said.optional) for name in said.columns)
        elif isinstance(said, Column | Words | Time):
            yield said.column or (), said.optional
    if mapping.price and mapping.price.currency.column:
        yield mapping.price.currency.column, mapping.price.optional


def _most_frequent(counts: pa.Table) -> pa.Table:
    ordered = counts.sort_by([("item", "ascending"), ("n", "descending"), ("value", "ascending")])
    items = ordered["item"].combine_chunks().dictionary_encode().indices.to_numpy()
    return ordered.take(pa.array(_firsts(items))).select(["item", "value"])


def _median(counts: pa.Table) -> pa.Table:
    """Return the lower median of each item, which is a price that somebody paid."""
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
