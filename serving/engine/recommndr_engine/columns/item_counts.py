"""Columns of how often all shoppers did something with the candidate lately: the target kind, and views.

One column for each half-life of the item counters and for each trend between two neighbouring ones, so that shops that live by
the hour and shops that live by the season both find theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from recommndr.events import KIND_CODE
from recommndr.features.decay import HALF_LIFE_NAMES, decayed
from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.decayed import HALF_LIFE, trends
from recommndr_engine.columns.request import NAN, Floats, Request


@dataclass(frozen=True)
class ItemCounts:
    """(n, N_HALF_LIVES) decayed lines of the candidates, as of now."""

    request: Request

    @cached_property
    def targets(self) -> Floats:
        """Of the tenant's target kind."""
        return self._decayed(self.request.shopper.target)

    @cached_property
    def views(self) -> Floats:
        """Of views."""
        return self._decayed(KIND_CODE["view"])

    @cached_property
    def target_trends(self) -> Floats:
        """(n, N_HALF_LIVES - 1) of the target kind, each half-life but the last relative to the next."""
        return trends(self.targets)

    @cached_property
    def view_trends(self) -> Floats:
        """The same of views."""
        return trends(self.views)

    def _decayed(self, kind: int) -> Floats:
        table, live = self.request.table, self.request.live
        return decayed(table.at_s[live, kind], table.sums[live, kind], self.request.shopper.now_s)


ITEM_COUNTS = ColumnGroup(ItemCounts)


def _declare(name: str, what: str, counts: Callable[[ItemCounts], Floats], rises: Callable[[ItemCounts], Floats]) -> None:
    def count(half_life: str) -> Callable[[ItemCounts], Floats]:
        return lambda item: counts(item)[:, HALF_LIFE[half_life]]

    def rise(fast: str) -> Callable[[ItemCounts], Floats]:
        return lambda item: rises(item)[:, HALF_LIFE[fast]]

    for half_life in HALF_LIFE_NAMES:
        description = f"{what} of all shoppers, half-life {half_life}"
        ITEM_COUNTS.add(f"item_{name}_{half_life}", description, count(half_life))
    for fast, slow in pairwise(HALF_LIFE_NAMES):
        description = f"{what} at {fast} relative to {slow}; 1 = steady"
        ITEM_COUNTS.add(f"item_{name}_trend_{fast}", description, rise(fast), NAN)


_declare("targets", "Lines of the target kind (purchases)", lambda item: item.targets, lambda item: item.target_trends)
_declare("views", "Views", lambda item: item.views, lambda item: item.view_trends)
