"""The request of one list, without the shopper."""

from dataclasses import dataclass, field
from typing import Literal

from recommndr.list_scope import Scope
from recommndr_engine.filters import NO_FILTERS, ItemFilters
from recommndr_engine.rules_in_force import NO_RULES, RulesInForce
from recommndr_engine.variety import ANY, Variety

SimilarBy = Literal["als", "neighbours", "blend"]


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The length of the list, which items may be in it, how much alike they may be, and the shop's rules."""

    k: int = 10
    scope: Scope = "mixed"
    exclude: tuple[str, ...] = ()  # item ids
    filters: ItemFilters = NO_FILTERS
    variety: Variety = ANY
    rules: RulesInForce = field(default=NO_RULES, compare=False)  # the shop's
    list_name: str = "recommend"  # by which rules name it
