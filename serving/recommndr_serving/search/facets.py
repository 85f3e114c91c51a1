"""Categories, brands and prices of what a search found: what a shopper can narrow it by, with how many items each leaves."""

from dataclasses import dataclass

import numpy as np

from recommndr_engine.arrays import Rows
from recommndr_engine.filters import ItemFilters
from recommndr_engine.live_items import MAX_LEVELS, NO_CODE, ItemTable, LiveItems

_MAX_NAMES = 50  # categories and brands, each
_N_RANGES = 5  # of prices


@dataclass(frozen=True, slots=True)
class CategoryFacet:
    """A category below the searched one."""

    category: tuple[str, ...]  # the path from the root
    n_items: int


@dataclass(frozen=True, slots=True)
class BrandFacet:
    """A brand."""

    brand: str
    n_items: int


@dataclass(frozen=True, slots=True)
class PriceFacet:
    """A range of prices, both ends included; None: open."""

    price_min: int | None  # minor units
    price_max: int | None
    n_items: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The most frequent first; ranges of prices from low to high, with about as many items in each."""

    categories: list[CategoryFacet]
    brands: list[BrandFacet]
    prices: list[PriceFacet]


def categories(live: LiveItems, table: ItemTable, rows: Rows, filters: ItemFilters) -> list[CategoryFacet]:
    """The categories one level below that of the filters."""
    depth = len(filters.category)
    if depth == MAX_LEVELS:
        return []
    named = _named(table.categories[rows, depth], rows)
    items = [(live.item(row), n) for row, n in named]
    return [CategoryFacet(item.category_path[: depth + 1], n) for item, n in items if item is not None]


def brands(live: LiveItems, table: ItemTable, rows: Rows) -> list[BrandFacet]:
    """The brands."""
    items = [(live.item(row), n) for row, n in _named(table.brand[rows], rows)]
    return [BrandFacet(item.brand, n) for item, n in items if item is not None and item.brand is not None]


def prices(table: ItemTable, rows: Rows) -> list[PriceFacet]:
    """Ranges that part the prices of `rows` into about equally many, at round prices; none if all cost the same."""
    known = table.price_minor[rows].astype(np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return []
    edges = _rounded(np.quantile(known, np.arange(1, _N_RANGES) / _N_RANGES))
    edges = edges[(known.min() < edges) & (edges <= known.max())]
    if not len(edges):
        return []
    counts = np.bincount(np.searchsorted(edges, known, side="right"), minlength=len(edges) + 1).tolist()
    starts: list[int | None] = [None, *edges.astype(int).tolist()]
    ends = [*(edges.astype(int) - 1).tolist(), None]
    return [PriceFacet(start, end, n) for start, end, n in zip(starts, ends, counts, strict=True) if n]


def _named(codes: Rows, rows: Rows) -> list[tuple[int, int]]:
    """A row with each code, and how many rows have it: the most frequent codes first."""
    known = codes != NO_CODE
    codes, first, n = np.unique(codes[known], return_index=True, return_counts=True)
    order = np.lexsort((codes, -n))[:_MAX_NAMES]
    return list(zip(rows[known][first[order]].tolist(), n[order].tolist(), strict=True))


def _rounded(edges: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Edges at two digits, each once."""
    step = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(edges, 1.0))) - 1.0, 0.0)
    return np.unique(np.round(edges / step) * step)
