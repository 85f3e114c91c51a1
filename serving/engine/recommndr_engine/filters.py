"""Which items may be in a list: a request's filters as a mask over the live item table."""

from dataclasses import dataclass

import numpy as np

from recommndr_engine.arrays import Mask
from recommndr_engine.live_items import ItemTable, LiveItems


@dataclass(frozen=True, slots=True)
class ItemFilters:
    """Conditions on an item; a field that is None sets no condition. An item without a price is in no price range."""

    category: tuple[str, ...] = ()  # the item's category path begins with these names, root first
    brand: str | None = None
    price_min: int | None = None  # minor units, both ends included
    price_max: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every item passes."""
        return self == NO_FILTERS

    def mask(self, live: LiveItems, table: ItemTable) -> Mask:
        """(len(table),) bool by live row."""
        mask = np.ones(len(table), np.bool_)
        if self.category:
            code = live.category_codes.find(self.category)
            mask &= False if code is None else table.categories[:, len(self.category) - 1] == code
        if self.brand is not None:
            code = live.brand_codes.find(self.brand)
            mask &= False if code is None else table.brand == code
        if self.price_min is not None:
            mask &= table.price_minor >= self.price_min
        if self.price_max is not None:
            mask &= table.price_minor <= self.price_max
        return mask


NO_FILTERS = ItemFilters()
