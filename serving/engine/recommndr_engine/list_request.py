"""The request of one list, without the shopper."""

from dataclasses import dataclass
from typing import Literal

from recommndr.list_scope import Scope
from recommndr_engine.filters import NO_FILTERS, ItemFilters
from recommndr_engine.variety import ANY, Variety

SimilarBy = Literal["als", "neighbours", "blend"]


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The length of the list, which items may be in it, and how much alike they may be."""

    k: int = 10
    scope: Scope = "mixed"
    exclude: tuple[str, ...] = ()  # item ids
    filters: ItemFilters = NO_FILTERS
    variety: Variety = ANY
