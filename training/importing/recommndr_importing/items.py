"""Rows of a shop's item table -> the catalogue. Pure."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing import columns
from recommndr_importing.columns import Flags
from recommndr_importing.mapping import Column, ItemsMapping, Time
from recommndr_importing.times import instants
from recommndr_importing.verdicts import Verdicts
from recommndr_importing.words import lists

_MAX_CHARS = {"title": 512, "brand": 128, "image_url": 2048, "group_id": 128}
_MAX_LEVELS, _MAX_TAGS = 8, 64


def convert(rows: pa.Table, mapping: ItemsMapping) -> tuple[pa.Table, Flags, pa.Array]:
    """Items of the catalogue, which rows (n,) were taken, and the reasons against the others, in their order.

    An item without a title has its id for one. Of rows with the same id the last one counts; text is cut to what a
    `CatalogItem` holds. Raises `MissingColumn`.
    """
    verdicts = Verdicts(rows.num_rows)
    verdicts.apply(mapping.reject, rows, "items")
    item_ids = _words(rows, "item_id", mapping.item_id)
    verdicts.reject(columns.flags(item_ids.is_null()), "item_id_missing")
    verdicts.reject(columns.bad_ids(item_ids), "item_id_invalid")
    items: dict[str, pa.Array] = {"item_id": item_ids}
    for field, max_chars in _MAX_CHARS.items():
        items[field] = pc.utf8_slice_codeunits(_words(rows, field, getattr(mapping, field)), 0, max_chars)
    items["title"] = pc.coalesce(items["title"], item_ids)
    for field, most in (("category_path", _MAX_LEVELS), ("tags", _MAX_TAGS)):
        words = getattr(mapping, field)
        if words is not None:
            items[field] = lists(rows, words, f"items.{field}", most)
    items |= _price(rows, mapping, verdicts)
    for field in ("available_from", "available_until"):
        items[field] = _time(rows, field, getattr(mapping, field))
    verdicts.reject(_overruled(item_ids, verdicts.accepted), "item_repeated")
    taken = pa.table(items).filter(pa.array(verdicts.accepted))
    return taken, verdicts.accepted, verdicts.reasons()


def _words(rows: pa.Table, field: str, column: Column | None) -> pa.Array:
    name = column and columns.find(column.column, rows.column_names, f"items.{field}", column.optional)
    if column is None or name is None:
        return pa.nulls(rows.num_rows, pa.string())
    return columns.renamed(columns.text(rows[name].combine_chunks()), column.values)


def _price(rows: pa.Table, mapping: ItemsMapping, verdicts: Verdicts) -> dict[str, pa.Array]:
    price = mapping.price
    name = price and columns.find(price.column, rows.column_names, "items.price", price.optional)
    if price is None or name is None:
        return {}
    minor, bad = columns.price_minor(rows[name].combine_chunks(), price.decimals)
    verdicts.reject(bad, "price_invalid")
    currency = pc.if_else(minor.is_valid(), pa.scalar(price.currency), pa.scalar(None, pa.string()))
    return {"price_minor": minor, "currency": currency}


def _time(rows: pa.Table, field: str, time: Time | None) -> pa.Array:
    name = time and columns.find(time.column, rows.column_names, f"items.{field}", time.optional)
    if time is None or name is None:
        return pa.nulls(rows.num_rows, pa.timestamp("us", tz="UTC"))
    return instants(rows[name].combine_chunks(), time)


def _overruled(item_ids: pa.Array, accepted: Flags) -> Flags:
    """Accepted rows after which another accepted one has the same id."""
    candidates = np.flatnonzero(accepted)[::-1]
    codes = item_ids.fill_null("").dictionary_encode().indices.to_numpy()[candidates]
    _, last = np.unique(codes, return_index=True)
    overruled = accepted.copy()
    overruled[candidates[last]] = False
    return overruled
