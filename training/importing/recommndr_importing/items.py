"""Converts the rows of a shop's item table into the catalogue. Pure."""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing import columns
from recommndr_importing.columns import Flags
from recommndr_importing.mapping import Column, ItemsMapping, Time
from recommndr_importing.prices import read_prices
from recommndr_importing.times import instants
from recommndr_importing.verdicts import Verdicts
from recommndr_importing.words import lists

_MAX_CHARS = {"title": 512, "brand": 128, "image_url": 2048, "group_id": 128}
_MAX_LEVELS, _MAX_TAGS = 8, 64
_LISTS = {"category_path": _MAX_LEVELS, "tags": _MAX_TAGS}
Codes = npt.NDArray[np.int64]


class Catalogue(NamedTuple):
    """The items and rejects of an item table."""

    items: pa.Table  # each id once
    accepted: Flags  # (rows,)
    reasons: pa.Array  # of the rejected rows, in their order
    damaged: Flags  # (rows,) accepted ids that look damaged
    unpriced: Flags  # (rows,) accepted ones whose price or currency does not fit: without the item its sales would be lost


def convert(rows: pa.Table, mapping: ItemsMapping) -> Catalogue:
    """Convert rows into items of the catalogue.

    An item without a title has its id for one; text is cut to what a `CatalogItem` holds. Several rows of one item say it
    together, value by value, by `mapping.repeated`; what is empty says nothing. Raises `MissingColumn`.
    """
    verdicts = Verdicts(rows.num_rows)
    verdicts.apply(mapping.reject, rows, "items", mapping.file.decimal)
    name = columns.find(mapping.item_id.column, rows.column_names, "items.item_id", mapping.item_id.optional)
    found = columns.ids(rows[name].combine_chunks() if name else pa.nulls(rows.num_rows, pa.string()))
    item_ids = columns.renamed(found.ids, mapping.item_id.values)
    verdicts.reject(columns.flags(item_ids.is_null()), "item_id_missing")
    verdicts.reject(found.bad, "item_id_invalid")
    verdicts.reject(found.inexact, "item_id_inexact")
    items: dict[str, pa.Array] = {"item_id": item_ids}
    for field, max_chars in _MAX_CHARS.items():
        items[field] = pc.utf8_slice_codeunits(_words(rows, field, getattr(mapping, field)), 0, max_chars)
    for field, most in _LISTS.items():
        words = getattr(mapping, field)
        if words is not None:
            items[field] = lists(rows, words, f"items.{field}", most)
    prices = read_prices(rows, mapping.price, "items.price", mapping.file.decimal)
    items |= {"price_minor": prices.minor, "currency": prices.currency}
    for field in ("available_from", "available_until"):
        items[field] = _time(rows, field, getattr(mapping, field), mapping.file.decimal)
    taken = pa.table(items).filter(pa.array(verdicts.accepted)).combine_chunks()
    said = _said_together(taken, mapping.repeated)
    title = pc.coalesce(said["title"], said["item_id"])
    said = said.set_column(said.column_names.index("title"), "title", title)
    accepted = verdicts.accepted
    unpriced = (prices.bad | prices.bad_currency) & accepted
    return Catalogue(said, accepted, verdicts.reasons(), found.damaged & accepted, unpriced)


def _words(rows: pa.Table, field: str, column: Column | None) -> pa.Array:
    name = column and columns.find(column.column, rows.column_names, f"items.{field}", column.optional)
    if column is None or name is None:
        return pa.nulls(rows.num_rows, pa.string())
    said = rows[name].combine_chunks()
    if field == "group_id":
        return columns.renamed(columns.ids(said).ids, column.values)
    return columns.renamed(columns.text(said) if column.values is None else columns.codes(said), column.values)


def _time(rows: pa.Table, field: str, time: Time | None, point: str) -> pa.Array:
    name = time and columns.find(time.column, rows.column_names, f"items.{field}", time.optional)
    if time is None or name is None:
        return pa.nulls(rows.num_rows, pa.timestamp("us", tz="UTC"))
    return instants(rows[name].combine_chunks(), time, point)


def _said_together(rows: pa.Table, repeated: Literal["first", "last", "join"]) -> pa.Table:
    """Return one row per id, in the order in which the ids first occur."""
    encoded = rows["item_id"].combine_chunks().dictionary_encode()
    item, n = encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
    if n == rows.num_rows:
        return rows
    which = "last" if repeated == "last" else "first"
    said = {}
    for name in rows.column_names:
        column = rows[name].combine_chunks()
        if name == "tags" and repeated == "join":
            said[name] = _joined(column, item, n)
        elif name != "currency":
            said[name] = column.take(_speaking_row(column, item, n, which))
    if "price_minor" in said:  # Price and currency must come from the same row.
        said["currency"] = (
            rows["currency"].combine_chunks().take(_speaking_row(rows["price_minor"].combine_chunks(), item, n, which))
        )
    return pa.table(said).select(rows.column_names)


def _speaking_row(column: pa.Array, item: Codes, n: int, which: str) -> pa.Array:
    """Return each item's first or last row, (n,), with a value in a column; null for items without one."""
    speaks = column.is_valid()
    if pa.types.is_list(column.type):
        speaks = pc.greater(pc.list_value_length(column), 0)
    rows = np.flatnonzero(columns.flags(speaks))
    found = np.full(n, -1, np.int64)
    _, place = np.unique(item[rows] if which == "first" else item[rows[::-1]], return_index=True)
    chosen = rows[place] if which == "first" else rows[::-1][place]
    found[item[chosen]] = chosen
    return pa.array(found, mask=found < 0)


def _joined(column: pa.Array, item: Codes, n: int) -> pa.Array:
    """Return the distinct words of all rows of each item, in the order in which they occur."""
    of_item = item[pc.list_parent_indices(column).to_numpy()]
    words = column.flatten()
    codes = words.dictionary_encode().indices.to_numpy().astype(np.int64)
    _, first = np.unique(of_item * (codes.max(initial=0) + 1) + codes, return_index=True)
    kept = np.sort(first)
    kept = kept[np.argsort(of_item[kept], kind="stable")]
    counts = np.bincount(of_item[kept], minlength=n)
    starts = np.r_[0, np.cumsum(counts)]
    shown = np.arange(len(kept)) - np.repeat(starts[:-1], counts) < _MAX_TAGS
    offsets = np.r_[0, np.cumsum(np.minimum(counts, _MAX_TAGS))].astype(np.int32)
    return pa.ListArray.from_arrays(offsets, words.take(pa.array(kept[shown])))
