"""All input columns of the ranker, in order; each is declared next to its formula in one of the files of this folder.

Serving fills the columns that a bundle's manifest names, training fills all. Every column is float32; times are in days, counts
are decayed unless the name says otherwise. A new column is one decorated function; `add-a-feature.md` has the other steps.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from recommndr_engine.columns.affinity import AFFINITY, INTEREST_AFFINITY
from recommndr_engine.columns.column import Column, ColumnGroup
from recommndr_engine.columns.item import ITEM
from recommndr_engine.columns.item_counts import ITEM_COUNTS
from recommndr_engine.columns.moment import MOMENT
from recommndr_engine.columns.own import OWN
from recommndr_engine.columns.recent import RECENT
from recommndr_engine.columns.related import RELATED
from recommndr_engine.columns.request import Request
from recommndr_engine.columns.retriever_ranks import RETRIEVER_RANKS
from recommndr_engine.columns.retriever_scores import RETRIEVER_SCORES
from recommndr_engine.columns.shopper import SHOPPER
from recommndr_engine.ranker import Matrix

_GROUPS: tuple[ColumnGroup[Any], ...] = (
    OWN,
    RECENT,
    SHOPPER,
    ITEM_COUNTS,
    ITEM,
    AFFINITY,
    INTEREST_AFFINITY,
    RETRIEVER_SCORES,
    RETRIEVER_RANKS,
    RELATED,
    MOMENT,
)

COLUMNS: tuple[Column, ...] = tuple(column for group in _GROUPS for column in group.columns)
NAMES = tuple(column.name for column in COLUMNS)
_PLACES = {name: place for place, name in enumerate(NAMES)}
if len(_PLACES) != len(NAMES):
    raise ValueError(f"ranker columns declared twice: {sorted({name for name in NAMES if NAMES.count(name) > 1})}")


# Columns that counted purchases before they followed the tenant's target kind. Bundles of that time name them so, and their
# target is a purchase, so the values are the same.
_OLDER_NAMES = {
    "own_orders": "own_targets",
    "own_order_share": "own_target_share",
    **{f"shopper_orders_{which}": f"shopper_targets_{which}" for which in ("7d", "30d", "120d", "trend")},
    **{f"item_purchases_{half_life}": f"item_targets_{half_life}" for half_life in ("1d", "7d", "30d", "120d")},
    **{f"item_trend_{half_life}": f"item_targets_trend_{half_life}" for half_life in ("7d", "30d")},
}


class UnknownColumn(LookupError):
    """No column has this name; the message lists the columns."""


def place(name: str) -> int:
    """Index of a column in `COLUMNS`, by its name or an older one; raises `UnknownColumn`."""
    found = _PLACES.get(_OLDER_NAMES.get(name, name))
    if found is None:
        raise UnknownColumn(f"ranker column {name!r}: expected one of {', '.join(NAMES)}")
    return found


def named(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names, in their order; raises `UnknownColumn`."""
    return tuple(COLUMNS[place(name)] for name in names)


def fill(request: Request, columns: Sequence[Column] = COLUMNS) -> Matrix:
    """(n, len(columns)) float32, a row per candidate."""
    by_column = np.empty((len(columns), len(request.rows)), np.float32)  # a column lies in one piece while it is written
    facts: dict[int, Any] = {}
    for at, column in enumerate(columns):
        group = id(column.group)
        if group not in facts:
            facts[group] = column.group.facts(request)
        known = facts[group]
        by_column[at] = column.unknown if known is None else column.compute(known)
    return np.ascontiguousarray(by_column.T)
