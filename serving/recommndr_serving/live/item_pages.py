"""Pages of a tenant's catalogue in the order of item ids."""

from bisect import bisect_right
from dataclasses import dataclass

from recommndr.catalog import CatalogItem
from recommndr_engine.filters import ItemFilters
from recommndr_engine.live_items import LiveItems
from recommndr_serving.live.id_order import IdOrder


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and whether there are more."""

    items: list[CatalogItem]
    more: bool


class ItemPages:
    """Pages over one live item table. A call takes milliseconds on a large catalogue: make it off the event loop."""

    def __init__(self, live: LiveItems, order: IdOrder) -> None:
        self._live, self._order = live, order

    def page(self, filters: ItemFilters, after_id: str, limit: int, now_s: float) -> Page:
        """At most `limit` items after `after_id` that pass and are in stock."""
        ids, rows = self._order.current()
        table = self._live.table
        passing = filters.mask(self._live, table)
        left = rows[bisect_right(ids, after_id) :]
        left = left[passing[left] & table.shown(left, now_s)]
        items = [item for row in left[: limit + 1].tolist() if (item := self._live.item(row)) is not None]
        return Page(items[:limit], len(items) > limit)
