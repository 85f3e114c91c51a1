"""A planted world with the ids of its items and shoppers, built once for all visits."""

import numpy as np

from recommndr_simulation.arrays import Floats, Ints
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.titles import item_ids, user_ids
from recommndr_simulation.world import World

NOT_OURS = -1
# Added utility: most for the leaf the shopper came for, then for its complements, then for favourites; others get little
# attention.
_BESIDE_LOGIT, _FAVOURITE_LOGIT, _ELSEWHERE_LOGIT = -1.0, -1.5, -3.0


class Market:
    """Catalogue rows by item id, and the interest of a shopper who came for one leaf category."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.item_ids: list[str] = item_ids(world.catalogue).to_pylist()
        self._row_of = {item_id: row for row, item_id in enumerate(self.item_ids)}
        self._user_ids = user_ids(world.shoppers.n_shoppers)

    def user_id(self, shopper: int) -> str:
        """The id of a shopper of the log."""
        name: str = self._user_ids[shopper].as_py()
        return name

    def rows(self, item_ids: tuple[str, ...]) -> Ints:
        """Catalogue rows; `NOT_OURS` for items that are not in the planted catalogue."""
        return np.array([self._row_of.get(item_id, NOT_OURS) for item_id in item_ids], np.int64)

    def interest(self, who: Shoppers, leaf: int, items: Ints) -> Floats:
        """(1, C) utility that the leaf category adds to `items` (C,) for one shopper who came for `leaf`."""
        goods = self.world.catalogue
        of_items = goods.leaf[items]
        drawn = np.where(np.isin(of_items, who.favourite_leaves[0]), _FAVOURITE_LOGIT, _ELSEWHERE_LOGIT)
        drawn = np.where(np.isin(of_items, goods.leaf_complements[leaf]), np.maximum(drawn, _BESIDE_LOGIT), drawn)
        added: Floats = np.where(of_items == leaf, 0.0, drawn).astype(np.float32)[None, :]
        return added
