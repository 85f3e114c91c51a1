"""The request of one list, without the shopper."""

from dataclasses import dataclass
from typing import Literal

from recommndr.list_scope import Scope
from recommndr_engine.filters import NO_FILTERS, ItemFilters

SimilarBy = Literal["als", "neighbours", "blend"]


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The length of the list, and which items may be in it."""

    k: int = 10
    scope: Scope = "mixed"
    exclude: tuple[str, ...] = ()  # item ids
    filters: ItemFilters = NO_FILTERS
