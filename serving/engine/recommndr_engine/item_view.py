"""The live item table as one request reads it, in the rows of one bundle."""

from collections.abc import Callable
from dataclasses import dataclass

from recommndr_engine.arrays import Rows
from recommndr_engine.live_items import ItemTable


def _perhaps_all(n_feature_changes: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class ItemView:
    """The arrays that were published when the request began; later growth of the table does not change them."""

    table: ItemTable
    rows: Rows  # (n_items,) bundle row -> live row; every bundle row has one
    n_feature_changes: int  # of the table, so that values computed from its features can be kept until the next change
    # Bundle rows whose features changed after that number of changes; None: perhaps all.
    changed_since: Callable[[int], Rows | None] = _perhaps_all
    n_catalogue_changes: int = 0  # of the table, and of availability
