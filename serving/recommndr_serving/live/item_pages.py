"""Pages of a tenant's catalogue in the order of item ids; both slots share this order, so a cursor works on either."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import numpy as np

from recommndr.catalog import CatalogItem
from recommndr_engine.arrays import Mask, Rows
from recommndr_engine.filters import ItemFilters
from recommndr_engine.live_items import LiveItems


@dataclass(frozen=True, slots=True)
class Page:
    """Some items and the start of the next page; None on the last page."""

    items: list[CatalogItem]
    next_cursor: str | None


def to_cursor(item_id: str) -> str:
    """The cursor of the page that begins after `item_id`.

    >>> from_cursor(to_cursor("a|ü"))
    'a|ü'
    """
    return base64.urlsafe_b64encode(item_id.encode()).rstrip(b"=").decode()


def from_cursor(cursor: str) -> str:
    """Inverse of `to_cursor`; raises `ValueError` for anything else."""
    try:
        return base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as cause:
        raise ValueError(f"cursor {cursor!r}: expected next_cursor of the page before") from cause


class ItemPages:
    """Pages over one live item table. A call takes milliseconds on a large catalogue: make it off the event loop."""

    def __init__(self, live: LiveItems) -> None:
        self._live = live
        self._updating = Lock()
        self._ids: list[str] = []  # sorted
        self._rows = np.zeros(0, np.int32)  # parallel
        self._indexed: Mask = np.zeros(0, np.bool_)  # by live row

    def page(self, filters: ItemFilters, words: str, after_id: str, limit: int, now_s: float) -> Page:
        """At most `limit` items after `after_id` that pass and are in stock; each of `words` starts a word of the title."""
        ids, rows = self._order()
        table = self._live.table
        passing = filters.mask(self._live, table)
        left = rows[bisect_right(ids, after_id) :]
        left = left[passing[left] & table.shown(left, now_s)]
        found: list[CatalogItem] = []
        for item in self._matching(left, words.casefold().split()):
            if len(found) == limit:
                return Page(found, to_cursor(found[-1].item_id))
            found.append(item)
        return Page(found, None)

    def _matching(self, rows: Rows, words: list[str]) -> Iterator[CatalogItem]:
        for row in rows.tolist():
            item = self._live.item(row)
            if item is not None and (not words or _has_all(item.title, words)):
                yield item

    def _order(self) -> tuple[list[str], Rows]:
        with self._updating:
            catalogued = self._live.table.catalogued
            grown = np.zeros(len(catalogued), np.bool_)
            grown[: len(self._indexed)] = self._indexed
            self._indexed = grown
            new = [
                (item.item_id, row) for row in np.flatnonzero(catalogued & ~grown).tolist() if (item := self._live.item(row))
            ]
            if new:
                # Nearly sorted already: the sort is little more than a pass.
                pairs = sorted([*zip(self._ids, self._rows.tolist(), strict=True), *new])
                self._ids = [item_id for item_id, _ in pairs]
                self._rows = np.array([row for _, row in pairs], np.int32)
                self._indexed[[row for _, row in new]] = True
            return self._ids, self._rows


def _has_all(title: str, words: list[str]) -> bool:
    folded = f" {title.casefold()}"
    return all(f" {word}" in folded for word in words)
