"""Finds items by the words of a query and orders them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Literal

import numpy as np

from recommndr.catalog import CatalogItem
from recommndr.features.decay import HALF_LIFE_NAMES, HALF_LIVES_S, FloatArray
from recommndr_engine.arrays import Rows
from recommndr_engine.filters import NO_FILTERS, ItemFilters
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import ItemTable, LiveItems
from recommndr_engine.live_sums import LiveCounts
from recommndr_serving.live.id_order import IdOrder
from recommndr_serving.search import facets
from recommndr_serving.search.facets import Facets
from recommndr_serving.search.word_index import Costs, WordIndex
from recommndr_serving.search.words import words

Sort = Literal["relevance", "popularity", "price_up", "price_down"]
Matched = Literal["all", "some", "none"]

_HALF_LIFE_S = HALF_LIVES_S[HALF_LIFE_NAMES.index("7d")]  # of popularity: what is sold this week, not only today
_MAX_WORDS = 10
_UNMATCHED = np.uint8(255)


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """A search."""

    text: str = ""  # empty: all items
    filters: ItemFilters = NO_FILTERS
    sort: Sort = "relevance"
    limit: int = 20
    after: tuple[int, str] | None = None  # how many items earlier pages had, and the id of the last
    with_facets: bool = False
    blocked: Rows = field(default_factory=lambda: np.zeros(0, np.int32))  # live rows that are not found


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found."""

    items: list[CatalogItem]
    total: int  # of all pages
    matched: Matched | None  # how many words of the query the items have; some: no item has all; None: no words
    n_before: int  # items of all pages up to this one
    facets: Facets | None

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self.n_before < self.total


class CatalogueSearch:
    """Search over one live item table. A call takes milliseconds, the first one more: make it off the event loop."""

    def __init__(self, live: LiveItems, order: IdOrder, kind_weights: FloatArray) -> None:
        self._live, self._order, self._kind_weights = live, order, kind_weights
        self._counts = LiveCounts(_HALF_LIFE_S)
        self._indexing = Lock()
        self._index = WordIndex()
        self._indexed: list[CatalogItem | None] = []  # by live row
        self._n_changes = -1

    def find(self, searched: Searched, now_s: float) -> Found:
        """The page; items that are not in stock are never found."""
        wanted = words(searched.text)[:_MAX_WORDS]
        rows = self._order.current()[1]  # items that are equal in all else stay in this order
        table = self._live.table
        rows = rows[table.shown(rows, now_s)]
        if len(searched.blocked):
            rows = rows[~np.isin(rows, searched.blocked)]
        matched: Matched | None = None
        costs = np.zeros(len(table), np.uint8)
        if wanted:
            matched, costs = self._matched(wanted, len(table), rows)
            rows = rows[costs[rows] < _UNMATCHED]
        passing = rows[searched.filters.mask(self._live, table)[rows]]
        ordered = self._ordered(passing, costs, searched.sort, table, now_s)
        start = self._start(ordered, searched.after)
        page = ordered[start : start + searched.limit]
        items = [item for row in page.tolist() if (item := self._live.item(row)) is not None]
        n_before = start + len(page)
        narrowing = self._facets(table, rows, passing, searched.filters) if searched.with_facets else None
        return Found(items, len(passing), matched, n_before, narrowing)

    def _matched(self, wanted: Sequence[str], n_rows: int, shown: Rows) -> tuple[Matched, Costs]:
        """(n_rows,) what the words cost in each row; `_UNMATCHED` where they are not.

        If no row has all words, the rows count that have the most of them, and at least half: one word of many says little.
        """
        costs = np.full((len(wanted), n_rows), _UNMATCHED, np.uint8)
        with self._indexing:
            self._update()
            for place, word in enumerate(wanted):
                found = self._index.matches(word, is_last=place == len(wanted) - 1)
                known = found.rows < n_rows
                costs[place, found.rows[known]] = found.costs[known]
        n_found = (costs != _UNMATCHED).sum(axis=0, dtype=np.uint8)
        n_most = int(n_found[shown].max(initial=0))
        if 2 * n_most < len(wanted):
            n_most = 0
        total = np.where(costs == _UNMATCHED, 0, costs).sum(axis=0, dtype=np.uint8)
        total[(n_found < n_most) | (n_most == 0)] = _UNMATCHED
        return "all" if n_most == len(wanted) else "some" if n_most else "none", total

    def _update(self) -> None:
        """Index the items that changed since the last search."""
        n_changes = self._live.n_changes
        if n_changes == self._n_changes:
            return
        n_rows, before = len(self._live), self._indexed
        items = [self._live.item(row) for row in range(n_rows)]
        before += [None] * (n_rows - len(before))
        self._index.update({row: item for row, item in enumerate(items) if _differs(item, before[row])})
        self._indexed, self._n_changes = items, n_changes

    def _ordered(self, rows: Rows, costs: Costs, sort: Sort, table: ItemTable, now_s: float) -> Rows:
        by_sales = -self._popularity(rows, table, now_s)
        if sort == "relevance":
            return rows[np.lexsort((by_sales, costs[rows]))]
        if sort == "popularity":
            return rows[np.argsort(by_sales, kind="stable")]
        prices = table.price_minor[rows] if sort == "price_up" else -table.price_minor[rows]
        return rows[np.lexsort((by_sales, prices))]  # NaN sorts last: items without a price

    def _popularity(self, rows: Rows, table: ItemTable, now_s: float) -> FloatArray:
        view = ItemView(table, np.arange(len(table), dtype=np.int32), self._live.n_feature_changes, self._live.changed_since)
        return self._counts.current(view, self._kind_weights, now_s).as_of(now_s, rows)

    def _start(self, ordered: Rows, after: tuple[int, str] | None) -> int:
        """Where the page begins: behind the last item of the page before, where that is now."""
        if after is None:
            return 0
        n_before, last_id = after
        place = np.flatnonzero(ordered == self._live.rows_of([last_id])[0])
        return int(place[0]) + 1 if len(place) else n_before

    def _facets(self, table: ItemTable, found: Rows, passing: Rows, filters: ItemFilters) -> Facets:
        """Brands and prices count what would be found without the choice of a brand or a price."""
        any_brand = found[replace(filters, brand=None).mask(self._live, table)[found]]
        any_price = found[replace(filters, price_min=None, price_max=None).mask(self._live, table)[found]]
        return Facets(
            facets.categories(self._live, table, passing, filters),
            facets.brands(self._live, table, any_brand),
            facets.prices(table, any_price),
        )


def _differs(item: CatalogItem | None, indexed: CatalogItem | None) -> bool:
    """Whether the index has to change: most changes of a catalogue are prices, which it does not hold."""
    if item is indexed:
        return False
    if item is None or indexed is None:
        return True
    return (item.title, item.brand, item.category_path, item.tags) != (
        indexed.title,
        indexed.brand,
        indexed.category_path,
        indexed.tags,
    )
